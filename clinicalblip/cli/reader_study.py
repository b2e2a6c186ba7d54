"""The commands of reader studies, one module a part of a study's life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinicalblip.cli import reader_study_conduct, reader_study_design, reader_study_results, reader_study_statistics
from clinicalblip.cli.parser import add_group

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands

_PARTS = (reader_study_design, reader_study_conduct, reader_study_statistics, reader_study_results)


def add_commands(commands: Commands) -> None:
    """Add `reader-study` with its commands."""
    study = add_group(
        commands,
        "reader-study",
        "plan and run a study in which readers read cases with and without drafts, and report it",
        ("new reader_study.yaml", "check reader_study.yaml"),
    )
    for part in _PARTS:
        part.add_commands(study)
