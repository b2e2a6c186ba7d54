"""The commands that draw chests: `python -m research.phantom iu` and `python -m research.phantom cases`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clinicalblip.cli.options import whole_number
from clinicalblip.cli.parser import CommandParser, add_command
from research.command import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    return run_command(_parser(), arguments)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="python -m research.phantom",
        description="Draws synthetic chest films.",
        examples=("iu --help", "cases --output assets/cases"),
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    iu = add_command(
        commands,
        "iu",
        _iu,
        "Phantom-IU: IU X-RAY's reports with films drawn from their tags",
        ("--source DIR --split-file r2gen_annotation.json --output phantom-iu",),
    )
    iu.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with NLMCXR_reports.tgz")
    iu.add_argument("--split-file", type=Path, required=True, metavar="F", help="R2Gen's annotation.json")
    iu.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to draw into; resumable")
    iu.add_argument(
        "--size", type=whole_number(32, 4096, "pixels"), default=320, metavar="N", help="pixels a side (default: 320)"
    )
    iu.add_argument("--frontal-only", action="store_true", help="draw no lateral films")
    iu.add_argument("--composed", action="store_true", help="let reports say what was drawn and no more")
    iu.add_argument(
        "--workers",
        type=whole_number(1, 256, "processes"),
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes (default: all cores)",
    )

    cases = add_command(
        commands, "cases", _cases, "the sample cases of the page (assets/cases)", ("--output assets/cases",)
    )
    cases.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to draw into")
    return parser


def _iu(options: argparse.Namespace) -> None:
    from research.phantom.phantom_iu import write_phantom_iu

    counts = write_phantom_iu(
        options.source,
        options.split_file,
        options.output,
        size=options.size,
        lateral=not options.frontal_only,
        composed=options.composed,
        workers=options.workers,
    )
    sys.stdout.write(counts.table + "\n")


def _cases(options: argparse.Namespace) -> None:
    from research.phantom.cases import write_cases

    write_cases(options.output)


if __name__ == "__main__":
    sys.exit(main())
