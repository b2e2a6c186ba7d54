"""A reading has times and counts that can be, and no words."""

from dataclasses import fields
from typing import Any

import pytest

from clinicalblip.radiology.reading import Reading


def _reading(**changes: Any) -> Reading:
    return Reading(**{"saved_seconds": 60.0, "active_seconds": 45.5} | changes)


def test_a_reading_has_no_text() -> None:
    """Whatever is added to it: numbers and flags, because the consent to it is none to words."""
    types = {field.type for field in fields(Reading)}
    assert types == {float, float | None, tuple[float | None, ...], int, bool, bool | None}


@pytest.mark.parametrize("name", [field.name for field in fields(Reading) if "seconds" in field.name])
@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf"), "1", True])
def test_impossible_times_are_refused(name: str, seconds: Any) -> None:
    """Negative, endless, or no number at all."""
    with pytest.raises(ValueError, match="finite and not negative"):
        _reading(**{name: (1.0, seconds) if name in ("sentence_seconds", "error_seconds") else seconds})


@pytest.mark.parametrize("name", [field.name for field in fields(Reading) if field.type is int])
@pytest.mark.parametrize("count", [-1, 0.5, True, 2**53])
def test_impossible_counts_are_refused(name: str, count: Any) -> None:
    """Negative, not whole, or larger than a file can hold exactly."""
    with pytest.raises(ValueError, match="whole and not negative"):
        _reading(**{name: count})


def test_what_was_zoomed_was_not_never_zoomed() -> None:
    """A flag does not contradict its count."""
    assert _reading(never_zoomed=True).zooms == 0
    with pytest.raises(ValueError, match="never zoomed"):
        _reading(never_zoomed=True, zooms=1)


def test_nothing_is_after_saving() -> None:
    """No time of a reading, and no time at work."""
    for name in ("active_seconds", "reference_opened_seconds", "verdict_seconds"):
        with pytest.raises(ValueError, match="after saving"):
            _reading(**{name: 60.5})
    with pytest.raises(ValueError, match="after saving"):
        _reading(error_seconds=(None, 61.0))


def test_answers_after_the_reference_are_counted() -> None:
    """Of sentences, errors and the decision; none where it was not opened, or nobody knows when they were given."""
    answers = {"sentence_seconds": (10.0, 40.0, None), "error_seconds": (30.0,), "verdict_seconds": 50.0}
    assert _reading(**answers).answers_after_reference == 0
    assert _reading(reference_opened_seconds=30.0, **answers).answers_after_reference == 3
