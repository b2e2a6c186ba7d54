"""Bradley and Terry's strengths: a published example, ties, and preferences without bounds."""

from math import exp, log

import numpy as np
import pytest

from clinicalblip.reader_study.statistics.preference import Preference, preferences, strengths

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WINS = (
    (0, 7, 9, 7, 7, 9, 11),
    (6, 0, 7, 5, 11, 9, 9),
    (4, 6, 0, 7, 7, 8, 12),
    (6, 8, 6, 0, 6, 7, 10),
    (6, 2, 6, 7, 0, 7, 12),
    (4, 4, 5, 6, 6, 0, 6),
    (2, 4, 1, 3, 1, 7, 0),
)
"""The American League East of 1987, home and away together: Agresti, Categorical Data Analysis, 2nd ed., 2002, p. 438,
as the data set `baseball` of BradleyTerry2."""

PUBLISHED = (1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0.0)
"""Abilities against Baltimore's: Turner and Firth, J Stat Softw 2012;48(9), model `baseballModel1`."""


def test_the_published_example_is_reproduced() -> None:
    """To all four digits after the point."""
    found = strengths(np.array(WINS, float))
    assert tuple(np.round(found - found[-1], 4)) == PUBLISHED


def test_choices_give_the_same_as_counts() -> None:
    """The odds against an arm are the exponentials of the strengths."""
    games = (
        Preference(f"R{number % 5}", number, TEAMS[winner], TEAMS[loser])
        for winner, row in enumerate(WINS)
        for loser, wins in enumerate(row)
        for number in range(wins)
    )
    found = {each.name: each for each in preferences(list(games), against="Baltimore", resamples=200)}
    assert set(found) == set(TEAMS[:-1])
    for team, published in zip(TEAMS[:-1], PUBLISHED[:-1], strict=True):
        each = found[team]
        assert each.value is not None
        assert each.low is not None
        assert each.high is not None
        assert log(each.value) == pytest.approx(published, abs=6e-5)
        assert each.low < exp(published) < each.high


def test_a_tie_is_half_a_win() -> None:
    """Six wins, two losses and four ties are eight to four, whichever is named first in a tie."""
    choices = [Preference(f"R{n % 3}", n, "a", "b") for n in range(6)]
    choices += [Preference(f"R{n % 3}", n, "b", "a") for n in range(6, 8)]
    choices += [Preference(f"R{n % 3}", n, *("ab" if n % 2 else "ba"), tie=True) for n in range(8, 12)]
    (found,) = preferences(choices, against="b", resamples=200)
    assert found.value == pytest.approx(2.0)
    assert (found.readings, found.readers, found.cases) == (12, 3, 12)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ([], "there is no choice"),
        ([Preference("R1", 1, "a", "c"), Preference("R2", 2, "c", "a")], "no choice with b"),
        ([Preference(f"R{n % 2}", n, "a", "b") for n in range(6)], "the odds have no bound"),
        ([Preference("R1", n, *("ab" if n % 2 else "ba")) for n in range(6)], "one reader only"),
        ([Preference(f"R{n}", 1, *("ab" if n % 2 else "ba")) for n in range(6)], "one case only"),
        ([Preference(f"R{n % 2}", n, "a", "b", tie=True) for n in range(6)], "choices do not vary"),
    ],
)
def test_what_has_no_interval_says_why(choices: list[Preference], said: str) -> None:
    """And raises nothing; a value stands where there is one."""
    (found,) = preferences(choices, against="b", arms=("a",), resamples=200)
    assert said in found.note
    assert (found.low, found.high) == (None, None)
    assert found.value is None or found.value == pytest.approx(1.0)


def test_an_arm_that_always_loses_leaves_the_others_alone() -> None:
    """Its own odds have no bound; those of the others are as without it."""
    choices = [Preference(f"R{n % 3}", n, *("ab" if n % 3 else "ba")) for n in range(12)]
    lost = [Preference(f"R{n % 3}", n, "a", "c") for n in range(4)]
    first, second = preferences([*choices, *lost], against="b", resamples=200)
    assert first == preferences(choices, against="b", resamples=200)[0]
    assert (second.name, second.value) == ("c", None)
