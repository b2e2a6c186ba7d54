"""The sample cases of the page: drawn chests with a context and a reference report that is true of the drawing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clinicalblip.errors import DatasetError
from clinicalblip.radiology.radiograph import View
from research.phantom.description import Finding, Kind, Phantom
from research.phantom.draw import draw
from research.phantom.phantom_iu import NOTICE

CASE_SIZE = 576


@dataclass(frozen=True)
class CaseRecipe:
    """One sample case: what is drawn, its context and the reference report.

    `prior` is the earlier film, and `prior_report` what was written of it.
    """

    id: str
    title: str
    phantom: Phantom
    indication: str
    history: str
    technique: str
    comparison: str
    findings: str
    impression: str
    lateral: bool = False
    prior: Phantom | None = None
    prior_report: str = ""
    hints: str = ""


CASES = (
    CaseRecipe(
        id="normal",
        title="Routine films before surgery",
        phantom=Phantom(709, exposure=1),
        indication="Preoperative examination",
        history="58-year-old with no complaints about the chest.",
        technique="PA and lateral views.",
        comparison="None.",
        findings=(
            "The heart is of normal size. The mediastinal outline is unremarkable. Both lungs are clear, without "
            "consolidation. There is no pleural effusion and no pneumothorax. The bones of the chest look intact."
        ),
        impression="Normal chest radiograph.",
        lateral=True,
    ),
    CaseRecipe(
        id="cardiomegaly",
        title="Short of breath on the stairs",
        phantom=Phantom(727, frozenset({Finding(Kind.CARDIOMEGALY, severity=0.6)})),
        indication="Shortness of breath on exertion",
        history="High blood pressure for many years.",
        technique="Single frontal view.",
        comparison="Chest radiograph of two years ago.",
        findings=(
            "The heart is enlarged, as it was on the prior film. Both lungs are clear, without consolidation. "
            "There is no pleural effusion and no pneumothorax. The bones of the chest look intact."
        ),
        impression="Enlarged heart, unchanged. No other finding in the chest.",
        prior=Phantom(727, frozenset({Finding(Kind.CARDIOMEGALY, severity=0.6)}), exposure=2),
        prior_report="The heart is enlarged. Both lungs are clear. There is no pleural effusion.",
    ),
    CaseRecipe(
        id="effusion",
        title="Cough and pain on the right",
        phantom=Phantom(752, frozenset({Finding(Kind.EFFUSION, "right", severity=0.6)}), exposure=2),
        indication="Cough and right-sided chest pain",
        history="Three weeks of cough.",
        technique="Single frontal view.",
        comparison="Chest radiograph of last week.",
        findings=(
            "There is a moderate pleural effusion on the right, which has increased since the prior film. The left "
            "lung is clear. The heart is of normal size. There is no pneumothorax."
        ),
        impression="Larger right pleural effusion.",
        prior=Phantom(752, frozenset({Finding(Kind.EFFUSION, "right", severity=0.1)})),
        prior_report=(
            "There is a small pleural effusion on the right. The left lung is clear. The heart is of normal size. "
            "There is no pneumothorax."
        ),
    ),
    CaseRecipe(
        id="no-lateral",
        title="Sudden pain, frontal film only",
        phantom=Phantom(774, frozenset({Finding(Kind.PNEUMOTHORAX, "left", severity=0.5)}), exposure=2),
        indication="Sudden left-sided chest pain",
        history="Tall 24-year-old. No injury.",
        technique="Single frontal view. No lateral view was taken.",
        comparison="None.",
        findings=(
            "There is a pneumothorax on the left with a visible pleural line and no lung markings beyond it. "
            "The right lung is clear. There is no pleural effusion. The heart is of normal size."
        ),
        impression="Left pneumothorax.",
        hints="pneumothorax left",
    ),
)


def write_cases(folder: Path) -> None:
    """Draw every sample case into `folder`, and write one `cases.json` that names the films.

    The films are 8-bit grey PNG, 576 x 576: `ID/frontal.png`, and `ID/lateral.png` and `ID/prior.png` where there are
    such. Each says in its PNG text that it is synthetic. Raises DatasetError where the folder cannot be written to.
    """
    try:
        _write_cases(folder)
    except OSError as error:
        raise DatasetError(
            f"The sample cases cannot be written ({error.strerror or type(error).__name__}); "
            "name a folder that can be written to and has room."
        ) from error


def _write_cases(folder: Path) -> None:
    described = []
    for case in CASES:
        films = [(case.phantom, "frontal", View.FRONTAL)]
        if case.lateral:
            films.append((case.phantom, "lateral", View.LATERAL))
        if case.prior:
            films.append((case.prior, "prior", View.FRONTAL))
        images = []
        for phantom, name, view in films:
            path = Path(case.id) / f"{name}.png"
            _write_film(phantom, view, folder / path)
            images.append({"path": path.as_posix(), "view": str(view)})
        texts = {n: v for n, v in vars(case).items() if isinstance(v, str)}
        described.append({**texts, "images": images, "synthetic": True})
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    (folder / "cases.json").write_text(text, encoding="utf-8")


def _write_film(phantom: Phantom, view: View, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notice = PngInfo()
    notice.add_text("Description", NOTICE)
    greys = np.rint(draw(phantom, CASE_SIZE, view).image * 255).astype(np.uint8)
    Image.fromarray(greys).save(path, optimize=True, pnginfo=notice)
