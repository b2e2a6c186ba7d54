"""The pilot from the first film to the report, each step by the command that a study's owner would give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from clinicalblip.cli.dispatch import main
from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.study_folder import StudyFolder
from research.pilot.crowd import read_all
from research.pilot.design import write_design
from research.pilot.parameters import population_of
from research.pilot.sources import write_sources
from research.pilot.truth import EstimateAndTruth, hold_against_truth, write_truth

TRUTH_FILE: Final = "truth.md"


def run_pilot(
    folder: Path,
    *,
    readers: int,
    cases: int,
    seed: int,
    model: tuple[str, str] | None,
    size: int = 320,
    bootstrap: int = 2000,
    say: Callable[[str], None],
) -> tuple[EstimateAndTruth, ...]:
    """Draw, prepare, read and report a study below `folder`: `sources/`, `study/` with `results/`, and `truth.md`.

    `model`: folders of base and adapter; None leaves the model's arm out. Raises ClinicalBlipError where a step cannot
    be done, ReaderStudyError for one of a command's, which has said why.
    """
    design, study = folder / "sources" / "reader_study.yaml", folder / "study"
    text = write_design(readers=readers, cases=cases, seed=seed, model=model, bootstrap=bootstrap)
    write_sources(folder / "sources", cases + 1, size=size)
    design.write_text(text, encoding="utf-8")
    _command("prepare", str(design), "--output", str(study))
    with StudyFolder.open(study) as opened:
        population = population_of([arm.name for arm in opened.design.arms])
    read_all(study, population, seed=seed, progress=lambda name: say(f"{name} is through"))
    _command("end", str(study))
    _command("report", str(study))
    held = hold_against_truth(study, population)
    write_truth(folder / TRUTH_FILE, held)
    return held


def _command(*arguments: str) -> None:
    if main(["reader-study", *arguments]) != 0:
        raise ReaderStudyError(f"`reader-study {arguments[0]}` did not do its work; its message says why.")
