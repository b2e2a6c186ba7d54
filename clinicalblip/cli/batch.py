"""The commands `draft-all` and `score`: every study of a file, or of one of its splits."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import (
    SPLITS,
    add_finding_bias,
    add_model,
    add_without,
    prompt_slots,
    settings_from,
)
from clinicalblip.cli.output import output_file
from clinicalblip.cli.parser import add_command
from clinicalblip.cli.reporter import load_reporter
from clinicalblip.progress import write_line

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.instructblip.batch.input_condition import InputCondition
    from clinicalblip.radiology.study import Study
    from clinicalblip.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add `draft-all` and `score`."""
    drafting = add_command(
        commands,
        "draft-all",
        _draft_all,
        "draft every study of a file; resumable, also under torchrun",
        (
            "--studies iu.jsonl --split test --output predictions.jsonl",
            "--studies iu.jsonl --split test --films blank --output no-film.jsonl",
            "--studies iu.jsonl --split test --at http://127.0.0.1:8000 --output predictions.jsonl",
        ),
    )
    drafting.add_argument("--batch", type=int, default=32, metavar="N", help="studies given to the engine at a time")
    drafting.add_argument("--at", metavar="URL", help="the address of replicas that draft (default: the settings')")
    _add_studies(drafting, "predictions")
    add_finding_bias(drafting)
    scoring = add_command(
        commands,
        "score",
        _score,
        "how likely each finding is, for every study; as draft-all",
        ("--studies iu.jsonl --split test --output scores.jsonl",),
    )
    _add_studies(scoring, "scores")


def _add_studies(parser: argparse.ArgumentParser, written: str) -> None:
    parser.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    parser.add_argument("--split", choices=SPLITS, help="(default: all studies)")
    parser.add_argument("--output", type=Path, required=True, metavar="F", help=f"the {written} file (JSON lines)")
    parser.add_argument(
        "--films", choices=("right", "shuffled", "blank"), default="right", help="which films the model is given"
    )
    add_without(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="the seed of sampling and of shuffled films")
    add_model(parser)


def _draft_all(options: argparse.Namespace) -> None:
    from clinicalblip.instructblip.batch.draft_all import draft_all
    from clinicalblip.instructblip.distributed import rank

    settings, studies, condition = _read(options)
    empty = draft_all(
        load_reporter(settings),
        studies,
        options.output,
        condition,
        batch=options.batch,
        log=write_line,
    )
    if rank() == 0:
        print(f"{len(studies)} studies drafted, {empty} of them without a word.")


def _score(options: argparse.Namespace) -> None:
    from clinicalblip.instructblip.batch.score_all import score_all
    from clinicalblip.instructblip.distributed import rank
    from clinicalblip.instructblip.reporter import load_reporter as load_here

    settings, studies, condition = _read(options)
    unread = score_all(load_here(settings), studies, options.output, condition, log=write_line)
    if rank() == 0:
        print(f"{len(studies)} studies scored, {unread} of them without films that can be read.")


def _read(options: argparse.Namespace) -> tuple[Settings, list[Study], InputCondition]:
    """The settings, the studies of a split, and what of each the model is given: all files but the model's."""
    from clinicalblip.datasets.files.studies import read_studies
    from clinicalblip.instructblip.batch.input_condition import FilmCondition, InputCondition
    from clinicalblip.instructblip.book.find_book import refuse_seen

    without = prompt_slots(options.without)
    output_file(options.output)
    studies = list(read_studies(options.studies, options.split))
    settings = settings_from(options)
    seed = settings.generation.seed if options.seed is None else options.seed
    refuse_seen(settings, studies)
    condition = InputCondition(FilmCondition(options.films), without, seed, settings.limits)
    return settings, studies, condition
