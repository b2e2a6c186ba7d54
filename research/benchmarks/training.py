"""How fast and in how much memory each stage of the plan `mini` trains, beside a bare loop and beside its data alone.

    OMP_NUM_THREADS=2 python -m research.benchmarks.training [--studies N]

Every figure comes from a process of its own, or from two under torchrun with one thread each, so that the peak memory
is its own. All take the same batches of drawn films, eight studies each and two a step (the plan's sixteen studies, in
parts that two processes can share), on the bundled base in 32 bits. Time runs from the end of the first step to the end
of the last. The bare loop is the same model, batches, loss and optimiser without transformers' Trainer. Nothing else
should run beside it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

BASE = ROOT / "assets" / "mini" / "instructblip-mini"
FILM_SIDE = 512
STAGES = ("vision", "bridge", "language")
COLUMNS = ("stage", "one process", "two processes", "bare loop", "MiB, one", "MiB, each of two", "MiB, bare loop")


def measure(part: str, name: str, folder: Path) -> dict[str, Any]:
    """Studies a second and the peak memory of one stage: `trainer`, `bare`, or of its data alone: `loader`."""
    from clinicalblip.datasets.files.studies import read_studies
    from clinicalblip.instructblip.base import load_base
    from clinicalblip.training.data.films import CachedFilmLoader
    from clinicalblip.training.machine import peak_memory
    from clinicalblip.training.plans import MINI

    studies = list(read_studies(folder / "studies.jsonl"))
    base = load_base(BASE, "fp32", "cpu")
    stage = replace(next(s for s in MINI.stages if s.name == name), batch=8, accumulation=2, epochs=1, slot_dropout=0.0)
    films = CachedFilmLoader(base.image_size, folder / "films-kept")
    if part == "loader":
        return loader(stage, studies, base, films)
    if part == "bare":
        speed = bare_loop(stage, studies, base, films)
    else:
        speed = with_trainer(replace(MINI, stages=(stage,)), studies, base, films, folder)
    return {"studies/s": speed, "MiB": peak_memory()["resident"] / 2**20}


def with_trainer(plan: Any, studies: Any, base: Any, films: Any, folder: Path) -> float:
    """Train the one stage of the plan as `train` does."""
    from clinicalblip.datasets.files.json_lines import recover_json_lines
    from clinicalblip.training.train import train_plan

    world = os.environ.get("WORLD_SIZE", "1")
    run = folder / f"run-{plan.stages[0].name}-{world}"
    train_plan(plan, studies, run, base, load_films=films)
    lines = recover_json_lines(next(run.glob("*/log.jsonl")))
    first, last = lines[0], lines[-1]
    return speed_of(len(studies), last["steps"], last["seconds"] - first["seconds"])


def bare_loop(stage: Any, studies: Any, base: Any, films: Any) -> float:
    """The same steps in plain PyTorch."""
    import torch

    from clinicalblip.instructblip.adapter import create_adapter, freeze_all_but, set_dropout
    from clinicalblip.instructblip.collate import IGNORE_INDEX
    from clinicalblip.training.data.dataset import BatchDataset, Collator
    from clinicalblip.training.plans import MINI
    from clinicalblip.training.trainer import report_loss

    torch.manual_seed(0)
    model = create_adapter(base, MINI.ranks, seed=0)
    freeze_all_but(model, stage.trains)
    set_dropout(model, stage.trains, stage.dropout)
    learning = [each for each in model.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=stage.learning_rate, weight_decay=stage.weight_decay)
    batches, collate = BatchDataset(stage, studies, base=base, load_films=films, seed=1), Collator(base)
    steps = len(batches) // stage.accumulation
    model.train()
    began = 0.0
    for step in range(steps):
        parts = [collate([batches[step * stage.accumulation + part]]) for part in range(stage.accumulation)]
        tokens = sum(int((part["labels"] != IGNORE_INDEX).sum()) for part in parts)
        for part in parts:
            labels = part.pop("labels")
            with base.autocast():
                loss = report_loss(model(**part).logits, labels, is_decoder_only=base.is_decoder_only, tokens=tokens)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, stage.gradient_norm)
        optimiser.step()
        optimiser.zero_grad()
        began = began or time.monotonic()
    return speed_of(len(studies), steps, time.monotonic() - began)


def loader(stage: Any, studies: Any, base: Any, films: Any) -> dict[str, Any]:
    """The data loader alone: films decoded for the first time, then kept ones."""
    from torch.utils.data import DataLoader

    from clinicalblip.training.data.dataset import BatchDataset, Collator

    batches = BatchDataset(stage, studies, base=base, load_films=films, seed=1)
    speeds = []
    for _ in range(2):
        began = time.monotonic()
        for _batch in DataLoader(batches, batch_size=1, collate_fn=Collator(base)):
            pass
        speeds.append(len(studies) / (time.monotonic() - began))
    return {"decoded": speeds[0], "kept": speeds[1]}


def speed_of(studies: int, steps: int, seconds: float) -> float:
    """Studies a second over all steps but the first."""
    return studies * (steps - 1) / steps / seconds


def draw_studies(folder: Path, count: int) -> None:
    """Drawn films with a composed report each, and the studies file."""
    import numpy as np
    from PIL import Image

    from clinicalblip.datasets.files.studies import write_studies
    from clinicalblip.radiology.radiograph import View
    from clinicalblip.radiology.study import Study, StudyImage
    from research.benchmarks.overfit import describe, few_findings
    from research.phantom.draw import draw_chest

    studies = []
    for number in range(count):
        path = folder / f"{number}.png"
        phantom = few_findings(number)
        Image.fromarray(np.rint(draw_chest(phantom, FILM_SIDE) * 255).astype(np.uint8)).save(path)
        images = (StudyImage(path, View.PA),)
        report = describe(phantom, own_wording=True)
        studies.append(Study(f"s{number}", f"p{number}", "train", images, reference=report))
    write_studies(studies, folder / "studies.jsonl")


def in_own_process(part: str, stage: str, folder: Path, processes: int = 1) -> dict[str, Any]:
    """What `measure` finds in a process of its own, or in the first of two."""
    environment = dict(os.environ)
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--nproc_per_node", str(processes), "--standalone"]
        environment |= {"OMP_NUM_THREADS": "1", "USE_LIBUV": "0"}
    command = [*start, "-m", "research.benchmarks.training", "--part", part, "--stage", stage, "--folder", str(folder)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=ROOT)
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    if ended.returncode or not lines:
        raise SystemExit(ended.stderr[-3000:])
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def main() -> None:
    """Print one table and a line for the data loader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=48, help="a multiple of 16")
    parser.add_argument("--part", choices=("trainer", "bare", "loader"), help=argparse.SUPPRESS)
    parser.add_argument("--stage", choices=STAGES, default="vision", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        found = measure(options.part, options.stage, options.folder)
        if os.environ.get("RANK", "0") == "0":
            print(json.dumps(found), flush=True)
        return
    if options.studies % 16 or options.studies < 32:
        parser.error("--studies is a multiple of 16, at least 32")
    from research.benchmarks.processor import cpu_name

    print(
        f"{cpu_name()}; OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}, 1 for each of two; "
        f"{options.studies} studies; studies a second\n"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        draw_studies(folder, options.studies)
        data = in_own_process("loader", "vision", folder)
        print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS), flush=True)
        for stage in STAGES:
            one, two = (in_own_process("trainer", stage, folder, processes) for processes in (1, 2))
            bare = in_own_process("bare", stage, folder)
            cells = [f"{each['studies/s']:.1f}" for each in (one, two, bare)]
            cells += [f"{each['MiB']:,.0f}" for each in (one, two, bare)]
            print(f"| {stage} | " + " | ".join(cells) + " |", flush=True)
    print(
        f"\nThe data loader alone: {data['kept']:,.0f} studies a second from kept films, {data['decoded']:,.0f} where "
        f"each is decoded first ({FILM_SIDE} pixels a side)."
    )


if __name__ == "__main__":
    main()
