"""What a training would do: counted without weights, as the training itself counts."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.errors import StageError
from clinicalblip.instructblip.base import load_base
from clinicalblip.radiology.study import Study
from clinicalblip.training.dry_run import dry_run
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.stage import Plan
from clinicalblip.training.train import train_plan


def rows(table: str) -> list[list[str]]:
    """The cells of the table's lines."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")][
        1:
    ]


@pytest.mark.parametrize("language", ["llama", "t5"])
def test_estimate_is_what_the_training_does(
    language: str,
    tiny_folders: dict[str, Path],
    tmp_path: Path,
    plan: Plan,
    studies: list[Study],
    draw_films: Callable[[Study], list[Any]],
) -> None:
    """Steps, studies and trainable weights that are counted without weights are those of the training."""
    estimated = rows(dry_run(plan, studies, load_base(tiny_folders[language], "fp32", "cpu", weights=False)))
    train_plan(plan, studies, tmp_path / "run", load_base(tiny_folders[language], "fp32", "cpu"), load_films=draw_films)
    records = [json.loads(path.read_text()) for path in sorted((tmp_path / "run").glob("*/stage.json"))]
    assert [[cells[0], cells[2], cells[3], cells[4]] for cells in estimated] == [
        [r["stage"]["name"], f"{r['trainable_parameters']:,}", str(r["data"]["studies"]), str(r["steps"])]
        for r in records
    ]


def test_slots_left_out_are_reported(tiny_folders: dict[str, Path], plan: Plan, studies: list[Study]) -> None:
    """The table names the slots of the prompt that stay empty."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu", weights=False)
    assert "without hints, prior_report" in dry_run(
        replace(plan, without=frozenset({"prior_report", "hints"})), studies, base
    )


def test_keeping_no_activations_takes_less_memory(
    tiny_folders: dict[str, Path], plan: Plan, studies: list[Study]
) -> None:
    """With activation checkpointing every stage is estimated to take less."""
    wide = replace(plan, stages=tuple(replace(stage, batch=4096) for stage in plan.stages))
    tables = [
        dry_run(
            wide,
            studies,
            load_base(tiny_folders["llama"], "fp32", "cpu", weights=False),
            TrainOptions(activation_checkpointing=checkpointing),
        )
        for checkpointing in (True, False)
    ]
    less, more = ([float(cells[-1].split()[0]) for cells in rows(table)] for table in tables)
    assert all(one < other for one, other in zip(less, more, strict=True))


def test_nothing_to_learn_from_is_refused(tiny_folders: dict[str, Path], plan: Plan) -> None:
    """Without a study there is nothing to estimate."""
    with pytest.raises(StageError, match="No study"):
        dry_run(plan, [], load_base(tiny_folders["llama"], "fp32", "cpu", weights=False))
