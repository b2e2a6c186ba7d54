"""Estimates that compare arms, and shares: closed forms, and everything that has too little to be estimated from."""

from collections.abc import Callable
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.reader_study.statistics.differences import mean_differences
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.mixed_times import time_ratios, variance_components
from clinicalblip.reader_study.statistics.ordinal import decision_odds
from clinicalblip.reader_study.statistics.shares import shares

Compare = Callable[[Measurements], tuple[Estimate, ...]]


def _times(measurements: Measurements) -> tuple[Estimate, ...]:
    return time_ratios(measurements, against="none", arms=("draft",))


def _odds(measurements: Measurements) -> tuple[Estimate, ...]:
    return decision_odds(measurements, against="none", arms=("draft",))


def _differences(measurements: Measurements) -> tuple[Estimate, ...]:
    return mean_differences(measurements, against="none", arms=("draft",), resamples=50)


def _shares(measurements: Measurements) -> tuple[Estimate, ...]:
    yes = [float(value > 1) for value in measurements.values]
    changed = Measurements(measurements.readers, measurements.cases, measurements.arms, yes)
    return shares(changed, arms=("draft",), resamples=50)


ALL = [_times, _odds, _differences, _shares]


def crossover(values: Callable[[int, int, str], float], readers: int = 4, cases: int = 6) -> Measurements:
    """Every reader reads every case, every other one with a draft."""
    rows = [
        (reader, case, ("none", "draft")[(reader + case) % 2]) for reader in range(readers) for case in range(cases)
    ]
    return Measurements(
        [f"R{reader}" for reader, _, _ in rows],
        [case for _, case, _ in rows],
        [arm for _, _, arm in rows],
        [values(*row) for row in rows],
    )


def noisy(scale: float, shift: float, *, readers: int = 6, cases: int = 12, seed: int = 1) -> Measurements:
    """Values with what is the reader's and the case's own, and a shift under the draft."""
    rng = np.random.default_rng(seed)
    of_reader, of_case = rng.normal(size=readers), rng.normal(size=cases)
    return crossover(
        lambda reader, case, arm: float(
            of_reader[reader] + of_case[case] + shift * (arm == "draft") + scale * rng.normal()
        ),
        readers,
        cases,
    )


def ranks(measurements: Measurements) -> Measurements:
    """The values as three ranks."""
    cut = [float(np.digitize(value, (-0.5, 0.5))) for value in measurements.values]
    return Measurements(measurements.readers, measurements.cases, measurements.arms, cut)


def times(measurements: Measurements) -> Measurements:
    """The values as logarithms of seconds."""
    return Measurements(
        measurements.readers, measurements.cases, measurements.arms, [exp(4 + each) for each in measurements.values]
    )


def test_a_difference_is_that_of_means_where_all_is_balanced() -> None:
    """And readers' and cases' own effects, however large, do not enter its interval."""
    measured = noisy(0.1, 2.0)
    (found,) = mean_differences(measured, against="none", resamples=400)
    means = [np.mean(measured.of_arm(arm).values) for arm in ("draft", "none")]
    assert found.value == pytest.approx(float(means[0] - means[1]))
    assert found.low is not None
    assert found.high is not None
    assert found.low < 2.0 < found.high < found.low + 0.5
    assert "within reader and case" in found.method


def test_what_is_missing_does_not_move_a_difference() -> None:
    """A reader leaves at half under one arm: the pairing holds, where a plain difference of means would be off."""
    measured = noisy(0.01, 2.0)
    kept = measured.keep(
        [
            not (reader == "R1" and arm == "none" and case > 3)
            for reader, arm, case in zip(measured.readers, measured.arms, measured.cases, strict=True)
        ]
    )
    (found,) = mean_differences(kept, against="none", resamples=100)
    assert found.value == pytest.approx(2.0, abs=0.02)


def test_readers_of_one_arm_each_are_compared_between_readers() -> None:
    """Their own effects cannot be told from the arms', so the interval is wide and only cases are taken away."""
    rng = np.random.default_rng(3)
    own = rng.normal(size=6)
    rows = [(reader, case) for reader in range(6) for case in range(8)]
    measured = Measurements(
        [f"R{reader}" for reader, _ in rows],
        [case for _, case in rows],
        [("none", "draft")[reader % 2] for reader, _ in rows],
        [float(own[reader] + rng.normal()) for reader, _ in rows],
    )
    (found,) = mean_differences(measured, against="none", resamples=200)
    assert "within case" in found.method
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low > 1
    (ratio,) = time_ratios(times(measured), against="none")
    assert (ratio.df, ratio.note.startswith("the mixed model did not")) == (4, False)


def test_the_ratio_of_times_is_that_of_geometric_means() -> None:
    """In a balanced study, with the degrees of freedom of reader by arm."""
    measured = times(noisy(0.3, log(0.8)))
    (found,) = time_ratios(measured, against="none")
    means = [np.mean(np.log(measured.of_arm(arm).values)) for arm in ("draft", "none")]
    assert found.value == pytest.approx(exp(float(means[0] - means[1])), rel=1e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.8 < found.high
    assert found.df == 5


def test_readings_of_no_time_are_left_out_and_counted() -> None:
    """A clock may say 0; that has no logarithm."""
    measured = times(noisy(0.3, log(0.8)))
    values = [0.0, *list(measured.values)[1:]]
    (found,) = time_ratios(Measurements(measured.readers, measured.cases, measured.arms, values), against="none")
    assert found.readings == len(values) - 1
    assert "1 readings of no time are left out" in found.note


def test_periods_and_positions_are_taken_in() -> None:
    """A reader who becomes faster from place to place is not taken for an arm that saves time."""
    plain = crossover(lambda reader, case, arm: 0.0, 6, 12)
    rng = np.random.default_rng(5)
    places = [case + 1 for case in plain.cases]
    values = [
        exp(4 - 0.05 * place + 0.01 * float(rng.normal()) + (arm == "draft") * log(0.9))
        for place, arm in zip(places, plain.arms, strict=True)
    ]
    measured = Measurements(plain.readers, plain.cases, plain.arms, values, [1] * len(values), places)
    kept = measured.keep([arm == "none" or place > 4 for arm, place in zip(plain.arms, places, strict=True)])
    (found,) = time_ratios(kept, against="none")
    assert found.value == pytest.approx(0.9, abs=0.01)


def test_a_pilot_says_how_times_vary() -> None:
    """By its components of variance; one with too little says so."""
    found = variance_components(times(noisy(0.4, 0.1, readers=8, cases=40)))
    assert set(found) == {"reader", "case", "reader_arm", "residual"}
    assert found["residual"] == pytest.approx(0.4, abs=0.06)
    with pytest.raises(ValueError, match="too few"):
        variance_components(crossover(lambda *_: 60.0))


def test_odds_follow_decisions() -> None:
    """Decisions that were moved up have odds above 1, and the model's ranks may have gaps."""
    measured = ranks(noisy(1.0, 1.5))
    (found,) = decision_odds(measured, against="none")
    assert found.value is not None
    assert found.low is not None
    assert 1 < found.low < found.value
    gaps = Measurements(measured.readers, measured.cases, measured.arms, [3 * value for value in measured.values])
    assert decision_odds(gaps, against="none")[0].value == pytest.approx(found.value)


def test_the_order_of_rows_does_not_matter() -> None:
    """Clusters are found by their names."""
    measured = ranks(noisy(1.0, 1.0))
    order = np.random.default_rng(0).permutation(len(measured.values)).tolist()
    mixed = Measurements(
        *([column[each] for each in order] for column in (measured.readers, measured.cases, measured.arms)),
        [measured.values[each] for each in order],
    )
    one, other = decision_odds(measured, against="none")[0], decision_odds(mixed, against="none")[0]
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_an_arm_at_one_end_has_no_odds_and_leaves_the_others() -> None:
    """All drafts accepted: the odds have no bound, and the third arm is compared all the same."""
    measured = ranks(noisy(1.0, 0.5, readers=6, cases=12))
    arms = [f"{arm}-late" if case > 5 else arm for arm, case in zip(measured.arms, measured.cases, strict=True)]
    arms = ["none" if arm == "none-late" else arm for arm in arms]
    values = [0.0 if arm == "draft-late" else value for value, arm in zip(measured.values, arms, strict=True)]
    first, second = decision_odds(Measurements(measured.readers, measured.cases, arms, values), against="none")
    assert first.low is not None
    assert (second.name, second.value) == ("draft-late", None)
    assert "all decisions under draft-late are the same" in second.note


def test_shares_lie_in_their_intervals() -> None:
    """All, none, one reader and many: bounds between 0 and 1, and the method named."""
    some = crossover(lambda reader, case, _: float((reader + case // 2) % 3 == 0))
    for found in shares(some, resamples=100):
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low < found.value < found.high <= 1
    (every, _) = shares(crossover(lambda *_: 1.0), resamples=50)
    assert (every.value, every.high) == (1.0, 1.0)
    assert every.low == pytest.approx(4 / (4 + 1.959964**2))  # four readers as trials
    (lone, _) = shares(crossover(lambda _, case, __: float(case > 2), readers=1), resamples=50)
    assert (lone.method, "one reader only" in lone.note) == ("Wilson", True)
    with pytest.raises(ValueError, match="0 and 1"):
        shares(crossover(lambda *_: 2.0))


NOTHING = Measurements([], [], [], [])
CASES = {
    "nothing": (NOTHING, "no reading"),
    "empty arm": (crossover(lambda r, c, _: r + c + 1.0).of_arm("none"), "no reading under draft"),
    "no other arm": (crossover(lambda r, c, _: r + c + 1.0).of_arm("draft"), "no reading under none"),
    "one reader": (crossover(lambda _, c, a: c % 3 + 1.0 + (a == "draft"), readers=1), "one reader only"),
    "one case": (crossover(lambda r, _, a: r % 3 + 1.0 + (a == "draft"), cases=1), "one case only"),
    "all equal": (crossover(lambda *_: 2.0), "equal"),
    "one reading each": (
        Measurements(["R1", "R2"], [1, 2], ["none", "draft"], [1.0, 2.0]),
        "an arm has one reader of its own",
    ),
    "a reader an arm": (
        Measurements(
            ["R1", "R2"] * 6, [n // 2 for n in range(12)], ["none", "draft"] * 6, [1 + n % 3 for n in range(12)]
        ),
        "an arm has one reader of its own",
    ),
}
SAID = {
    (_odds, "one reading each"): "all decisions under",
    (_odds, "all equal"): "all decisions are the same",
    (_shares, "all equal"): "all of 12",
    (_shares, "one reading each"): "one reader only",
    (_shares, "a reader an arm"): "one reader only",
    (_shares, "no other arm"): "",
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("compare", ALL)
def test_what_cannot_be_estimated_says_why(compare: Compare, case: str) -> None:
    """Without an error, a warning or a NaN; there is one answer an arm that is asked for."""
    measured, said = CASES[case]
    (found,) = compare(measured)
    assert SAID.get((compare, case), said) in found.note
    assert found.name == "draft"
    if compare is not _shares:
        assert (found.low, found.high, found.p) == (None, None, None)
    numbers = [each for each in (found.value, found.low, found.high, found.p) if each is not None]
    assert np.all(np.isfinite(numbers))


@settings(max_examples=10)
@given(st.data())
@pytest.mark.parametrize("compare", ALL)
def test_any_small_study_has_an_answer(compare: Compare, data: st.DataObject) -> None:
    """Whatever readers read, under whatever arms, with gaps and repeats."""
    rows = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from(["R1", "R2", "R3"]),
                st.integers(1, 3),
                st.sampled_from(["none", "draft"]),
                st.sampled_from([0.0, 1.0, 2.0]),
            ),
            max_size=14,
        )
    )
    (found,) = compare(Measurements(*([row[number] for row in rows] for number in range(4))))  # type: ignore[arg-type]
    numbers = [each for each in (found.value, found.low, found.high, found.p) if each is not None]
    assert np.all(np.isfinite(numbers))
    assert (found.low is None) == (found.high is None)
    if found.low is None:
        assert found.note


def test_columns_that_cannot_be_are_refused() -> None:
    """Of different lengths, or with what is no number."""
    with pytest.raises(ValueError, match="one length"):
        Measurements(["R1"], [1], ["none"], [])
    with pytest.raises(ValueError, match="left out"):
        Measurements(["R1"], [1], ["none"], [float("nan")])
