"""The commands that draw chests: `python -m research.phantom iu` and `python -m research.phantom cases`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from research.command import run_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    return run_command(_parser(), lambda options: options.run(options), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m research.phantom", description="Draws synthetic chest films.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    iu = commands.add_parser("iu", help="Phantom-IU: IU X-RAY's reports with films drawn from their tags")
    iu.set_defaults(run=_iu)
    iu.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with NLMCXR_reports.tgz")
    iu.add_argument("--split-file", type=Path, required=True, metavar="F", help="R2Gen's annotation.json")
    iu.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to draw into; resumable")
    iu.add_argument("--size", type=_pixels, default=320, metavar="N", help="pixels a side (default: 320)")
    iu.add_argument("--frontal-only", action="store_true", help="draw no lateral films")
    iu.add_argument("--composed", action="store_true", help="let reports say what was drawn and no more")
    iu.add_argument(
        "--workers", type=_workers, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )

    cases = commands.add_parser("cases", help="the sample cases that the page offers (assets/cases)")
    cases.set_defaults(run=_cases)
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


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("a number of processes from 1 to 256")
    return int(text)


def _pixels(text: str) -> int:
    if not text.isdecimal() or not 32 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError("a number of pixels from 32 to 4096")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
