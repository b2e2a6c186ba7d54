"""The scorecard: which drafts were scored, by which protocol, what came out, and what else has to be known of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isnan
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

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
"""The rows that a scored model's headline is not to be read without."""

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

    `note` is what else has to be known of it, a sentence or nothing. Drafts whose prompts had hints carry that in
    their label wherever they are shown.
    """

    kind: RowKind
    given: Provenance | None
    hints: HintSource
    figures: Mapping[str, Figure]
    diversity: Diversity
    collapsed: bool
    copies: Copies
    note: str = ""

    def __post_init__(self) -> None:
        if (self.kind in BASELINES) is not (self.given is None):
            raise ValueError(f"a row of the kind {self.kind} cannot be made of {self.given}")
        if self.kind in BASELINES and self.hints is not HintSource.NONE:
            raise ValueError("a baseline has no hints")

    @property
    def label(self) -> str:
        """What the row is called: never without what makes its figures better than they are."""
        if self.given is None:
            return str(self.kind)
        parts = [self.given.model or "drafts of a model that is not stated"]
        if self.kind is not RowKind.SCORED:
            parts.append(str(self.kind) if self.kind is not RowKind.AGAINST else "compared with")
        if self.given.films == "blank" and self.kind is not RowKind.BLANK:
            parts.append("no film")
        elif self.given.films == "shuffled" and self.kind is not RowKind.SHUFFLED:
            parts.append("shuffled films")
        elif self.given.films is None:
            parts.append("films and slots not stated")
        if self.given.without:
            everything = set(self.given.without) >= set(SLOTS)
            parts.append("nothing known beforehand" if everything else f"without {', '.join(self.given.without)}")
        if self.given.finding_bias:
            parts.append(f"finding bias {self.given.finding_bias:+g}")
        if self.given.other_texts:
            parts.append("from other texts than those scored")
        if self.hints is not HintSource.NONE:
            parts.append(_HINTS[self.hints])
        return ", ".join(parts)


@dataclass(frozen=True)
class AbsentRow:
    """A row that belongs in the card and is not there, and why."""

    kind: RowKind
    reason: str


@dataclass(frozen=True)
class AbsentFigure:
    """A figure that was asked for and could not be measured of some rows' drafts, and how to get it."""

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
    """What was found of leaks: references in their own prompts by slot, hints, and studies that were trained on.

    `trained_on` is None where no list of training studies was given.
    """

    in_prompts: Mapping[str, int]
    hints: HintCounts
    trained_on: int | None
    references: Copies


@dataclass(frozen=True)
class Scorecard:
    """All of it. `warnings` are whole sentences that are to be read with the headline."""

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
    """A measured interval as the card keeps it: six decimals, and None for what is no number."""
    values = (interval.value, interval.low, interval.high)
    return Figure(*(None if isnan(value) else round(value, _DIGITS) for value in values))


def write_json(card: Scorecard) -> str:
    """The card as JSON; the same card gives the same text."""
    fields: dict[str, Any] = _CARDS.dump_python(card, mode="json")
    for row, values in zip(card.rows, fields["rows"], strict=True):
        values["label"] = row.label
    return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"


def read_json(text: str) -> Scorecard:
    """The card that `write_json` wrote; labels are made anew. Raises MalformedStudy for anything else."""
    try:
        return _CARDS.validate_json(text)
    except ValidationError as error:
        raise MalformedStudy("That is no scorecard that `python -m clinicalblip evaluate` wrote.") from error


_CARDS: Final = TypeAdapter(Scorecard)
