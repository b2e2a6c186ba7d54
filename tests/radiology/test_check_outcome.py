"""A check is kept once it was shown, and not dismissed more often."""

import pytest

from clinicalblip.radiology.check_outcome import Check, CheckOutcome


def test_what_was_heeded_and_what_was_dismissed_is_told_apart() -> None:
    """Shown three times, dismissed twice: heeded once."""
    outcome = CheckOutcome(Check.SIDE_CONFLICT, shown=3, dismissed=2)
    assert outcome.shown - outcome.dismissed == 1


@pytest.mark.parametrize(("shown", "dismissed"), [(0, 0), (-1, 0), (1, 2), (1, -1), (1.0, 0), (True, 0), (2, 0.5)])
def test_impossible_numbers_are_refused(shown: int, dismissed: int) -> None:
    """Never shown, dismissed more often than shown, or no whole number."""
    with pytest.raises(ValueError, match="shown"):
        CheckOutcome(Check.SIDE_CONFLICT, shown, dismissed)
