"""How well the labeler's mentions agree with annotated ones: what is named where, and each attribute of it.

    python -m research.benchmarks.mentions [--items tests/labeler/mentions.jsonl] [--errors]

A line of the file is `{"id", "kind", "text", "mentions": [{"span", "observation", "certainty", "side": [], "zone": [],
"degree", "change"}]}`; each span stands once in its text. A mention is found where one of the same observation shares
a word with it, one to one. Attributes are counted over the mentions found. The last row is what the text says in sum
(`observations`), for comparison with a labeler that has no mentions. Intervals are Wilson's.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.labeler import mentions, observations
from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Mention, Zone, strongest
from clinicalblip.radiology.observation import Certainty, Observation

ITEMS: Final = Path(__file__).parents[2] / "tests" / "labeler" / "mentions.jsonl"
ROWS: Final = ("mention", "certainty", "side", "zone", "degree", "change", "observation and certainty, by text")


@dataclass(frozen=True)
class Item:
    """A text and what its annotator found in it."""

    name: str
    kind: str
    text: str
    mentions: tuple[Mention, ...]


@dataclass
class Score:
    """How many were right, of those said and of those that are true."""

    right: int = 0
    said: int = 0
    true: int = 0

    def add(self, said: Iterable[Any], true: Iterable[Any]) -> None:
        """Count what is said and what is true of one thing."""
        ours, theirs = Counter(said), Counter(true)
        self.right += (ours & theirs).total()
        self.said += ours.total()
        self.true += theirs.total()

    @property
    def precision(self) -> float:
        """Of what is said, how much is right; 1 where nothing is said."""
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Of what is true, how much is said; 1 where nothing is true."""
        return self.right / self.true if self.true else 1.0


def read_items(file: Path) -> list[Item]:
    """The annotated texts of a file; ValueError where a span does not stand once in its text."""
    return [_read_item(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _read_item(values: dict[str, Any]) -> Item:
    text, found = values["text"], []
    for each in values["mentions"]:
        if text.count(each["span"]) != 1:
            raise ValueError(f"{values['id']}: {each['span']!r} stands {text.count(each['span'])} times in its text")
        start = text.index(each["span"])
        finding = Finding(
            Observation(each["observation"]),
            Certainty(each["certainty"]),
            frozenset(map(Laterality, each["side"])),
            frozenset(map(Zone, each["zone"])),
            Degree(each["degree"]) if each["degree"] else None,
            Change(each["change"]) if each["change"] else None,
        )
        found.append(Mention(start, start + len(each["span"]), 0, finding))
    return Item(values["id"], values["kind"], text, tuple(found))


def match(said: Sequence[Mention], true: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Pair mentions of one observation that overlap, those that share most first."""
    pairs = [
        (min(ours.end, theirs.end) - max(ours.start, theirs.start), i, k)
        for i, ours in enumerate(said)
        for k, theirs in enumerate(true)
        if ours.finding.observation is theirs.finding.observation
    ]
    taken: set[tuple[str, int]] = set()
    for shared, i, k in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if shared > 0 and not taken & {("said", i), ("true", k)}:
            taken |= {("said", i), ("true", k)}
            yield said[i], true[k]


def score(items: Iterable[Item]) -> dict[str, Score]:
    """Each row's score over these texts."""
    scores = {row: Score() for row in ROWS}
    for item in items:
        said = mentions(item.text)
        pairs = list(match(said, item.mentions))
        mention = scores["mention"]
        mention.right, mention.said, mention.true = (
            mention.right + len(pairs),
            mention.said + len(said),
            mention.true + len(item.mentions),
        )
        for ours, theirs in ((ours.finding, theirs.finding) for ours, theirs in pairs):
            scores["certainty"].add([ours.certainty], [theirs.certainty])
            scores["side"].add(ours.sides, theirs.sides)
            scores["zone"].add(ours.zones, theirs.zones)
            scores["degree"].add(filter(None, [ours.degree]), filter(None, [theirs.degree]))
            scores["change"].add(filter(None, [ours.change]), filter(None, [theirs.change]))
        scores[ROWS[-1]].add(_in_sum(item.text), _true_in_sum(item))
    return scores


def _in_sum(text: str) -> set[tuple[Observation, Certainty]]:
    return {each for each in observations(text).items() if each[0] is not Observation.NO_FINDING}


def _true_in_sum(item: Item) -> set[tuple[Observation, Certainty]]:
    said: dict[Observation, list[Certainty]] = {}
    for finding in (mention.finding for mention in item.mentions):
        said.setdefault(finding.observation, []).append(finding.certainty)
    return {(name, strongest(certainties)) for name, certainties in said.items()}


def table(scores: dict[str, Score]) -> str:
    """Precision and recall a row."""
    lines = ["| | n | precision | recall |", "|---|---:|---:|---:|"]
    for row, each in scores.items():
        lines.append(
            f"| {row} | {each.true} | {_fraction(each.right, each.said)} | {_fraction(each.right, each.true)} |"
        )
    return "\n".join(lines)


def _fraction(part: int, whole: int) -> str:
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{part / whole:.3f} ({low:.3f} to {high:.3f})"


def errors(items: Iterable[Item]) -> Iterator[str]:
    """What is missed, invented or said otherwise, a text after the other."""
    for item in items:
        said = mentions(item.text)
        pairs = list(match(said, item.mentions))
        lines = [
            f"  {item.text[theirs.start : theirs.end]!r}: said {_words(ours.finding)}, true {_words(theirs.finding)}"
            for ours, theirs in pairs
            if ours.finding != theirs.finding
        ]
        found, given = {id(ours) for ours, _ in pairs}, {id(theirs) for _, theirs in pairs}
        lines += [f"  missed {_words(each.finding)}" for each in item.mentions if id(each) not in given]
        lines += [
            f"  invented {_words(each.finding)} {item.text[each.start : each.end]!r}"
            for each in said
            if id(each) not in found
        ]
        if lines:
            yield "\n".join([f"{item.name} ({item.kind}): {item.text!r}", *lines])


def _words(finding: Finding) -> str:
    values = (*sorted(finding.sides), *sorted(finding.zones), finding.degree, finding.change)
    return " ".join([finding.observation.value, finding.certainty.value, *filter(None, values)])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=Path, default=ITEMS, help="a file of annotated texts")
    parser.add_argument("--errors", action="store_true", help="print what is wrong in each text")
    arguments = parser.parse_args()
    items = read_items(arguments.items)
    for kind in (None, *sorted({item.kind for item in items})):
        some = [item for item in items if kind in (None, item.kind)]
        print(f"{kind or 'all'}: {len(some)} texts\n\n{table(score(some))}\n")
    if arguments.errors:
        print("\n".join(errors(items)))


if __name__ == "__main__":
    main()
