"""The command `reader-study report`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.output import check_installed
from clinicalblip.cli.parser import add_command

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands

_EXTRA = "reader-study"
_PACKAGES = {
    "matplotlib": "draws the pictures",
    "scipy": "gives the intervals",
    "statsmodels": "fits the models",
    "choix": "fits the preferences",
}


def add_commands(commands: Commands) -> None:
    """Add `report` to the commands of `reader-study`."""
    report = add_command(
        commands,
        "report",
        _report,
        "write a study's results: tables, pictures, data, methods text and checklist",
        ("my-study",),
    )
    report.add_argument("folder", type=Path, metavar="DIR", help="what `reader-study prepare` made")


def _report(options: argparse.Namespace) -> None:
    for package, does in _PACKAGES.items():
        check_installed(package, does, _EXTRA)
    from clinicalblip.feedback.store import ReviewStore
    from clinicalblip.reader_study.results.write_results import report_study
    from clinicalblip.reader_study.study_folder import StudyFolder

    with StudyFolder.open(options.folder) as folder, ReviewStore(folder.reviews) as reviews:
        written = report_study(folder, reviews)
    print(f"{len(written)} files were written to {written[0].parent}:", *(path.name for path in written), sep="\n  ")
