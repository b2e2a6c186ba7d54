"""What a model's package warns of is collected by its category, and nothing else is."""

import warnings

import pytest

from clinicalblip.reader_study.statistics.model_warnings import collected


class Converging(UserWarning):
    pass


def test_named_warnings_become_sentences() -> None:
    """Each once, and in our own words where there are any."""
    with collected(Converging) as said:
        for _ in range(2):
            warnings.warn("it did not", Converging, stacklevel=1)
        warnings.warn("The MLE may be on the boundary of the parameter space.", Converging, stacklevel=1)
    assert said == ["it did not", "a variance component is near 0"]


def test_other_warnings_are_passed_on() -> None:
    """A new one of the package's is seen, and an error in tests."""
    with pytest.warns(DeprecationWarning, match="old"), collected(Converging) as said:
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert said == []
