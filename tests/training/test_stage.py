"""Stages and plans: what they refuse, and the plans that come with the project."""

from dataclasses import replace
from typing import Any

import pytest

from clinicalblip.errors import StageError
from clinicalblip.instructblip.groups import Group, Ranks
from clinicalblip.radiology.report import SLOTS
from clinicalblip.training.plans import PLANS, get_plan
from clinicalblip.training.stage import Plan, Stage

STAGE = Stage("vision", frozenset({Group.VISION}), learning_rate=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "../up"},
        {"trains": frozenset()},
        {"trains": frozenset({"nothing"})},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"epochs": -1},
        {"epochs": float("inf")},
        {"batch": 0},
        {"batch": 1.5},
        {"accumulation": 0},
        {"warmup": 1.0},
        {"dropout": 1.0},
        {"slot_dropout": 1.1},
        {"weight_decay": -0.1},
        {"augmentation": 1.1},
        {"gradient_norm": 0},
        {"target": "poem"},
    ],
)
def test_stage_refuses_what_cannot_be_trained(values: dict[str, Any]) -> None:
    """Each impossible value is refused where the stage is made."""
    with pytest.raises(ValueError, match="stage"):
        replace(STAGE, **values)


@pytest.mark.parametrize("rank", [0, -1, 2000, 1.5, True])
def test_ranks_are_whole_numbers(rank: Any) -> None:
    """A rank below one, above 1024 or no whole number is refused."""
    with pytest.raises(ValueError, match="rank"):
        Ranks(vision=rank)


@pytest.mark.parametrize("values", [{"stages": ()}, {"stages": (STAGE, STAGE)}, {"without": frozenset({"findings"})}])
def test_plan_refuses_what_makes_no_sense(values: dict[str, Any]) -> None:
    """No stage, two of one name, and an unknown slot are refused."""
    with pytest.raises(ValueError, match="plan"):
        replace(Plan("one", Ranks(), (STAGE,)), **values)


def test_plans_train_every_group_and_differ_where_they_say() -> None:
    """Every plan trains all four groups; `without-prior` is `clinicalblip` with every slot left empty."""
    assert set(PLANS) == {"clinicalblip", "single-stage", "without-prior", "mini"}
    for plan in PLANS.values():
        assert frozenset().union(*(stage.trains for stage in plan.stages)) == frozenset(Group)
    assert PLANS["without-prior"] == replace(PLANS["clinicalblip"], name="without-prior", without=frozenset(SLOTS))


def test_unknown_plan_is_answered_with_the_names() -> None:
    """A plan that is not there is a StageError that lists those that are."""
    with pytest.raises(StageError, match=r"clinicalblip, single-stage, without-prior, mini"):
        get_plan("best")
