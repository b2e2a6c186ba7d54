"""A review refuses what cannot be."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review, Verdict

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


@pytest.mark.parametrize("name", ["words_added", "words_removed", "editing_seconds"])
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
