"""How readably the page shows what a reader changed: 200 reports of IU X-RAY with random edits, and their differences.

    python -m research.benchmarks.word_differences --iu DIR [--reports 200] [--seed 0]

DIR holds NLMCXR_reports.tgz. Each report's findings and impression get one to three edits of a reader: a word
replaced, a negation turned, a sentence dropped, added or moved. Because the edits are known, so is what a reader
expects to see. Beside `compare_words` stands what `rapidfuzz` alone and Python's `difflib` make of the same words.
"""

import argparse
import difflib
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rapidfuzz.distance import Indel

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.feedback.comparison import compare_words

Runs = list[tuple[str, str]]
"""The changed runs of a difference, (before, after), white space at their ends left out."""

KINDS: Final = ("word replaced", "negation turned", "sentence dropped", "sentence added", "sentence moved")
OTHER_WORDS: Final = (
    "small",
    "large",
    "left",
    "right",
    "mild",
    "moderate",
    "stable",
    "unchanged",
    "basilar",
    "chronic",
)


@dataclass(frozen=True)
class Edit:
    """What was done to a report, and the ways in which it can be shown: each the runs that have to be there."""

    kind: str
    shown_as: tuple[Runs, ...]


def edit_report(sentences: Sequence[str], others: Sequence[str], rng: random.Random) -> tuple[str, str, list[Edit]]:
    """A report before and after one to three edits, each of another sentence between two untouched ones."""
    before: list[str] = list(sentences)
    after: list[list[str]] = [[sentence] for sentence in before]
    edits: list[Edit] = []
    places = list(range(0, len(before), 2))
    rng.shuffle(places)
    for place in places[: rng.randint(1, 3)]:
        kind = rng.choice(KINDS)
        sentence, words = before[place], before[place].split()
        if kind == "word replaced":
            at = rng.randrange(len(words) - 1)
            word = rng.choice([each for each in OTHER_WORDS if each not in sentence.lower()])
            after[place] = [" ".join([*words[:at], word, *words[at + 1 :]])]
            edits.append(Edit(kind, ([(words[at].strip(","), word)], [(words[at], word)])))
        elif kind == "negation turned":
            if words[0] == "No":
                after[place] = [" ".join(words[1:])]
                edits.append(Edit(kind, ([("No", "")],)))
            elif (at := next((i for i, each in enumerate(words) if each in ("is", "are")), None)) is not None:
                after[place] = [" ".join([*words[: at + 1], "not", *words[at + 1 :]])]
                edits.append(Edit(kind, ([("", "not")],)))
        elif kind == "sentence dropped":
            after[place] = []
            edits.append(Edit(kind, ([(sentence, "")],)))
        elif kind == "sentence added":
            new = rng.choice([each for each in others if each not in before])
            after[place] = [sentence, new]
            edits.append(Edit(kind, ([("", new)],)))
        elif place + 1 < len(before) and place + 1 not in places:
            passed = before[place + 1]
            after[place], after[place + 1] = [], [passed, sentence]
            edits.append(Edit(kind, ([(sentence, ""), ("", sentence)], [(passed, ""), ("", passed)])))
    return " ".join(before), " ".join(sentence for part in after for sentence in part), edits


def ours(before: str, after: str) -> Runs:
    """The runs that the page shows."""
    return [(run.before.strip(), run.after.strip()) for run in compare_words(before, after) if run.kind != "same"]


def words_of(text: str) -> list[str]:
    """Words, with full stops and commas by themselves."""
    return text.replace(".", " .").replace(",", " ,").split()


def runs_of(blocks: Sequence[tuple[int, int, int]], old: Sequence[str], new: Sequence[str]) -> Runs:
    """The runs between matching blocks (start in old, start in new, length)."""
    runs, i, k = [], 0, 0
    for a, b, length in (*blocks, (len(old), len(new), 0)):
        if i < a or k < b:
            runs.append(tuple(" ".join(part).replace(" .", ".").replace(" ,", ",") for part in (old[i:a], new[k:b])))
        i, k = a + length, b + length
    return runs  # type: ignore[return-value]


def rapidfuzz_alone(before: str, after: str) -> Runs:
    """The fewest words removed and added, as `Indel` aligns them."""
    old, new = words_of(before), words_of(after)
    blocks = [tuple(block) for block in Indel.opcodes(old, new).as_matching_blocks()]
    return runs_of(blocks, old, new)  # type: ignore[arg-type]


def difflib_alone(before: str, after: str) -> Runs:
    """What Python's own library shows."""
    old, new = words_of(before), words_of(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return runs_of([tuple(block) for block in matcher.get_matching_blocks() if block.size], old, new)


WAYS: Final[tuple[tuple[str, Callable[[str, str], Runs]], ...]] = (
    ("`compare_words`", ours),
    ("`rapidfuzz` alone", rapidfuzz_alone),
    ("`difflib`", difflib_alone),
)


def main() -> None:
    """Print how many edits each way shows as they were made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iu", type=Path, required=True, help="the folder with NLMCXR_reports.tgz")
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    studies = prepare_iu_xray(arguments.iu, without_images=True).studies
    texts = [" ".join(f"{study.reference.findings} {study.reference.impression}".split()) for study in studies]
    reports = [[f"{part.strip(' .')}." for part in text.split(". ") if part.strip(" .")] for text in texts]
    reports = [report for report in reports if len(report) >= 4 and all(len(each.split()) > 2 for each in report)]
    others = sorted({sentence for report in reports for sentence in report})
    edited = [edit_report(report, others, rng) for report in rng.sample(reports, arguments.reports)]
    made = Counter(edit.kind for _, _, edits in edited for edit in edits)
    print(f"| | {' | '.join(f'{kind} ({made[kind]})' for kind in KINDS)} | runs | words marked | ms a report |")
    print(f"|---|{'---:|' * (len(KINDS) + 3)}")
    for name, compare in WAYS:
        start = time.perf_counter()
        found = [compare(before, after) for before, after, _ in edited]
        took = (time.perf_counter() - start) * 1000 / len(edited)
        shown = Counter(
            edit.kind
            for runs, (_, _, edits) in zip(found, edited, strict=True)
            for edit in edits
            if any(all(run in runs for run in way) for way in edit.shown_as)
        )
        runs = sum(map(len, found))
        words = sum(len(f"{before} {after}".split()) for each in found for before, after in each)
        print(f"| {name} | {' | '.join(str(shown[kind]) for kind in KINDS)} | {runs} | {words} | {took:.2f} |")


if __name__ == "__main__":
    main()
