"""The manifest of the radiographs: which films are used, what is known of each, and in which split they are."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

NIH_LABELS = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural_Thickening",
    "Pneumonia",
    "Pneumothorax",
)
NIH_SETS = ("nih", "nih_lowres")

_PNEUMONIA_WORDS = frozenset({"Pneumonia", "COVID-19", "SARS"})


@dataclass(frozen=True)
class FilmRow:
    """One film: its id, data set and patient, the set and size that it is compared within, its split and its labels.

    `labels` are 1 present, 0 absent and None unknown, in the order of `NIH_LABELS`; `split` is "train" or "validation".
    `probabilities` are a published network's in the same order, and `radiologists` the class that radiologists gave it;
    empty where there are none.
    """

    id: str
    set: str
    patient: str
    group: str
    split: str
    labels: tuple[float | None, ...]
    probabilities: tuple[float, ...] = ()
    radiologists: str = ""


def usable_films(manifest: Path) -> list[FilmRow]:
    """The manifest's films, in its order, without lateral ones and those that might be of a validation patient."""
    rows = []
    with manifest.open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            names = frozenset(filter(None, line["labels"].split(";")))
            # NIH patients whose ids are lost might be validation patients: their films are nobody's.
            orphan = line["set"] == "nih_effusion_anon"
            orphan = orphan or (line["set"] == "covid_radiography" and "No Finding" in names)
            if orphan or line["view"] == "lateral":
                continue
            patient = line["patient"] or line["file"]
            split = split_of(patient) if line["set"] in NIH_SETS else "train"
            group = f"{line['set']}:{min(int(line['width']), int(line['height']))}"
            rows.append(FilmRow(line["file"], line["set"], patient, group, split, _known(line["set"], names)))
    return rows


def _known(set_name: str, names: frozenset[str]) -> tuple[float | None, ...]:
    """1 present, 0 absent, None unknown, in the order of `NIH_LABELS`; only NIH's films were read for all fourteen."""
    if names == {"No Finding"}:
        return (0.0,) * len(NIH_LABELS)
    if set_name in NIH_SETS and names:
        return tuple(float(name in names) for name in NIH_LABELS)
    pneumonia = 1.0 if names & _PNEUMONIA_WORDS else None
    return tuple(pneumonia if name == "Pneumonia" else None for name in NIH_LABELS)


def split_of(patient: str) -> str:
    """The split of a patient, by a digest of the id: a tenth validates, the others train."""
    return "validation" if int(hashlib.sha256(patient.encode()).hexdigest(), 16) % 10 == 0 else "train"
