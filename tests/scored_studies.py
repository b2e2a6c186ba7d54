"""Studies and drafts of our own writing for what is scored, and the files they lie in."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from clinicalblip.datasets.studies import digest_of, write_studies
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study

NORMAL = "The lungs are clear. No pleural effusion."
TEXTS = (
    NORMAL,
    "There is a large right pleural effusion. The heart is enlarged.",
    "Left lower lobe consolidation. No pneumothorax is seen.",
    "The heart size is normal. There is a calcified granuloma in the right lung.",
)


def study(number: int, split: str = "test", *, findings: str | None = None, **context: str) -> Study:
    """A study whose findings are one of four texts, by its number; ids sort as numbers do."""
    text = TEXTS[number % len(TEXTS)] if findings is None else findings
    known = {"indication": ("cough", "chest pain", "fever and cough", "fall")[number % 4], **context}
    return Study(
        study_id=f"{split}{number:04d}",
        patient_id=f"{split}{number}",
        split=split,
        context=ClinicalContext(**known),
        reference=Report(text, "No acute disease."),
    )


def some_studies(test: int = 8, train: int = 8) -> list[Study]:
    """So many studies of either split."""
    return [*(study(n) for n in range(test)), *(study(n, "train") for n in range(train))]


def write_drafts(
    path: Path,
    drafts: Mapping[str, str],
    *,
    films: str | None = None,
    without: Iterable[str] = (),
    model: str = "base-1",
    finding_bias: float = 0.0,
    of: Iterable[Study] = (),
) -> Path:
    """A predictions file with these findings, and, where films are named, what made it `of` these studies beside it."""
    lines = ({"study_id": each, "findings": text, "impression": "Normal."} for each, text in drafts.items())
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    if films is not None:
        about = {
            "model": {"base": model, "base_digest": f"digest of {model}", "adapter": None, "adapter_digest": None},
            "films": films,
            "without": sorted(without),
            "data": {"studies": len(drafts), "digest": _digest(of)},
            **({"finding_bias": finding_bias} if finding_bias else {}),
        }
        path.with_name(f"{path.stem}.about.json").write_text(json.dumps(about), encoding="utf-8")
    return path


def _digest(studies: Iterable[Study]) -> str:
    return hashlib.sha256("\n".join(digest_of(each) for each in studies).encode()).hexdigest()


def write_split(folder: Path, studies: Iterable[Study]) -> Path:
    """A studies file of these."""
    path = folder / "studies.jsonl"
    write_studies(studies, path)
    return path
