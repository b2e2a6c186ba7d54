"""Agreement beyond chance: the published tables, and what has no agreement to speak of."""

from typing import Any

import pytest

from clinicalblip.reader_study.statistics.agreement import (
    Level,
    Ratings,
    Weights,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
)

UNITS: Ratings = (
    (1, 1, None, 1),
    (2, 2, 3, 2),
    (3, 3, 3, 3),
    (3, 3, 3, 3),
    (2, 2, 2, 2),
    (1, 2, 3, 4),
    (4, 4, 4, 4),
    (1, 1, 2, 1),
    (2, 2, 2, 2),
    (None, 5, 5, 5),
    (None, None, 1, 1),
    (None, 3, None, None),
)
"""Four observers and twelve units: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, example C.

The same ratings are table `cac.raw4raters` of Gwet's package irrCAC (Handbook of Inter-Rater Reliability, 4th ed.,
2014, p. 120)."""


@pytest.mark.parametrize(
    ("level", "published"),
    [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849), (Level.RATIO, 0.797)],
)
def test_krippendorffs_own_example_is_reproduced(level: Level, published: float) -> None:
    """To the digits of his paper, at each level of measurement, with his missing values."""
    found = krippendorff_alpha(UNITS, level)
    assert round(_known(found.value), 3) == published
    assert (found.readings, found.readers, found.cases) == (40, 4, 11)
    assert _known(found.low) < published < _known(found.high) <= 1


def test_krippendorffs_binary_example_is_reproduced() -> None:
    """Two observers, ten units, alpha 0.095: example A of the same paper."""
    one, other = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    assert round(_known(krippendorff_alpha(list(zip(one, other, strict=True))).value), 3) == 0.095


@pytest.mark.parametrize(
    ("weights", "value", "low", "p"),
    [
        (Weights.IDENTITY, 0.775, 0.461, 0.00021),
        (Weights.LINEAR, 0.859, 0.600, 0.00002),
        (Weights.QUADRATIC, 0.914, 0.685, 0.000003),
        (Weights.ORDINAL, 0.899, 0.664, 0.000004),
    ],
)
def test_gwets_example_is_reproduced(weights: Weights, value: float, low: float, p: float) -> None:
    """AC1 and AC2 with interval and p, to the digits of his package and of its port to Python, irrCAC 0.4's tests."""
    found = gwet_ac2(UNITS, weights)
    assert (round(_known(found.value), 3), round(_known(found.low), 3), found.high) == (value, low, 1.0)
    assert _known(found.p) == pytest.approx(p, abs=6e-6)


def test_ac1_has_five_digits_and_its_standard_error() -> None:
    """0.77544 with a standard error of 0.143, as irrCAC prints them."""
    found = gwet_ac1(UNITS)
    assert round(_known(found.value), 5) == 0.77544
    assert (_known(found.value) - _known(found.low)) / 2.200985 == pytest.approx(0.143, abs=5e-4)


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([], "no unit has two ratings"),
        ([(1, None), (None, 2)], "no unit has two ratings"),
        ([(1, 2)], "one unit only has two ratings"),
        ([(1, 1), (1, 1), (1, 1)], "all ratings are equal"),
        ([(1, 1), (2, 2), (1, 1), (2, 2)], "perfect agreement"),
    ],
)
@pytest.mark.parametrize("function", [krippendorff_alpha, gwet_ac1, gwet_ac2])
def test_what_has_no_interval_says_why(function: Any, ratings: Ratings, said: str) -> None:
    """And raises nothing."""
    found = function(ratings)
    assert said in found.note
    assert (found.low, found.high, found.p) == (None, None, None)
    assert found.value in (None, 1.0)


def test_categories_that_nobody_gave_count() -> None:
    """Readers who all call everything absent agree, where something else could have been said."""
    found = gwet_ac1([("absent", "absent")] * 5, categories=("absent", "present"))
    assert found.value == 1.0
    with pytest.raises(ValueError, match="none of the categories"):
        gwet_ac1([("absent", "perhaps")], categories=("absent", "present"))


def test_values_may_be_words_or_truths() -> None:
    """They are the same as numbers to what only asks whether two are equal."""
    words = [tuple(None if each is None else f"v{each:.0f}" for each in unit) for unit in UNITS]
    assert krippendorff_alpha(words).value == krippendorff_alpha(UNITS).value
    truths = [(True, True), (False, True), (False, False), (True, True)]
    assert gwet_ac1(truths).value == gwet_ac1([tuple(map(int, unit)) for unit in truths]).value


def _known(number: float | None) -> float:
    assert number is not None
    return number
