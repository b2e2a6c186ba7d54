"""The rows of a text: what it says of each observation, and where; and what it says that no row has.

Two findings of one observation ("small left, moderate right effusion") have a row each, and so has what a text says
against itself. A finding that is said several times has one row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinicalblip.radiology.finding import Change, Degree, Finding, Mention, Sentence
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.regions import OBSERVATIONS, ORDER, Region


@dataclass(frozen=True)
class Row:
    """A finding, or with None an observation that is not mentioned; `spans` are the places that name it."""

    region: Region
    observation: Observation
    finding: Finding | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Table:
    """The rows in the order of regions, and the places of the sentences that no row has."""

    rows: tuple[Row, ...]
    not_ticked: tuple[tuple[int, int], ...]


def read_table(text: str) -> Table:
    """The rows of a report's findings; offsets are those of `text`.

    As for the labeler, indication, history, technique and comparison are no part of the findings.
    """
    return table_of(read_sentences(text))


def table_of(said: Sequence[Sentence]) -> Table:
    """The rows of a text that the labeler has read."""
    places: dict[Finding, list[tuple[int, int]]] = {}
    for mention in (mention for sentence in said for mention in named(sentence)):
        places.setdefault(mention.finding, []).append((mention.start, mention.end))
    rows: list[Row] = []
    for region, names in OBSERVATIONS.items():
        for name in names:
            found = [finding for finding in places if finding.observation is name]
            rows += [Row(region, name, finding, tuple(places[finding])) for finding in found] or [Row(region, name)]
    return Table(tuple(rows), tuple((each.start, each.end) for each in said if not each.mentions))


def named(sentence: Sentence) -> tuple[Mention, ...]:
    """The mentions of a sentence that have rows. An infiltrate is an opacity too, but one thing that is ticked."""
    infiltrates = {
        (each.start, each.end) for each in sentence.mentions if each.finding.observation is Observation.INFILTRATION
    }
    return tuple(
        each
        for each in sentence.mentions
        if each.finding.observation is not Observation.LUNG_OPACITY or (each.start, each.end) not in infiltrates
    )


def findings_of(said: Iterable[Sentence]) -> tuple[Finding, ...]:
    """The findings that have rows, each once, in the order of the text."""
    return tuple(dict.fromkeys(mention.finding for sentence in said for mention in named(sentence)))


def place_of(finding: Finding) -> tuple[object, ...]:
    """A key by which findings are sorted in the order of the table."""
    return (
        ORDER.index(finding.observation),
        tuple(Certainty).index(finding.certainty),
        sorted(finding.sides),
        sorted(finding.zones),
        tuple(Degree).index(finding.degree) if finding.degree else -1,
        tuple(Change).index(finding.change) if finding.change else -1,
    )
