"""The scorecard: what was scored, by which protocol, the figures, and what has to be read with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isnan
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError

from clinicalblip.errors import MalformedStudy
from clinicalblip.evaluation.diversity import Diversity
from clinicalblip.evaluation.leaks import Copies, HintCounts
from clinicalblip.evaluation.predictions import HintSource, Provenance
from clinicalblip.evaluation.statistics.statistic import Interval
from clinicalblip.radiology.report import SLOTS, Target

_DIGITS: Final = 6


_HINTS: Final = {
    HintSource.ORACLE: "oracle hints",
    HintSource.READER: "a reader's hints",
    HintSource.UNKNOWN: "hints not known",
}


class RowKind(StrEnum):
    """What a row of a card is, in the order in which rows stand."""

    SCORED = "scored"
    WITHOUT_PRIOR = "without prior"
    SHUFFLED = "shuffled films"
    BLANK = "blank film"
    AGAINST = "against"
    CONSTANT = "constant normal report"
    MEDOID = "medoid of the train reports"
    BY_INDICATION = "nearest train report by indication"
    BY_FILM = "nearest train report by film"


ABLATIONS: Final = (RowKind.WITHOUT_PRIOR, RowKind.SHUFFLED, RowKind.BLANK)
"""Rows of the same model with part of its input taken away; a headline is not to be read without them."""

BASELINES: Final = (RowKind.CONSTANT, RowKind.MEDOID, RowKind.BY_INDICATION, RowKind.BY_FILM)


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval; None where there is none: one study alone has no interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Row:
    """One set of drafts and its figures by name.

    `note` is a sentence about it, or nothing. `provenance` is None for a baseline. Its label says what makes a row's
    figures better than they are, hints among it, wherever the row is shown.
    """

    kind: RowKind
    provenance: Annotated[Provenance | None, Field(alias="given")]
    hints: HintSource
    figures: Mapping[str, Figure]
    diversity: Diversity
    collapsed: bool
    copies: Copies
    note: str = ""

    def __post_init__(self) -> None:
        if (self.kind in BASELINES) is not (self.provenance is None):
            raise ValueError(f"a row of the kind {self.kind} cannot be made of {self.provenance}")
        if self.kind in BASELINES and self.hints is not HintSource.NONE:
            raise ValueError("a baseline has no hints")

    @property
    def label(self) -> str:
        """The row's name, with everything that makes its figures better than they are."""
        if self.provenance is None:
            return str(self.kind)
        parts = [self.provenance.model or "drafts of a model that is not stated"]
        if self.kind is not RowKind.SCORED:
            parts.append(str(self.kind) if self.kind is not RowKind.AGAINST else "compared with")
        if self.provenance.films == "blank" and self.kind is not RowKind.BLANK:
            parts.append("no film")
        elif self.provenance.films == "shuffled" and self.kind is not RowKind.SHUFFLED:
            parts.append("shuffled films")
        elif self.provenance.films is None:
            parts.append("films and slots not stated")
        if self.provenance.without:
            everything = set(self.provenance.without) >= set(SLOTS)
            parts.append("nothing known beforehand" if everything else f"without {', '.join(self.provenance.without)}")
        if self.provenance.finding_bias:
            parts.append(f"finding bias {self.provenance.finding_bias:+g}")
        if self.provenance.other_texts:
            parts.append("from other texts than those scored")
        if self.hints is not HintSource.NONE:
            parts.append(_HINTS[self.hints])
        return ", ".join(parts)


@dataclass(frozen=True)
class AbsentRow:
    """A row that belongs in the card and is missing, and why."""

    kind: RowKind
    reason: str


@dataclass(frozen=True)
class AbsentFigure:
    """A requested figure that could not be measured for the rows of these kinds, and how to get it."""

    name: str
    reason: str
    kinds: tuple[RowKind, ...]


@dataclass(frozen=True)
class Difference:
    """The scored drafts' figures less those of another row, over the same studies."""

    kind: RowKind
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class ScoredData:
    """What was scored: the digest of the studies, their split and number, and those left out by reason."""

    digest: str
    split: str
    studies: int
    left_out: Mapping[str, int]
    train_studies: int


@dataclass(frozen=True)
class ScoringProtocol:
    """How it was scored; `cut` is the number of tokens that references are cut to, None where they are whole."""

    target: Target
    cleaning: str
    cut: int | None
    seed: int
    resamples: int


@dataclass(frozen=True)
class Leaks:
    """Leaks that were found: references in their own prompts by slot, hints, and studies that were trained on.

    `trained_on` is None where no list of training studies was named. `references` are copies of train texts.
    """

    in_prompts: Mapping[str, int]
    hints: HintCounts
    trained_on: int | None
    references: Copies


@dataclass(frozen=True)
class Scorecard:
    """The whole card. `warnings` are sentences that are to be read with the headline."""

    data: ScoredData
    protocol: ScoringProtocol
    command: str
    versions: Mapping[str, str]
    rows: tuple[Row, ...]
    absent: tuple[AbsentRow, ...]
    missing: tuple[AbsentFigure, ...]
    differences: tuple[Difference, ...]
    references: Diversity
    leaks: Leaks
    warnings: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        kinds = [row.kind for row in self.rows] + [row.kind for row in self.absent]
        if len(set(kinds)) < len(kinds):
            raise ValueError("two rows of a card are of one kind")
        if any(row.kind is RowKind.SCORED for row in self.rows) and (needed := {*ABLATIONS, *BASELINES} - set(kinds)):
            raise ValueError(f"a scored row needs beside it, or named as absent: {', '.join(sorted(needed))}")

    def row(self, kind: RowKind) -> Row | None:
        """The row of this kind, if it is there."""
        return next((row for row in self.rows if row.kind is kind), None)


def to_figure(interval: Interval) -> Figure:
    """An interval as the card keeps it: rounded to six decimals, None for NaN."""
    values = (interval.value, interval.low, interval.high)
    return Figure(*(None if isnan(value) else round(value, _DIGITS) for value in values))


def write_json(card: Scorecard) -> str:
    """The card as JSON; the same card gives the same text."""
    fields: dict[str, Any] = _CARDS.dump_python(card, mode="json", by_alias=True)
    for row, values in zip(card.rows, fields["rows"], strict=True):
        values["label"] = row.label
    return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"


def read_json(text: str) -> Scorecard:
    """Read a card that `write_json` wrote; its labels are made anew. Raises MalformedStudy for anything else."""
    try:
        return _CARDS.validate_json(text)
    except ValidationError as error:
        raise MalformedStudy("That is no scorecard that `python -m clinicalblip evaluate` wrote.") from error


_CARDS: Final = TypeAdapter(Scorecard)
