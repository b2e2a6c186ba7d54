"""The hints that the bundled model is judged by: 400 of 60 kinds, as clinicians write them, with what they hint.

`hints.tsv` was written from what is usual on request forms and between colleagues, by somebody who did not write the
hints of training and did not read them; nothing is copied from any record. Kinds marked `never` stay out of training
whatever is added to it. What a hint hints is what a colleague would take from it: side, zone and degree where the words
give them, lobes by their height and a raised doubt ("?", "query", "exclude") as uncertain. A hint without a finding
(symptoms, or what no observation names) is there to see that nothing is made of it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinicalblip.radiology.finding import Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation

_FILE: Final = Path(__file__).with_name("hints.tsv")
_OBSERVATIONS: Final = {what.value.lower(): what for what in Observation}


@dataclass(frozen=True)
class EvaluationHint:
    """A hint as it is typed, its kind, whether the kind stays out of training, and the findings that it hints."""

    text: str
    kind: str
    never_in_training: bool
    findings: tuple[Finding, ...]

    @property
    def hinted(self) -> tuple[Finding, ...]:
        """The findings that it does not deny."""
        return tuple(finding for finding in self.findings if finding.certainty is not Certainty.ABSENT)


def read_hints(file: Path = _FILE) -> tuple[EvaluationHint, ...]:
    """The hints in the file's order. Raises ValueError where a line is not four columns of known words."""
    with file.open(newline="", encoding="utf-8") as lines:
        return tuple(_hint(line) for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _hint(line: dict[str, str]) -> EvaluationHint:
    if line["training"] not in ("never", "free") or not line["hint"].strip():
        raise ValueError(f"a hint is one text of a kind that is never in training, or free; found {line}")
    return EvaluationHint(line["hint"], line["kind"], line["training"] == "never", tuple(_findings(line["findings"])))


def _findings(said: str) -> Iterator[Finding]:
    """What `pleural effusion, right, small; pneumonia, left, lower, uncertain` says."""
    for part in filter(None, said.split("; ")):
        name, *words = part.split(", ")
        if name not in _OBSERVATIONS:
            raise ValueError(f"there is no observation {name!r}")
        sides = [Laterality(word) for word in words if word in set(Laterality)]
        zones = [Zone(word) for word in words if word in set(Zone)]
        degrees = [Degree(word) for word in words if word in set(Degree)]
        certainties = [Certainty(word) for word in words if word in set(Certainty)]
        if (
            len(sides) + len(zones) + len(degrees) + len(certainties) != len(words)
            or max(len(degrees), len(certainties)) > 1
        ):
            raise ValueError(f"side, zone, degree and certainty are each said once in known words, not {words}")
        yield Finding(
            _OBSERVATIONS[name],
            next(iter(certainties), Certainty.PRESENT),
            frozenset(sides),
            frozenset(zones),
            next(iter(degrees), None),
        )
