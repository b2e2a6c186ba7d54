"""Reports put together from sentences of `structured_report` and others, as hypothesis draws them."""

from hypothesis import strategies as st

from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.impression import make_impression
from clinicalblip.structured_report.phrasings import APPLICABLE, NORMAL, combinations, phrase

_FINDINGS = {
    name: [each for each in combinations(name) if each.certainty is not Certainty.ABSENT][::7] for name in APPLICABLE
}
_OTHERS = (
    "The lungs are clear.",
    "Heart size and mediastinal contours are within normal limits.",
    "No focal consolidation, pleural effusion, or pneumothorax.",
    "Visualized osseous structures are intact.",
    "There are degenerative changes of the spine.",
    "XXXX are unremarkable.",
    *NORMAL.values(),
)
_IMPRESSIONS = ("", "No acute cardiopulmonary abnormality.", "1. No acute disease.", "Normal chest.")


@st.composite
def composed_reports(draw: st.DrawFn) -> Report:
    """One to six sentences with none to three findings, and an impression that fits them or is empty."""
    names = draw(st.lists(st.sampled_from(sorted(_FINDINGS)), unique=True, max_size=3))
    said: list[Finding] = [draw(st.sampled_from(_FINDINGS[name])) for name in names]
    sentences = [phrase(finding) for finding in said]
    sentences += draw(st.lists(st.sampled_from(_OTHERS), unique=True, min_size=0 if said else 1, max_size=3))
    sentences = draw(st.permutations(sentences))
    impression = draw(st.sampled_from(("", make_impression(said)) if said else _IMPRESSIONS))
    return Report(draw(st.sampled_from((" ", "\n"))).join(sentences), impression)
