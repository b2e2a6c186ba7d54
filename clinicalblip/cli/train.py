"""The commands `train` and `rehearse`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.asset_folder import ASSETS
from clinicalblip.cli.options import PRECISIONS, add_without, prompt_slots, whole_number
from clinicalblip.cli.output import check_can_plot
from clinicalblip.cli.parser import add_command
from clinicalblip.progress import write_line

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands


def add_commands(commands: Commands) -> None:
    """Add `train` and `rehearse`."""
    train = add_command(
        commands,
        "train",
        _train,
        "train a ClinicalBLIP adapter in stages",
        (
            "--plan mini --studies iu.jsonl --run runs/mini",
            "--plan clinicalblip --studies mimic.jsonl --run runs/full --base FOLDER --dry-run",
        ),
    )
    train.add_argument(
        "--plan", required=True, metavar="NAME", help="clinicalblip, single-stage, without-prior or mini"
    )
    train.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    train.add_argument(
        "--run",
        "--run-folder",  # torchrun takes --run for the beginning of an option of its own
        dest="run_folder",
        type=Path,
        required=True,
        metavar="DIR",
        help="where the run is kept",
    )
    train.add_argument(
        "--base",
        default=str(ASSETS / "mini" / "instructblip-mini"),
        metavar="B",
        help="an InstructBLIP folder or hub name (default: the bundled)",
    )
    train.add_argument("--precision", choices=PRECISIONS, default="auto", help="(default: auto)")
    add_without(train)
    train.add_argument(
        "--workers",
        type=whole_number(0, 256, "processes"),
        default=0,
        metavar="N",
        help="processes that read films beside it",
    )
    train.add_argument("--strict", action="store_true", help="stop at a film that cannot be read")
    train.add_argument(
        "--activation-checkpointing", action="store_true", help="compute activations twice instead of keeping them"
    )
    train.add_argument("--dry-run", action="store_true", help="say what would be trained, and how much memory it takes")

    rehearse = add_command(
        commands,
        "rehearse",
        _rehearse,
        "a full-size model with random weights: a step a stage, a draft",
        ("--shape instructblip-vicuna-7b", "--shape instructblip-vicuna-7b --device cuda --tokens 60"),
    )
    rehearse.add_argument(
        "--shape", required=True, metavar="NAME", help="instructblip-vicuna-7b, instructblip-flan-t5-xl or tiny"
    )
    rehearse.add_argument("--plan", default="clinicalblip", metavar="NAME", help="whose stages take a step")
    rehearse.add_argument("--precision", choices=("nf4", "bf16", "fp32"), default="nf4")
    rehearse.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    rehearse.add_argument("--tokens", type=int, default=20, metavar="N", help="how many tokens are drafted")


def _train(options: argparse.Namespace) -> None:
    check_can_plot("train")

    from clinicalblip.training.command import dry_run_command, train_command
    from clinicalblip.training.options import TrainOptions

    chosen = TrainOptions(
        without=frozenset(prompt_slots(options.without)),
        strict=options.strict,
        workers=options.workers,
        activation_checkpointing=options.activation_checkpointing,
    )
    if options.dry_run:
        print(dry_run_command(options.plan, options.studies, options.base, options.precision, chosen))
        return
    adapter = train_command(options.plan, options.studies, options.run_folder, options.base, options.precision, chosen)
    print(f"The adapter of plan {options.plan} is at {adapter}.")


def _rehearse(options: argparse.Namespace) -> None:
    from clinicalblip.training.plans import get_plan
    from clinicalblip.training.rehearse import rehearse

    done = rehearse(
        options.shape,
        get_plan(options.plan),
        precision=options.precision,
        device=options.device,
        tokens=options.tokens,
        log=write_line,
    )
    print(done.table)
