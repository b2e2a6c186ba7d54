"""The command that makes the bundled model anew: `python -m research.mini --data DIR --run DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from clinicalblip.cli.parser import CommandParser
from research.command import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the bundled model; returns the exit code."""
    return run_command(_parser(), arguments)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="python -m research.mini",
        description="Makes the bundled model anew (hours on two cores; resumable).",
        examples=(
            "--data DIR --run runs/mini --output model",
            "--data DIR --run runs/mini --output model --vision-init research/assets/vision_init",
            "--data DIR --run runs/tiny --output tiny --tiny",
        ),
    )
    parser.set_defaults(run=_make)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with radiographs/ and iu/")
    parser.add_argument(
        "--run", dest="run_folder", type=Path, required=True, metavar="DIR", help="where the run is kept"
    )
    parser.add_argument("--output", type=Path, default=Path("assets/mini"), metavar="DIR", help="where the model goes")
    parser.add_argument(
        "--vision-init",
        type=Path,
        metavar="DIR",
        help="take the teacher, and the encoder or its first cycle, as finished (research/assets/vision_init)",
    )
    parser.add_argument(
        "--connected",
        type=Path,
        metavar="DIR",
        help="take the base as finished, before its LoRA stages (research/assets/connected)",
    )
    parser.add_argument("--tiny", action="store_true", help="minutes instead of hours, to see that every part runs")
    return parser


def _make(options: argparse.Namespace) -> None:
    from research.mini.make import make_mini  # torch: `--help` answers without it
    from research.mini.recipe import FULL, TINY

    make_mini(
        options.data,
        options.run_folder,
        options.output,
        recipe=TINY if options.tiny else FULL,
        vision_init=options.vision_init,
        connected=options.connected,
    )


if __name__ == "__main__":
    sys.exit(main())
