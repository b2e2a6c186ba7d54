"""Training: stages move their own groups, interrupted runs end as undisturbed ones, wrong folders are refused."""

import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from clinicalblip.errors import StageError
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.groups import Group, group_of
from clinicalblip.instructblip.provenance import WEIGHTS_FILE, read_provenance
from clinicalblip.radiology.study import Study
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.run_folder import StageRun, lock_run
from clinicalblip.training.stage import Plan, Stage
from clinicalblip.training.train import train_plan

Films = Callable[[Study], list[Any]]

# A run that was interrupted computes the same products in the same order; this leaves room for another number of
# threads and no more.
TOLERANCE = 1e-6


def weights(adapter: Path) -> dict[str, torch.Tensor]:
    """The weights of a saved adapter."""
    return dict(load_file(adapter / WEIGHTS_FILE))


def difference(first: Path, second: Path) -> float:
    """The largest difference between two adapters' weights."""
    one, other = weights(first), weights(second)
    assert one.keys() == other.keys()
    return max(float((one[name] - other[name]).abs().max()) for name in one)


def logits(base: Base, model: Any, grey: float) -> torch.Tensor:
    """The logits for one flat film."""
    batch = collate(base, [[np.full((32, 32), grey, np.float32)]], ["Report:"], ["Findings: The lungs are clear."])
    with torch.no_grad(), base.autocast():
        found: torch.Tensor = model.eval()(**batch).logits.float()
    return found


class Interrupted(Exception):
    """Stands for whatever ends a process in the middle of a stage."""


def interrupting(films: Films, after: int) -> Films:
    """Films that end the training at the study of this number, counted from all that were loaded."""
    loaded = 0

    def load(study: Study) -> list[Any]:
        nonlocal loaded
        loaded += 1
        if loaded > after:
            raise Interrupted
        return films(study)

    return load


@pytest.fixture(scope="module", params=[("llama", "fp32"), ("llama", "nf4"), ("t5", "fp32"), ("t5", "nf4")])
def kind(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """Either kind of language model in either precision."""
    return request.param  # type: ignore[no-any-return]


def test_each_stage_moves_its_own_groups(
    kind: tuple[str, Any],
    tiny_folders: dict[str, Path],
    tmp_path: Path,
    plan: Plan,
    studies: list[Study],
    draw_films: Films,
) -> None:
    """Of one stage's adapter to the next exactly the weights of the groups differ that the stage trains."""
    language, precision = kind
    base = load_base(tiny_folders[language], precision, "cpu")
    last = train_plan(plan, studies, tmp_path / "run", base, load_films=draw_films)
    adapters = [tmp_path / "run" / f"{number:02d}-{s.name}" / "adapter" for number, s in enumerate(plan.stages, 1)]
    assert last == adapters[-1]
    for stage, before, after in zip(plan.stages[1:], adapters[:-1], adapters[1:], strict=True):
        earlier, later = weights(before), weights(after)
        moved = {group_of(name) for name in later if not torch.equal(earlier[name], later[name])}
        assert moved == stage.trains
    first = {group_of(name) for name, weight in weights(adapters[0]).items() if "lora_B" in name and weight.any()}
    assert first == {Group.VISION}


def test_vision_stage_changes_the_logits_of_a_film(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """After the vision stage the logits have moved, and by another amount for another film: the way was the image."""
    plain = load_base(tiny_folders["llama"], "fp32", "cpu")
    before = [logits(plain, plain.model, grey) for grey in (0.2, 0.8)]
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    short = replace(plan, stages=plan.stages[:1])
    adapter = train_plan(short, studies, tmp_path / "run", base, load_films=draw_films)
    model, _ = load_adapter(load_base(tiny_folders["llama"], "fp32", "cpu"), adapter)
    dark, bright = (logits(base, model, grey) - old for grey, old in zip((0.2, 0.8), before, strict=True))
    assert dark.abs().max() > 1e-4
    assert (dark - bright).abs().max() > 1e-4


@pytest.mark.system
@pytest.mark.parametrize(
    ("language", "precision", "after"),
    [("llama", "fp32", 3), ("llama", "nf4", 13), ("t5", "fp32", 13), ("t5", "nf4", 3)],
)
def test_interrupted_run_ends_as_an_undisturbed_one(
    language: str,
    precision: Any,
    tiny_folders: dict[str, Path],
    tmp_path: Path,
    plan: Plan,
    studies: list[Study],
    draw_films: Films,
    after: int,
) -> None:
    """Ended within the first or the second stage and called again, the run gives the adapter of an undisturbed one."""
    two = replace(plan, stages=plan.stages[:2])
    adapters = []
    for name, films in (("whole", draw_films), ("ended", interrupting(draw_films, after))):
        run = tmp_path / name
        base = load_base(tiny_folders[language], precision, "cpu")
        try:
            adapters.append(train_plan(two, studies, run, base, TrainOptions(checkpoint_minutes=0), load_films=films))
        except Interrupted:
            base = load_base(tiny_folders[language], precision, "cpu")
            adapters.append(
                train_plan(two, studies, run, base, TrainOptions(checkpoint_minutes=0), load_films=draw_films)
            )
    assert difference(*adapters) <= TOLERANCE


@pytest.mark.system
def test_killed_process_goes_on(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    """A process killed outright in its third step is gone on from by the next, to an undisturbed run's adapter."""
    script = Path(__file__).with_name("one_run.py")
    base, run = tiny_folders["llama"], tmp_path / "killed"
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, str(script), str(base), str(run), "8"]
    environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    assert subprocess.run(command, check=False, env=environment).returncode == -signal.SIGKILL
    assert (run / "01-all" / "checkpoints" / "checkpoint-2").is_dir()
    train = runpy.run_path(str(script))["train"]
    adapter = train(base, run)
    assert difference(adapter, train(base, tmp_path / "whole")) <= TOLERANCE
    steps = [json.loads(line)["step"] for line in (adapter.parent / "log.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3, 4]


@pytest.mark.system
def test_full_disk_leaves_the_checkpoint_before(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    """Where a checkpoint does not fit on the disk, one sentence says so, and the one before it is gone on from."""
    script = Path(__file__).with_name("one_run.py")
    base, run = tiny_folders["llama"], tmp_path / "full"
    environment = {**os.environ, "PYTHONPATH": str(script.parents[2]), "OMP_NUM_THREADS": str(torch.get_num_threads())}
    command = [
        sys.executable,
        str(script),
        str(base),
        str(run),
        "8",
        "80000",
    ]  # its weights fit, its optimiser does not
    ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert "StageError: The checkpoint of step 3 of the stage all could not be written" in ended.stderr
    checkpoints = {path.name: (path / "complete").is_file() for path in (run / "01-all" / "checkpoints").iterdir()}
    assert checkpoints == {"checkpoint-2": True, "checkpoint-3": False}
    train = runpy.run_path(str(script))["train"]
    assert difference(train(base, run), train(base, tmp_path / "whole")) <= TOLERANCE


def test_half_written_checkpoint_is_not_gone_on_from(tmp_path: Path) -> None:
    """Of the checkpoints in a stage's folder the last whole one counts; a half-written one goes."""
    folder = StageRun(tmp_path)
    for step in (2, 4, 10):
        (folder.checkpoints / f"checkpoint-{step}").mkdir(parents=True)
    assert folder.last_checkpoint() is None
    for step in (9, 10):
        (folder.checkpoints / f"checkpoint-{step}").mkdir(parents=True)
    folder.mark_complete(9)
    (folder.checkpoints / "checkpoint-10").mkdir()
    assert folder.last_checkpoint() == (folder.checkpoints / "checkpoint-9", 9)
    assert [path.name for path in folder.checkpoints.iterdir()] == ["checkpoint-9"]


def test_finished_run_is_not_trained_again(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """Called again, a finished run loads no film, says so of each stage, and gives the same adapter."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    adapter = train_plan(plan, studies, tmp_path / "run", base, load_films=draw_films)
    written = (adapter / WEIGHTS_FILE).read_bytes()
    reported: list[str] = []
    again = train_plan(
        plan, studies, tmp_path / "run", base, load_films=interrupting(draw_films, 0), log=reported.append
    )
    assert again == adapter
    assert (adapter / WEIGHTS_FILE).read_bytes() == written
    assert reported == ["01-vision: finished before", "02-bridge: finished before", "03-language: finished before"]


def test_run_says_what_it_was(
    tiny_folders: dict[str, Path],
    tmp_path: Path,
    plan: Plan,
    studies: list[Study],
    make_study: Callable[..., Study],
    draw_films: Films,
) -> None:
    """The files of a finished stage say what it was made of, and no checkpoint is left."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    adapter = train_plan(
        plan, [*studies, make_study(99, "test")], tmp_path / "run", base, TrainOptions(seed=7), load_films=draw_films
    )
    record = json.loads((adapter.parent / "stage.json").read_text())
    assert record["stage"]["trains"] == ["language"]
    assert record["base"] == {"name": "tiny-llama", "digest": base.digest, "precision": "fp32"}
    assert record["data"]["studies"] == 8
    assert record["data"]["left_out"] == {"not of the train split": 1}
    assert record["steps"] == 2 + (8 % 3 > 0)
    assert record["seconds"] > 0
    assert record["peak_memory_bytes"]["resident"] > 1e7
    assert record["trainable_parameters"] > 0
    assert record["versions"].keys() >= {"torch", "transformers", "peft"}
    assert record["machine"]
    lines = [json.loads(line) for line in (adapter.parent / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, record["steps"] + 1))
    assert all(line["loss"] > 0 and line["grad_norm"] > 0 for line in lines)
    assert len((adapter.parent / "training-studies.txt").read_text().split()) == 8
    made_of = read_provenance(adapter)
    assert made_of.stages == ("vision", "bridge", "language")
    assert (made_of.plan, made_of.seed, made_of.data_digest) == ("tiny", 7, record["data"]["digest"])
    assert not (adapter.parent / "checkpoints").exists()


@pytest.mark.parametrize("other", ["plan", "data", "base", "seed", "precision"])
def test_run_of_something_else_is_refused(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films, other: str
) -> None:
    """A run folder begun with another plan, data, base, seed or precision is refused, and what differs is named."""
    one = replace(plan, stages=plan.stages[:1])
    train_plan(one, studies, tmp_path / "run", load_base(tiny_folders["llama"], "fp32", "cpu"), load_films=draw_films)
    base = load_base(
        tiny_folders["t5" if other == "base" else "llama"], "nf4" if other == "precision" else "fp32", "cpu"
    )
    with pytest.raises(StageError, match=f"another {other}"):
        train_plan(
            replace(one, without=frozenset({"hints"})) if other == "plan" else one,
            studies[:-1] if other == "data" else studies,
            tmp_path / "run",
            base,
            TrainOptions(seed=1 if other == "seed" else 0),
            load_films=draw_films,
        )


def test_folder_that_is_no_run_is_refused(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """A folder with somebody's files in it is left alone."""
    (tmp_path / "thesis.txt").write_text("chapter one")
    with pytest.raises(StageError, match="not a run"):
        train_plan(plan, studies, tmp_path, load_base(tiny_folders["llama"], "fp32", "cpu"), load_films=draw_films)


def test_run_in_use_is_refused(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """While one training has a run folder no other gets it."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    with lock_run(tmp_path / "run"), pytest.raises(StageError, match="in use"):
        train_plan(plan, studies, tmp_path / "run", base, load_films=draw_films)


def test_loss_that_is_no_number_stops_the_stage(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """A learning rate that blows the weights up ends in one sentence, not in an adapter."""
    wild = replace(plan, stages=(replace(plan.stages[2], learning_rate=1e30, gradient_norm=1e30, warmup=0.0),))
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    with pytest.raises(StageError, match="no number"):
        train_plan(wild, studies, tmp_path / "run", base, load_films=draw_films)
    assert not (tmp_path / "run" / "01-language" / "adapter").exists()


def test_training_learns(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """Over forty steps on one short report the loss falls; the random base's own small output layer bounds how far."""
    one = [replace(study, reference=studies[0].reference) for study in studies[1:3]]
    stage = Stage("all", frozenset(Group), learning_rate=2e-2, epochs=40, batch=2, dropout=0.0)
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    adapter = train_plan(replace(plan, stages=(stage,)), one, tmp_path / "run", base, load_films=draw_films)
    losses = [json.loads(line)["loss"] for line in (adapter.parent / "log.jsonl").read_text().splitlines()]
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.system
def test_two_processes_train_as_one(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    """Under torchrun two processes share every step, and end with the adapter and the losses of one process."""
    script = Path(__file__).with_name("two_processes.py")
    environment = {**os.environ, "PYTHONPATH": str(script.parents[2]), "OMP_NUM_THREADS": "1", "USE_LIBUV": "0"}
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone", str(script)]
    ended = subprocess.run(
        [*command, str(tiny_folders["llama"]), str(tmp_path / "two")],
        check=False, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    adapter = runpy.run_path(str(script))["train"](tiny_folders["llama"], tmp_path / "one")
    two = tmp_path / "two" / "02-language"
    assert json.loads((two / "stage.json").read_text())["processes"] == 2
    assert json.loads((adapter.parent / "stage.json").read_text())["processes"] == 1
    assert difference(two / "adapter", adapter) <= 1e-5
    logs = [
        [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        for folder in (two, adapter.parent)
    ]
    for one, other in zip(*logs, strict=True):
        assert one["step"] == other["step"]
        name = "loss" if "loss" in one else "validation_loss"
        assert one[name] == pytest.approx(other[name], abs=1e-4)


def test_processes_that_cannot_share_a_step_are_refused(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of one batch cannot be shared by two processes, and it is said before anything is loaded."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(StageError, match="2 processes cannot share"):
        train_plan(plan, studies, tmp_path / "run", load_base(tiny_folders["llama"], "fp32", "cpu"))
    assert not (tmp_path / "run").exists()


@pytest.mark.system
@pytest.mark.parametrize("precision", ["fp32", "nf4"])
def test_measuring_the_validation_loss_changes_nothing(
    precision: Any,
    tiny_folders: dict[str, Path],
    tmp_path: Path,
    plan: Plan,
    studies: list[Study],
    make_study: Callable[..., Study],
    draw_films: Films,
) -> None:
    """With studies to validate on, their loss is in the log at each of three steps, and the adapter is the same."""
    plain = replace(plan, stages=tuple(replace(stage, dropout=0.0) for stage in plan.stages))
    more = [*studies, make_study(20, "validate"), make_study(21, "validate")]
    adapters = [
        train_plan(
            plain, each, tmp_path / name, load_base(tiny_folders["llama"], precision, "cpu"), load_films=draw_films
        )
        for name, each in (("without", studies), ("with", more))
    ]
    assert difference(*adapters) <= TOLERANCE
    lines = [json.loads(line) for line in (adapters[1].parent / "log.jsonl").read_text().splitlines()]
    measured = [line["step"] for line in lines if line.get("validation_loss", 0) > 0]
    assert measured == [1, 2, 3][: lines[-1]["steps"]]
    assert "validation loss" in (adapters[1].parent / "loss.svg").read_text()
    assert "validation loss" not in (adapters[0].parent / "loss.svg").read_text()


@pytest.mark.system
def test_computing_activations_twice_changes_nothing(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies: list[Study], draw_films: Films
) -> None:
    """With activation checkpointing the adapter is the one without."""
    adapters = [
        train_plan(
            replace(plan, stages=tuple(replace(stage, dropout=0.0) for stage in plan.stages)),
            studies,
            tmp_path / str(checkpointing),
            load_base(tiny_folders["llama"], "fp32", "cpu"),
            TrainOptions(activation_checkpointing=checkpointing),
            load_films=draw_films,
        )
        for checkpointing in (False, True)
    ]
    assert difference(*adapters) <= TOLERANCE


@pytest.fixture
def studies_on_disk(studies: list[Study], tmp_path: Path) -> list[Study]:
    """The same studies with films in files, of which that of study-4 is broken."""
    on_disk = []
    for study in studies:
        images = []
        for image in study.images:
            path = tmp_path / "films" / str(image.path)
            path.parent.mkdir(exist_ok=True)
            grey = np.random.default_rng(len(on_disk)).integers(0, 255, (80, 80), dtype=np.uint8)
            Image.fromarray(grey).save(path)
            if study.study_id == "study-4":
                path.write_bytes(path.read_bytes()[:200])
            images.append(replace(image, path=path))
        on_disk.append(replace(study, images=tuple(images)))
    return on_disk


def test_study_with_a_broken_film_is_named_and_left_out(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies_on_disk: list[Study]
) -> None:
    """The training goes on without the study whose film cannot be read; it is named and counted."""
    reported: list[str] = []
    one = replace(plan, stages=plan.stages[:1])
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    adapter = train_plan(one, studies_on_disk, tmp_path / "run", base, TrainOptions(workers=2), log=reported.append)
    record = json.loads((adapter.parent / "stage.json").read_text())
    assert (record["data"]["studies"], record["data"]["left_out"]) == (7, {"with a film that cannot be read": 1})
    assert [line for line in reported if "study-4" in line]


def test_strict_training_stops_at_a_broken_film(
    tiny_folders: dict[str, Path], tmp_path: Path, plan: Plan, studies_on_disk: list[Study]
) -> None:
    """With strict, the study whose film cannot be read ends the training before its first step."""
    with pytest.raises(StageError, match="study-4"):
        train_plan(
            plan,
            studies_on_disk,
            tmp_path / "run",
            load_base(tiny_folders["llama"], "fp32", "cpu"),
            TrainOptions(strict=True),
        )
    assert not list((tmp_path / "run").glob("*/log.jsonl"))
