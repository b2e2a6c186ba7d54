"""The power of a study, by simulation."""

from dataclasses import replace

import pytest

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.design import OutcomeName
from clinicalblip.reader_study.statistics.assumptions import ASSUMED
from clinicalblip.reader_study.statistics.power import PowerPlan, no_effect, required_size, simulate_power, smallest

SECONDS = PowerPlan(OutcomeName.READING_SECONDS, ASSUMED[OutcomeName.READING_SECONDS])


@pytest.mark.parametrize("outcome", OutcomeName)
def test_without_a_difference_it_is_rarely_shown(outcome: OutcomeName) -> None:
    """A two-sided test at 5 % finds one arm better in about 2.5 % of studies, of every outcome."""
    plan = PowerPlan(outcome, no_effect(outcome, ASSUMED[outcome]), arms=2)
    assert simulate_power(plan, readers=8, cases=24, simulations=500).share < 0.06
    effect = simulate_power(replace(plan, assumed=ASSUMED[outcome]), readers=16, cases=80, simulations=100)
    assert effect.share > 0.4


@pytest.mark.parametrize("outcome", OutcomeName)
def test_at_the_margin_non_inferiority_is_rarely_shown(outcome: OutcomeName) -> None:
    """An arm that is worse by the margin itself passes in about 2.5 % of studies."""
    worse = {
        OutcomeName.READING_SECONDS: 1.2,
        OutcomeName.DECISION: 1.5,
        OutcomeName.PREFERENCE: 1 / 1.5,
        OutcomeName.CAUGHT_ERRORS: -0.1,
        OutcomeName.AGREEMENT_WITH_REFERENCE: -0.1,
    }.get(outcome, 1.0)
    plan = PowerPlan(outcome, replace(ASSUMED[outcome], effect=worse), margin=abs(worse))
    assert simulate_power(plan, readers=8, cases=24, simulations=500).share < 0.06


def test_more_readers_and_cases_show_more() -> None:
    """And readers who have one arm each show less than those who have all."""
    few, many = (simulate_power(SECONDS, readers=each, cases=16, simulations=200).share for each in (6, 20))
    assert few < many
    assert simulate_power(replace(SECONDS, crossover=False), readers=20, cases=16, simulations=200).share < many


def test_the_same_seed_gives_the_same() -> None:
    """So that what is printed can be printed again."""
    assert simulate_power(SECONDS, readers=6, cases=12, simulations=50, seed=3) == simulate_power(
        SECONDS, readers=6, cases=12, simulations=50, seed=3
    )


def test_the_size_that_is_named_suffices() -> None:
    """With the fewest cases, in multiples of the arms, and fewer do not."""
    (found,) = required_size(SECONDS, readers=12, simulations=100)
    assert found.share >= 0.8
    assert found.cases % 2 == 0
    fewer = simulate_power(SECONDS, readers=12, cases=found.cases - 2, simulations=100)
    assert fewer.share < 0.8
    assert smallest((found, replace(found, readings=1))) == replace(found, readings=1)
    assert smallest(()) is None


def test_what_cannot_be_reached_has_no_size() -> None:
    """No number of cases shows what is not there."""
    plan = replace(SECONDS, assumed=no_effect(SECONDS.outcome, SECONDS.assumed))
    assert required_size(plan, readers=4, simulations=20) == ()


@pytest.mark.parametrize(("name", "value"), [("residual", 0.0), ("reader", -1.0), ("base", 1.0), ("speed", 1.0)])
def test_what_cannot_be_assumed_is_one_sentence(name: str, value: float) -> None:
    """A name that is none, or a number that cannot be."""
    with pytest.raises(ReaderStudyError):
        SECONDS.assumed.assume(name, value)


def test_too_small_a_study_is_refused() -> None:
    """Two readers have no interval, and neither have four of whom each has one of four arms."""
    with pytest.raises(ValueError, match="of 3 readers"):
        simulate_power(SECONDS, readers=2, cases=10)
    with pytest.raises(ValueError, match="of 8 readers"):
        simulate_power(replace(SECONDS, arms=4, crossover=False), readers=4, cases=10)
    assert 0 <= simulate_power(replace(SECONDS, arms=12), readers=3, cases=3, simulations=10).share <= 1
    with pytest.raises(ValueError, match="between 0 and 1"):
        required_size(SECONDS, target=1.0)
