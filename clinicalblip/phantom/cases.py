"""The sample cases of the page: drawn chests with the context and the reference report that their drawing bears out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from clinicalblip.phantom.description import Finding, Kind, Phantom
from clinicalblip.phantom.draw import draw_chest

CASE_SIZE = 1024


@dataclass(frozen=True)
class Case:
    """One sample case: what is drawn, what is known beforehand, and the reference report."""

    id: str
    title: str
    phantom: Phantom
    indication: str
    history: str
    technique: str
    comparison: str
    findings: str
    impression: str
    prior_report: str = ""
    hints: str = ""


CASES = (
    Case(
        id="normal",
        title="Routine film before surgery",
        phantom=Phantom(11),
        indication="Preoperative examination",
        history="58-year-old with no complaints about the chest.",
        technique="Single frontal view.",
        comparison="None.",
        findings=(
            "The heart is of normal size. The mediastinal outline is unremarkable. Both lungs are clear, without "
            "consolidation. There is no pleural effusion and no pneumothorax. The bones of the chest look intact."
        ),
        impression="Normal chest radiograph.",
    ),
    Case(
        id="cardiomegaly",
        title="Short of breath on the stairs",
        phantom=Phantom(16, frozenset({Finding(Kind.CARDIOMEGALY, severity=0.6)})),
        indication="Shortness of breath on exertion",
        history="High blood pressure for many years.",
        technique="Single frontal view.",
        comparison="None.",
        findings=(
            "The heart is enlarged. Both lungs are clear, without consolidation. "
            "There is no pleural effusion and no pneumothorax. The bones of the chest look intact."
        ),
        impression="Enlarged heart. No other finding in the chest.",
    ),
    Case(
        id="effusion",
        title="Cough and pain on the right",
        phantom=Phantom(12, frozenset({Finding(Kind.EFFUSION, "right", severity=0.35)})),
        indication="Cough and right-sided chest pain",
        history="Two weeks of cough.",
        technique="Single frontal view.",
        comparison="Chest radiograph of last year.",
        findings=(
            "There is a pleural effusion on the right, which blunts the costophrenic angle and climbs along the chest "
            "wall. The left lung is clear. The heart is of normal size. There is no pneumothorax."
        ),
        impression="Right pleural effusion.",
        prior_report="The heart is of normal size. Both lungs are clear. There is no pleural effusion.",
    ),
    Case(
        id="no-lateral",
        title="Sudden pain, frontal film only",
        phantom=Phantom(13, frozenset({Finding(Kind.PNEUMOTHORAX, "left", severity=0.6)})),
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
    """Draw every sample case into `folder`: `ID/frontal.png`, 8-bit grey, 1024 x 1024, and one `cases.json`."""
    described = []
    for case in CASES:
        path = Path(case.id) / "frontal.png"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        picture = np.rint(draw_chest(case.phantom, CASE_SIZE) * 255).astype(np.uint8)
        Image.fromarray(picture).save(folder / path, optimize=True)
        texts = {n: v for n, v in vars(case).items() if isinstance(v, str)}
        images = [{"path": path.as_posix(), "view": "frontal"}]
        described.append({**texts, "images": images, "synthetic": True})
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    (folder / "cases.json").write_text(text, encoding="utf-8")
