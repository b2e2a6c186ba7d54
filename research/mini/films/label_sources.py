"""Better labels than the mined ones, for some of NIH's films: a published network's and radiologists'."""

from __future__ import annotations

import csv
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinicalblip.errors import DatasetNotFound, MalformedStudy
from research.mini.films.manifest import NIH_LABELS

NORMAL, OPACITY, NOT_NORMAL = "Normal", "Lung Opacity", "No Lung Opacity / Not Normal"
CLASSES: Final = (NORMAL, OPACITY, NOT_NORMAL)
"""What RSNA's radiologists called a film."""

_PROBABILITIES, _CLASSES = "densenet121_probabilities.csv.gz", "rsna_classes.csv.gz"


@dataclass(frozen=True)
class LabelSources:
    """By film id: fourteen probabilities in the order of `NIH_LABELS`, and the radiologists' class.

    A film that the radiologists' table names twice, in two classes, has none.
    """

    probabilities: dict[str, tuple[float, ...]]
    classes: dict[str, str]


def read_label_sources(data: Path) -> LabelSources:
    """The labels in `data/nih`.

    Raises DatasetNotFound where a table is missing, and MalformedStudy where one cannot be read or says something else
    than a probability between 0 and 1 or one of `CLASSES`.
    """
    probabilities: dict[str, tuple[float, ...]] = {}
    classes: dict[str, set[str]] = {}
    for line in _lines(data, _PROBABILITIES):
        try:
            values = tuple(float(line[name]) for name in NIH_LABELS)
        except (KeyError, TypeError, ValueError) as error:
            raise _malformed(_PROBABILITIES, "a row without fourteen numbers") from error
        if not all(0.0 < value < 1.0 for value in values):
            raise _malformed(_PROBABILITIES, "a probability that is not between 0 and 1")
        probabilities[line["file"]] = values
    for line in _lines(data, _CLASSES):
        if line.get("radiologists_class") not in CLASSES:
            raise _malformed(_CLASSES, "a class that is none of the three")
        classes.setdefault(line["file"], set()).add(line["radiologists_class"])
    return LabelSources(probabilities, {file: min(names) for file, names in classes.items() if len(names) == 1})


def label_digest(data: Path) -> str:
    """A digest of both tables; raises DatasetNotFound where one is missing."""
    digest = hashlib.sha256()
    for name in (_PROBABILITIES, _CLASSES):
        digest.update(_found(data, name).read_bytes())
    return digest.hexdigest()


def _lines(data: Path, name: str) -> list[dict[str, str]]:
    try:
        with gzip.open(_found(data, name), "rt", newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise _malformed(name, "no table in gzip") from error
    if not rows or "file" not in rows[0]:
        raise _malformed(name, "no column `file`")
    return rows


def _found(data: Path, name: str) -> Path:
    file = data / "nih" / name
    if not file.is_file():
        raise DatasetNotFound(f"There is no nih/{name} in the data folder; name the folder that holds it.")
    return file


def _malformed(name: str, found: str) -> MalformedStudy:
    return MalformedStudy(f"nih/{name} has {found}; copy the data folder again.")
