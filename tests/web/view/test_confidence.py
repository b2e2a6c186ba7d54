"""How sure the model is of a draft, as the page shows it."""

from dataclasses import replace

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import ScoreSettings
from clinicalblip.web import wording
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.view.confidence import confidence_marks, confidence_offers
from tests.fixtures.scripted_reporter import ScriptedReporter

LIMITS = ScoreSettings(likely=0.5, unlikely=0.1)
SCORES = {
    Observation.PLEURAL_EFFUSION: 0.07,
    Observation.PNEUMOTHORAX: 0.02,
    Observation.CARDIOMEGALY: 0.3,
    Observation.ATELECTASIS: 0.71,
}
REPORT = Report("Small left effusion. Clear bones. The heart is large.", "No effusion or pneumothorax.")


def finished(scores: dict[Observation, float] | None) -> FinishedDraft:
    """A draft with what the model gives for its films."""
    (draft,) = ScriptedReporter().draft_many([((), ClinicalContext())])
    return FinishedDraft(replace(draft, report=REPORT), ClinicalContext(), {FilmRole.FRONTAL: "f"}, scores=scores)


def test_each_sentence_that_names_a_scored_finding_has_a_mark() -> None:
    """A shape and words say the step, not a colour; of a finding the figure, of several each with its figure."""
    marks = confidence_marks(finished(SCORES), LIMITS)
    heart = REPORT.findings.index("The heart")
    assert list(marks) == ["findings:0", f"findings:{heart}", "impression:0"]
    steps = {key: [step for step in "123" if f'data-step="{step}"' in mark] for key, mark in marks.items()}
    assert list(steps.values()) == [["1"], ["2"], ["3"]]
    assert 'aria-label="The model doubts this: pleural effusion, 0.07"' in marks["findings:0"]
    assert "<small>0.30</small>" in marks[f"findings:{heart}"]
    assert "<small>no pleural effusion, 0.93; no pneumothorax, 0.98</small>" in marks["impression:0"]
    assert all(mark.count("<rect") == 3 and 'role="img"' in mark for mark in marks.values())


def test_what_is_likely_and_what_is_doubted_stands_below_the_draft() -> None:
    """As long as the reader's report does not say it, or still does; nothing where there is nothing."""
    offers = confidence_offers(finished(SCORES), REPORT, LIMITS)
    assert "<li>Not mentioned: atelectasis, 0.71</li><li>Doubted: pleural effusion, 0.07</li>" in offers
    assert wording.MODEL_OFFERS_NOTE in offers
    assert confidence_offers(finished(SCORES), Report("No atelectasis. No effusion."), LIMITS) == ""


def test_without_scores_nothing_is_said() -> None:
    """None yet, or none at all."""
    for scores in (None, {}):
        assert confidence_marks(finished(scores), LIMITS) == {}
        assert confidence_offers(finished(scores), REPORT, LIMITS) == ""
