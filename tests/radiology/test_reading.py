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
        _reading(**{name: (1.0, seconds) if name == "sentence_seconds" else seconds})


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
