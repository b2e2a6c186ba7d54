"""What estimates show of the questions that a design asks, and where there is too little to ask."""

import pytest

from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.reader_study.results.estimates import Estimates, Question
from clinicalblip.reader_study.results.study_data import ChoiceRow
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements

ASK = Estimates(0.95, 200, 1)


def found(value: float, half: float, p: float) -> Estimate:
    """A difference with an interval around it."""
    return Estimate("arm", value, value - half, value + half, 0.95, 60, 6, 10, "t", p, df=5.0)


@pytest.mark.parametrize(
    ("value", "larger_is_worse", "shows"),
    [(-3.0, True, "better"), (3.0, True, "worse"), (3.0, False, "better"), (-3.0, False, "worse")],
)
def test_which_arm_is_better(value: float, larger_is_worse: bool, shows: str) -> None:
    """It depends on whether more of the outcome is worse."""
    (judged,) = ASK.judge([Question(found(value, 1.0, 0.001), None, larger_is_worse, ratio=False)])
    assert (judged.p, judged.adjusted, judged.shows) == (0.001, 0.001, shows)


@pytest.mark.parametrize(
    ("value", "larger_is_worse", "shows"),
    [(0.0, True, "non-inferior"), (0.0, False, "non-inferior"), (1.5, True, "not shown"), (-1.5, False, "not shown")],
)
def test_an_arm_that_is_not_worse(value: float, larger_is_worse: bool, shows: str) -> None:
    """Its interval lies on the right side of the margin."""
    (judged,) = ASK.judge([Question(found(value, 1.0, 0.9), 2.0, larger_is_worse, ratio=False)])
    assert judged.shows == shows


def test_a_ratio_within_its_margin() -> None:
    """A ratio of 1.2 is as much worse as one of 1 / 1.2 where less is worse."""
    ratio = Estimate("arm", 1.0, 1 / 1.1, 1.1, 0.95, 60, 6, 10, "t", 0.9, df=5.0)
    for larger_is_worse in (True, False):
        (judged,) = ASK.judge([Question(ratio, 1.2, larger_is_worse, ratio=True)])
        assert judged.shows == "non-inferior"


def test_several_questions_are_held_together() -> None:
    """A p value that is below the level alone is not with three others."""
    one = Question(found(3.0, 2.5, 0.03), None, larger_is_worse=False, ratio=False)
    assert [each.shows for each in ASK.judge([one])] == ["better"]
    judged = ASK.judge([one, one, one])
    assert {each.shows for each in judged} == {"not shown"}
    assert [each.adjusted for each in judged] == [pytest.approx(0.09)] * 3


def test_nothing_is_shown_without_an_interval() -> None:
    """One that could not be given counts among the questions all the same."""
    one = Question(found(3.0, 2.0, 0.02), None, larger_is_worse=False, ratio=False)
    nothing = Question(ASK.none("arm"), None, larger_is_worse=False, ratio=False)
    first, second = ASK.judge([one, nothing])
    assert (first.adjusted, first.shows, second.shows) == (0.04, "better", "no estimate")


def measured(seconds: dict[str, list[float]]) -> Measurements:
    """Values of arms, each reader's in turn."""
    rows = [(arm, number, value) for arm, values in seconds.items() for number, value in enumerate(values)]
    return Measurements(
        [f"R{number % 3}" for _, number, _ in rows],
        [number for _, number, _ in rows],
        [arm for arm, _, _ in rows],
        [value for _, _, value in rows],
    )


@pytest.mark.parametrize(("of_first", "of_second", "least"), [(15, 4, 20), (16, 4, 5), (4, 16, 5)])
def test_too_little_is_counted_alone(of_first: int, of_second: int, least: int) -> None:
    """Fewer than twenty together, or five in either arm; the reason has both numbers."""
    values = measured(
        {"first": [30.0 + n % 7 for n in range(of_first)], "second": [40.0 + n for n in range(of_second)]}
    )
    for estimates in (ASK.time_ratios(values, "first"), ASK.differences(values, "first")):
        assert (estimates["second"].value, estimates["second"].p) == (None, None)
        assert f"an interval needs {least}" in estimates["second"].note


def test_enough_is_estimated() -> None:
    """Ten of each arm; a ratio of times is on the right side."""
    values = measured({"first": [30.0 + n % 7 for n in range(10)], "second": [60.0 + n % 5 for n in range(10)]})
    (ratio,) = ASK.time_ratios(values, "first").values()
    assert ratio.low is not None
    assert 1 < ratio.low < 2 < (ratio.high or 0)


@pytest.mark.parametrize("turned", [True, False])
def test_the_side_of_a_draft_is_no_preference(turned: bool) -> None:
    """Whichever side it stood on, the arm that is chosen is preferred; ties and unusable pairs prefer none."""
    choices = []
    for number in range(28):
        left, right = ("first", "second") if bool(number % 2) is turned else ("second", "first")
        chosen = None if number % 7 == 0 else "first" if number % 3 else "second"
        kind = (Choice.TIE, Choice.NEITHER)[number % 2] if chosen is None else None
        choice = kind or (Choice.LEFT if chosen == left else Choice.RIGHT)
        choices.append(ChoiceRow(f"R{number % 4}", number, number, CaseKind.MAIN, left, right, choice, chosen, "", 9.0))
    wins = sum(each.chosen == "first" for each in choices) + sum(each.choice is Choice.TIE for each in choices) / 2
    losses = sum(each.chosen == "second" for each in choices) + sum(each.choice is Choice.TIE for each in choices) / 2
    assert ASK.preference(choices, "first", "second").value == pytest.approx(wins / losses, rel=1e-6)
