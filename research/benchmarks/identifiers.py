"""How many planted identifiers the check of free text finds, and how often it raises a false alarm.

    python -m research.benchmarks.identifiers [--iu DIR]

The sentences are those of tests/fixtures/planted_sentences.py: the rules were written with one half and measured on the
other. With --iu, the folder of IU X-RAY's reports, all sections of 500 reports of its train split are searched too:
names were removed from them before they were published, so that whatever is found there is a false alarm.
"""

import argparse
import platform
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.deid.identifiers import Identifier, IdentifierKind, find_identifiers
from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.radiology.study import Study
from tests.fixtures.planted_sentences import HELD_OUT, TUNING, UNMARKED, Planted

ROOT = Path(__file__).resolve().parents[2]

REPORTS = 500
SEED = 10


@dataclass(frozen=True)
class IdentifierCounts:
    """Planted and found identifiers of one kind.

    `caught`: planted of which no letter and digit was left out, under whatever kind. `right`: found that touch a
    planted one; the rest of `found` are false alarms.
    """

    planted: int
    caught: int
    found: int
    right: int


def count(sentences: Sequence[Planted]) -> dict[str, IdentifierCounts]:
    """Count by kind, and all together under `all`."""
    tallies = {name: Counter[str]() for name in ("planted", "caught", "found", "right")}
    for sentence in sentences:
        found = find_identifiers(sentence.text)
        covered = {place for one in found for place in range(one.start, one.end)}
        planted = {place for _, start, end in sentence.identifiers for place in range(start, end)}
        for kind, start, end in sentence.identifiers:
            tallies["planted"][kind] += 1
            letters = {place for place in range(start, end) if sentence.text[place].isalnum()}
            tallies["caught"][kind] += letters <= covered
        for one in found:
            tallies["found"][one.kind] += 1
            tallies["right"][one.kind] += bool(planted & set(range(one.start, one.end)))
    by_kind = {
        str(kind): IdentifierCounts(**{name: tally[kind] for name, tally in tallies.items()}) for kind in IdentifierKind
    }
    return by_kind | {"all": IdentifierCounts(**{name: tally.total() for name, tally in tallies.items()})}


def fraction(part: int, whole: int) -> str:
    """A fraction with its 95 % interval (Wilson) and its counts."""
    if not whole:
        return "none"
    low, high = wilson(part, whole)
    return f"{part / whole:.2f} ({low:.2f} to {high:.2f}; {part} of {whole})"


def table(sentences: Sequence[Planted]) -> str:
    """Recall and precision by kind as a Markdown table, and the harmless sentences with an alarm."""
    lines = ["| kind | recall | precision |", "| --- | --- | --- |"]
    for kind, counts in count(sentences).items():
        lines.append(f"| {kind} | {fraction(counts.caught, counts.planted)} | {fraction(counts.right, counts.found)} |")
    harmless = [sentence for sentence in sentences if not sentence.identifiers]
    if not harmless:
        return "\n".join(lines)
    alarms = sum(bool(find_identifiers(sentence.text)) for sentence in harmless)
    lines.append(f"\nSentences with nothing to find that raise an alarm: {fraction(alarms, len(harmless))}.")
    return "\n".join(lines)


def texts_of(study: Study) -> list[str]:
    """All sections of a report."""
    context = [getattr(study.context, part.name) for part in fields(study.context)]
    return [text for text in (*context, study.reference.findings, study.reference.impression) if text]


def false_alarms(source: Path) -> str:
    """What is found in 500 train reports, as counts and one sentence."""
    studies = [study for study in prepare_iu_xray(source, without_images=True).studies if study.split == "train"]
    chosen = random.Random(SEED).sample(sorted(studies, key=lambda study: study.study_id), REPORTS)
    started = time.perf_counter()
    found: list[list[Identifier]] = [
        [one for text in texts_of(study) for one in find_identifiers(text)] for study in chosen
    ]
    seconds = time.perf_counter() - started
    kinds = Counter(str(one.kind) for alarms in found for one in alarms)
    characters = sum(len(text) for study in chosen for text in texts_of(study))
    return (
        f"{len(chosen)} IU X-RAY train reports (of {len(studies)}, seed {SEED}), {characters:,} characters, all "
        f"sections: {kinds.total()} false alarms, {kinds.total() / len(chosen):.3f} a report; reports with one: "
        f"{fraction(sum(map(bool, found)), len(chosen))}; {1000 * seconds / len(chosen):.1f} ms a report."
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iu", type=Path, help="the folder with NLMCXR_reports.tgz")
    arguments = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, Python {platform.python_version()}\n")
    for title, sentences in (("Held out", HELD_OUT), ("Tuned on", TUNING), ("With nothing beside them", UNMARKED)):
        print(f"{title}: {len(sentences)} sentences\n\n{table(sentences)}\n")
    if arguments.iu:
        print(false_alarms(arguments.iu))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
