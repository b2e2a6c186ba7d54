"""The command that judges a bundled model: `python -m research.mini.evaluation --data DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from clinicalblip.cli.parser import CommandParser
from research.command import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a model; returns the exit code."""
    return run_command(_parser(), arguments)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="python -m research.mini.evaluation",
        description="Judges a bundled model, and writes its figures and the card's tables.",
        examples=("--data DIR --model assets/mini --kept drafts.jsonl",),
    )
    parser.set_defaults(run=_judge)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the folder with radiographs/, iu/ and nih/"
    )
    parser.add_argument("--model", type=Path, default=Path("assets/mini"), metavar="DIR", help="the model's folder")
    parser.add_argument("--kept", type=Path, metavar="F", help="a file that drafts are kept in, to go on with")
    return parser


def _judge(options: argparse.Namespace) -> None:
    from research.mini.evaluation.card import write_figures  # torch: `--help` answers without it
    from research.mini.evaluation.evaluate import evaluate_mini
    from research.mini.recipe import FULL

    write_figures(options.model, evaluate_mini(options.model, options.data, FULL, options.kept))


if __name__ == "__main__":
    sys.exit(main())
