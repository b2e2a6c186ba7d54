"""A review refuses what cannot be."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from clinicalblip.radiology.check_outcome import Check, CheckOutcome
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, ReportError
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.radiology.sentence_review import SentenceFate, SentenceReview

_IDENTITY = ModelIdentity("base", "b" * 64, None, None, "fp32", "it fits", "cpu", "1")
_DRAFT = Draft(
    Report("Clear."), "prompt", ("f" * 64,), _IDENTITY, GenerationOptions(220), seed=0, tokens=2, seconds=0.1
)


def _review(**changes: Any) -> Review:
    values: dict[str, Any] = {
        "draft": _DRAFT,
        "verdict": Verdict.ACCEPTED,
        "overall": 5,
        "created": datetime(2026, 11, 24, tzinfo=UTC),
        "words_added": 0,
        "words_removed": 0,
        "editing_seconds": 0.0,
    }
    return Review(**values | changes)


def test_without_being_told_there_is_no_consent() -> None:
    """Texts are kept only when they are given, and nothing is replaced."""
    review = _review()
    assert (review.texts, review.replaces) == (None, None)


@pytest.mark.parametrize("overall", [1, 2, 3, 4, 5])
def test_ratings_go_from_one_to_five(overall: int) -> None:
    """All five are taken."""
    assert _review(overall=overall).overall == overall


def test_a_rating_need_not_be_given() -> None:
    """Only the decision is asked for."""
    assert _review(overall=None).overall is None


@pytest.mark.parametrize("overall", [0, 6, -1, 4.5, float("nan")])
def test_other_ratings_are_refused(overall: float) -> None:
    """Nothing outside, nothing between."""
    with pytest.raises(ValueError, match="1 to 5"):
        _review(overall=overall)


def test_a_time_without_a_zone_is_refused() -> None:
    """When a review was made is not for guessing."""
    with pytest.raises(ValueError, match="time zone"):
        _review(created=datetime(2026, 11, 24))


def test_a_time_of_any_zone_is_taken() -> None:
    """What counts is the instant."""
    created = datetime(2026, 11, 24, 9, tzinfo=timezone(timedelta(hours=1)))
    assert _review(created=created).created == datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize("name", ["words_added", "words_removed", "style_edits", "content_edits", "editing_seconds"])
def test_negative_counts_and_times_are_refused(name: str) -> None:
    """An edit takes no negative time and adds no negative words."""
    with pytest.raises(ValueError, match="not negative"):
        _review(**{name: -1})


def test_verdicts_have_stable_names() -> None:
    """They stand in stored reviews: another spelling would make old ones unreadable."""
    assert [str(verdict) for verdict in Verdict] == ["accepted", "minor edits", "major edits", "rejected"]


def test_what_is_no_number_is_refused() -> None:
    """A time that is not a number, or a rating that is not whole, would be stored as something else."""
    with pytest.raises(ValueError, match="finite"):
        _review(editing_seconds=float("nan"))
    with pytest.raises(ValueError, match="whole number"):
        _review(overall=3.0)


def _sentence(start: int, end: int, section: Section = Section.FINDINGS, final_end: int = 1) -> SentenceReview:
    return SentenceReview(section, start, end, SentenceFate.KEPT, 0, final_end)


def _error(category: ErrorCategory, start: int = 0, end: int = 6) -> ReportError:
    return ReportError(category, Section.FINDINGS, start, end, ErrorOrigin.BY_HAND, ErrorState.CONFIRMED)


def test_places_in_the_draft_end_where_its_text_does() -> None:
    """The last character is one, the next is none, and a section without text has none."""
    whole = _sentence(0, len("Clear."))
    assert _review(sentences=(whole,), errors=(_error(ErrorCategory.LOCATION),)).sentences == (whole,)
    with pytest.raises(ValueError, match="a span ends at 7, and section findings of the draft ends at 6"):
        _review(sentences=(_sentence(0, 7),))
    with pytest.raises(ValueError, match="a span ends at 9, and section findings of the draft ends at 6"):
        _review(errors=(_error(ErrorCategory.LOCATION, 3, 9),))
    with pytest.raises(ValueError, match="section impression of the draft ends at 0"):
        _review(sentences=(_sentence(0, 1, Section.IMPRESSION),))


def test_places_in_the_final_report_end_where_its_text_does() -> None:
    """Where that text is kept; without consent nobody can tell."""
    texts = ReviewTexts(ClinicalContext(), _DRAFT.report, Report("Clear"), Report())
    sentence = _sentence(0, 6, final_end=6)
    assert _review(sentences=(sentence,)).texts is None
    with pytest.raises(ValueError, match="section findings of the final report ends at 5"):
        _review(sentences=(sentence,), texts=texts)


def test_sentences_of_a_draft_do_not_overlap() -> None:
    """They may touch, and come in any order."""
    assert len(_review(sentences=(_sentence(3, 6), _sentence(0, 3))).sentences) == 2
    with pytest.raises(ValueError, match="do not overlap"):
        _review(sentences=(_sentence(3, 6), _sentence(0, 4)))


def test_a_passage_may_have_two_errors_of_two_categories() -> None:
    """Wrong side and wrong degree are two; the wrong side twice is one."""
    side, degree = _error(ErrorCategory.LOCATION), _error(ErrorCategory.SEVERITY)
    assert _review(errors=(side, degree)).errors == (side, degree)
    with pytest.raises(ValueError, match="one error of the category location"):
        _review(errors=(side, degree, side))


def test_several_findings_may_be_missing() -> None:
    """They have no passage in which they could be the same."""
    missing = ReportError(ErrorCategory.MISSING_FINDING, None, None, None, ErrorOrigin.BY_HAND, ErrorState.CONFIRMED)
    assert len(_review(errors=(missing, missing)).errors) == 2


def test_a_check_has_one_outcome() -> None:
    """How often it was shown is in its count."""
    outcome = CheckOutcome(Check.SIDE_CONFLICT, 1, 0)
    with pytest.raises(ValueError, match="one outcome"):
        _review(checks=(outcome, outcome))


def test_a_reading_times_every_sentence_or_none() -> None:
    """A time belongs to the sentence at the same place in the list."""
    sentences = (_sentence(0, 3), _sentence(3, 6))
    for seconds in ((), (1.0, None)):
        assert _review(sentences=sentences, reading=Reading(9.0, 8.0, sentence_seconds=seconds)).reading is not None
    with pytest.raises(ValueError, match="each of the 2 sentences, or none, not 1"):
        _review(sentences=sentences, reading=Reading(9.0, 8.0, sentence_seconds=(1.0,)))
