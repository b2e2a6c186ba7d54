"""The commands over a study's design: `reader-study new` and `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.parser import add_command

if TYPE_CHECKING:
    import argparse

    from clinicalblip.cli.parser import Commands


def add_commands(commands: Commands) -> None:
    """Add `new` and `check`."""
    new = add_command(
        commands,
        "new",
        _new,
        "write a design with a comment at each field, to begin with",
        ("reader_study.yaml",),
    )
    new.add_argument("file", type=Path, metavar="FILE", help="the design to write; nothing may stand there")
    check = add_command(
        commands,
        "check",
        _check,
        "hold a design to its rules and its studies, and print who would read what",
        ("reader_study.yaml",),
    )
    check.add_argument("file", type=Path, metavar="FILE", help="the design, as `reader-study new` begins one")


def _new(options: argparse.Namespace) -> None:
    from clinicalblip.reader_study.design.template import write_template

    write_template(options.file)
    print("Written. Change what is to be another way, then check it with `reader-study check`.")


def _check(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.files.studies import digest_studies, read_studies
    from clinicalblip.reader_study.assignment.assign import assign
    from clinicalblip.reader_study.assignment.balance import balance_lines
    from clinicalblip.reader_study.assignment.select_cases import patients_twice, select_cases
    from clinicalblip.reader_study.design.read_design import read_design

    design = read_design(options.file)
    studies = list(read_studies(options.file.absolute().parent / design.studies.file, design.studies.split))
    cases = select_cases(design, studies)
    # Nothing is kept of this assignment: what it names as its design is not looked at.
    assignment = assign(design, cases, design_digest="", studies_digest=digest_studies(studies))
    print(*balance_lines(design, assignment), sep="\n")
    if patients := patients_twice(cases, studies):
        print(f"\nOf {patients} patients more than one study is read: one of each patient is not enough.")
