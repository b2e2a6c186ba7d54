"""The pilot: `python -m research.pilot --output DIR`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from clinicalblip.cli.options import whole_number
from clinicalblip.cli.parser import CommandParser
from research.command import run_command

if TYPE_CHECKING:
    import argparse

_MODEL: Final = Path(__file__).resolve().parents[2] / "assets" / "mini"

_ABOUT: Final = (
    "A reader study with drawn films and simulated readers, from the films to the report: draws chests whose findings "
    "are known, writes a design of four arms (no draft; the bundled model; a predictions file with known errors; the "
    "true report with one error), prepares it, serves it, lets simulated readers read it to its end over HTTP, "
    "ends it, makes the report, and sets its estimates beside what is true of the readers (truth.md). Some minutes. "
    "Nothing in it says how people read."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the pilot and return the exit code."""
    parser = CommandParser(prog="python -m research.pilot", description=_ABOUT)
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="a folder for all of it")
    for name, of, default, said in (
        ("--readers", whole_number(3, 60, "readers"), 12, "a multiple of the arms"),
        ("--cases", whole_number(6, 500, "cases"), 80, "that each reader reads, a tenth of them gold"),
        ("--seed", whole_number(0, 2**32 - 1, "the lots"), 20261, "of the design and the readers, not of the films"),
    ):
        parser.add_argument(name, type=of, default=default, metavar="N", help=f"{said} (default: {default})")
    parser.add_argument("--without-model", action="store_true", help="leave the bundled model's arm out: three arms")
    parser.set_defaults(run=_run)
    return run_command(parser, arguments)


def _run(options: argparse.Namespace) -> None:
    from clinicalblip.progress import write_line
    from research.pilot.pilot import TRUTH_FILE, run_pilot

    parts = (str(_MODEL / "instructblip-mini"), str(_MODEL / "clinicalblip-mini"))
    held = run_pilot(
        options.output,
        readers=options.readers,
        cases=options.cases,
        seed=options.seed,
        model=None if options.without_model else parts,
        say=write_line,
    )
    known = [each for each in held if each.holds is not None]
    write_line(f"{sum(bool(each.holds) for each in known)} of {len(known)} intervals hold the truth: {TRUTH_FILE}.")


if __name__ == "__main__":
    sys.exit(main())
