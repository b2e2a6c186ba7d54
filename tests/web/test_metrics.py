"""What is counted has labels of a few words that stand in the code."""

from hypothesis import given
from hypothesis import strategies as st

from clinicalblip import errors
from clinicalblip.errors import ClinicalBlipError, OverLimit, UnreadableRadiograph
from clinicalblip.web.handlers import DraftDropped
from clinicalblip.web.metrics import REGISTRY, Outcome, count_draft, refusal_kind

FAMILY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ClinicalBlipError)]


@given(kind=st.sampled_from([each for each in FAMILY if each is not OverLimit]), message=st.text())
def test_the_kind_of_an_error_does_not_follow_from_its_message(kind: type[ClinicalBlipError], message: str) -> None:
    """Nor does that of an error of somebody else, or of one of ours that is no name of the family."""
    assert refusal_kind(kind(message)) == refusal_kind(kind("another"))
    assert refusal_kind(kind(message)).replace("_", "") == kind.__name__.lower()
    name = message.replace("\0", "") or "x"  # a type's name has no null character
    assert refusal_kind(ValueError(message)) == refusal_kind(type(name, (Exception,), {})()) == "unexpected"
    assert refusal_kind(DraftDropped(message)) == "clinical_blip_error"


def test_kinds_read_as_words() -> None:
    """As Prometheus has them."""
    assert refusal_kind(UnreadableRadiograph("x")) == "unreadable_radiograph"
    assert refusal_kind(OverLimit("x", "drafts_per_minute", 3)) == "over_drafts_per_minute"


def test_only_drafts_that_are_kept_have_tokens_and_seconds() -> None:
    """One that failed is counted as that alone."""

    def read() -> list[float]:
        names = ("clinicalblip_tokens_total", "clinicalblip_draft_seconds_count")
        values = [REGISTRY.get_sample_value(name) for name in names]
        values += [REGISTRY.get_sample_value("clinicalblip_drafts_total", {"outcome": each}) for each in Outcome]
        return [value or 0.0 for value in values]

    before = read()
    count_draft(Outcome.FAILED)
    count_draft(Outcome.STOPPED, tokens=7, seconds=0.5)
    grown = [after - first for after, first in zip(read(), before, strict=True)]
    assert grown == [7, 1, *(float(each in (Outcome.FAILED, Outcome.STOPPED)) for each in Outcome)]
