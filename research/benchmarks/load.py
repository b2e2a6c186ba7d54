"""What the page takes and withstands, from outside: readers at once, large films at once, and requests that mean harm.

    python -m research.benchmarks.load [--readers 50] [--films 10] [--requests 1000] [--only KIND ...] [--data DIR]
                                       [--seconds 600] [--output FILE]

The page runs in a process of its own on loopback, as app.py starts it, with the bundled model and a reviews file that
goes with it. Everything is bounded in time and ended with the command. KIND is "readers", "films", or a kind of hostile
request. Memory is resident bytes of server and workers, sampled ten times a second; what they share counts for each.
Without --data the films are drawn. Nothing else should run beside it.
"""

import argparse
import asyncio
import os
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from clinicalblip.cli.parser import CommandParser
from research.benchmarks.hostile_requests import ATTACKS
from research.benchmarks.load_attacks import HOSTILE_COLUMNS, measure_attacks
from research.benchmarks.load_crowd import CROWD_COLUMNS, EVENT_COLUMNS, measure_crowd
from research.benchmarks.load_films import drawn_film, given_films
from research.benchmarks.page_process import PageProcess
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name
from research.command import run_command

READING_SIDE, LARGE_SIDE = 2048, 7746  # pixels: an ordinary film, and one of 60 megapixels


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    command = shlex.join(["python", "-m", "research.benchmarks.load", *sys.argv[1:]])
    set_to = f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}, {memory:.0f} GiB of memory; {set_to}\n\n`{command}`"


def _measure(options: argparse.Namespace) -> None:
    kinds = options.only or ["readers", "films", *ATTACKS]
    films = given_films(options.data, options.readers) if options.data and "readers" in kinds else None
    crowds: dict[str, list[bytes]] = {}
    if "readers" in kinds:
        crowds["readers"] = films or [drawn_film(one, READING_SIDE, noise=12) for one in range(options.readers)]
    if "films" in kinds:
        crowds["films of 60 megapixels"] = [drawn_film(one, options.side, noise=0) for one in range(options.films)]
    parts = [_machine()]
    rows, event_rows = [], []
    for what, given in crowds.items():
        with PageProcess() as page:  # a new one each, so that the peak is its own
            row, of_events = asyncio.run(measure_crowd(page, what, given, options.seconds))
            rows.append(row)
            event_rows += of_events
    if rows:
        parts += [_table(CROWD_COLUMNS, rows), _table(EVENT_COLUMNS, event_rows)]
    if attacks := [kind for kind in kinds if kind in ATTACKS]:
        with PageProcess() as page:
            attacked = asyncio.run(measure_attacks(page, attacks, options.requests, options.seconds))
        parts.append(_table(HOSTILE_COLUMNS, attacked))
    print_tables("\n\n".join(part.rstrip("\n") for part in parts) + "\n", options.output)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; returns the exit code."""
    parser = CommandParser(prog="python -m research.benchmarks.load", description=__doc__.split("\n")[0])
    parser.add_argument("--readers", type=int, default=50, help="readers at once, with a film each")
    parser.add_argument("--films", type=int, default=10, help="films of 60 megapixels at once")
    parser.add_argument("--side", type=int, default=LARGE_SIDE, help="pixels of a side of those films")
    parser.add_argument("--requests", type=int, default=1000, help="hostile requests of each kind")
    parser.add_argument("--only", nargs="+", metavar="KIND", choices=["readers", "films", *ATTACKS])
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with radiographs/nih.zip for the readers")
    parser.add_argument("--seconds", type=float, default=600.0, help="the longest that one row may take")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the tables there, too")
    parser.set_defaults(run=_measure)
    return run_command(parser, arguments)


if __name__ == "__main__":
    sys.exit(main())
