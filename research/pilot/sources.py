"""What the pilot's design is made from: drawn films with true reports, and a file of reports with known errors."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clinicalblip.datasets.files.json_lines import write_json_lines
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.errors import DatasetError
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.radiology.study import Study, StudyImage
from research.phantom.choosing import random_finding, random_phantom, seen_apart
from research.phantom.description import Kind, Phantom
from research.phantom.draw import draw
from research.phantom.phantom_iu import NOTICE, SYNTHETIC_TAG
from research.phantom.reports.report import describe

STUDIES_FILE: Final = "studies.jsonl"
PREDICTIONS_FILE: Final = "predictions.jsonl"
PHANTOMS_FILE: Final = "phantoms.jsonl"

_FIRST_SEED: Final = 40_010_000  # beyond the seeds of training, of Phantom-IU and of counterfactuals
_WRONG: Final = 0.6
"""How often a report of the predictions file leaves out a finding that is drawn, or has one that is not."""


def write_sources(folder: Path, count: int, *, size: int) -> None:
    """Draw `count` films of `size` pixels a side, and write studies, phantoms and predictions beside them.

    The same for each count. Raises DatasetError where the folder cannot be written to.
    """
    phantoms = [random_phantom(_FIRST_SEED + number) for number in range(count)]
    studies = [_study(folder, number, phantom) for number, phantom in enumerate(phantoms, start=1)]
    try:
        (folder / "films").mkdir(parents=True, exist_ok=True)
        for study, phantom in zip(studies, phantoms, strict=True):
            _draw(phantom, study.images[0].path, size)
        drawn = zip(studies, phantoms, strict=True)
        write_json_lines(
            ({"study_id": study.study_id, **_described(phantom)} for study, phantom in drawn), folder / PHANTOMS_FILE
        )
        drawn = zip(studies, phantoms, strict=True)
        write_json_lines(
            (
                {"study_id": study.study_id, **asdict(describe(_mistaken(phantom), _rng(phantom, 7)))}
                for study, phantom in drawn
            ),
            folder / PREDICTIONS_FILE,
        )
    except OSError as error:
        raise DatasetError(
            f"The drawn films cannot be written ({error.strerror or type(error).__name__}); "
            "name a folder that can be written to and has room."
        ) from error
    write_studies(studies, folder / STUDIES_FILE)


def _study(folder: Path, number: int, phantom: Phantom) -> Study:
    name = f"pilot-{number:03d}"
    return Study(
        study_id=name,
        patient_id=f"{name}-drawn",
        split="test",
        images=(StudyImage(folder.absolute() / "films" / f"{name}.png", phantom.projection),),
        context=ClinicalContext(indication="A drawn film, of nobody", technique="Single frontal view."),
        reference=describe(phantom),
        tags=(SYNTHETIC_TAG,),
    )


def _draw(phantom: Phantom, path: Path, size: int) -> None:
    if path.is_file():
        return
    notice = PngInfo()
    notice.add_text("Description", NOTICE)
    greys = np.rint(draw(phantom, size, phantom.projection).image * 255).astype(np.uint8)
    Image.fromarray(greys).save(path, pnginfo=notice)


def _described(phantom: Phantom) -> dict[str, object]:
    return {"seed": phantom.seed, "findings": [asdict(finding) for finding in phantom.in_order]}


def _mistaken(phantom: Phantom) -> Phantom:
    """The chest as the predictions file has it: in most cases one finding less than there is, or one more."""
    rng = _rng(phantom, 1)
    if rng.random() >= _WRONG:
        return phantom
    if phantom.findings and rng.random() < 0.5:
        gone = phantom.in_order[int(rng.integers(len(phantom.findings)))]
        return replace(phantom, findings=phantom.findings - {gone})
    kinds = [kind for kind in Kind if phantom.finding(kind) is None]
    for place in rng.permutation(len(kinds)):
        more = random_finding(kinds[place], rng)
        if seen_apart((*phantom.findings, more)):
            return replace(phantom, findings=phantom.findings | {more})
    return phantom


def _rng(phantom: Phantom, of: int) -> np.random.Generator:
    return np.random.default_rng((phantom.seed, 61, of))
