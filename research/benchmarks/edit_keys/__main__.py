"""How many keys each way of editing needs from the bundled model's draft to a radiologist's report.

    OMP_NUM_THREADS=1 python -m research.benchmarks.edit_keys --data ../shared/data [--number 100] [--drafts FILE]

The reports are findings of R2Gen's validation studies of IU X-RAY, the drafts those of Phantom-IU's films of the same
studies. Every way is the fewest keys that reach the report in its model (`typing`, `sentences`, `ticks`), found by a
search over all that can be pressed, and the text is made to see that it is reached. Nobody presses the fewest keys, and
nobody thinks in none: it is the floor of each way, not a time. `--drafts` keeps the drafts between runs.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.labeler import sentences
from clinicalblip.progress import track
from clinicalblip.radiology.finding import Finding
from clinicalblip.structured_report.table import findings_of, read_table
from research.benchmarks.edit_keys.drafts import draft_findings, validation_studies
from research.benchmarks.edit_keys.sentences import by_sentences, is_reached, split
from research.benchmarks.edit_keys.ticks import tick, type_the_rest
from research.benchmarks.edit_keys.typing import keys_to_type, plain, reaches, type_freely

_RESAMPLES = 10_000


def median(values: list[int]) -> str:
    """The median, its 95 % interval by resampling, and the quarters' borders."""
    counted: NDArray[np.int64] = np.array(values)
    drawn = np.random.default_rng(0).choice(counted, (_RESAMPLES, len(counted)))
    low, high = np.percentile(np.median(drawn, axis=1), (2.5, 97.5))
    quarter, middle, three = np.percentile(counted, (25, 50, 75))
    return f"{middle:.0f} | {low:.0f} to {high:.0f} | {quarter:.0f} to {three:.0f}"


def main() -> None:
    """Print one table, and how far each way comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with iu/")
    parser.add_argument("--number", type=int, default=100, metavar="N", help="reports (default: 100)")
    parser.add_argument("--drafts", type=Path, metavar="F", help="keep the drafts in this file")
    options = parser.parse_args()
    studies = validation_studies(options.data, options.number)
    drafts = [plain(text) for text in draft_findings(studies, options.drafts)]
    reports = [plain(study.reference.findings) for study in studies]
    ways: dict[str, list[int]] = {}
    reached = {"typing": 0, "sentences": 0, "rows": 0, "rest": 0, "words": 0}
    refused = rows = without_row = said = 0

    def count(name: str, keys: int) -> None:
        ways.setdefault(name, []).append(keys)

    for draft, report in track(list(zip(drafts, reports, strict=True)), "reports", total=len(reports)):
        count("all of the report typed, without a draft", keys_to_type(report))
        keys, steps = type_freely(draft, report)
        count("free typing", keys)
        reached["typing"] += reaches(draft, report, steps)
        shown, wanted = _sentences_of(draft), split(report)
        keys, fates = by_sentences(shown, wanted)
        count("sentence keys, with typing in a sentence", keys)
        reached["sentences"] += is_reached(shown, wanted, fates)
        ticked = tick(draft, report)
        rest = type_the_rest(ticked.text, report)
        keys_of_rest, steps_of_rest = type_freely(plain(ticked.text), rest)
        keys_of_words, steps_of_words = type_freely(plain(ticked.text), report)
        count("ticks: what can be ticked", ticked.keys)
        count("ticks, and typed what has no row", ticked.keys + keys_of_rest)
        count("ticks, and typed on to the report's words", ticked.keys + keys_of_words)
        count("free typing, to the text of ticks and what has no row", type_freely(draft, rest)[0])
        count("sentence keys, to that text", by_sentences(shown, split(rest))[0])
        reached["rows"] += _rows(ticked.text) == _rows(report)
        reached["rest"] += reaches(plain(ticked.text), rest, steps_of_rest)
        reached["words"] += reaches(plain(ticked.text), report, steps_of_words)
        refused += ticked.refused
        rows += len(findings_of(sentences(report)))
        without_row += len(read_table(report).not_ticked)
        said += len(sentences(report))
    same = sum(draft == report for draft, report in zip(drafts, reports, strict=True))
    print(f"{len(reports)} reports, of which {same} are the draft; reached by each way: {reached}")
    print(f"{refused} changes of rows refused; of {said} sentences with {rows} findings {without_row} have no row")
    print("| way | median keys | 95 % interval | middle half |\n|---|---:|---:|---:|")
    for name, values in ways.items():
        print(f"| {name} | {median(values)} |")
    for name in list(ways)[2:]:
        fewer = np.mean(np.array(ways[name]) < np.array(ways["free typing"]))
        print(f"{name}: fewer keys than free typing in {fewer:.0%} of the reports")


def _rows(text: str) -> set[Finding | None]:
    return {row.finding for row in read_table(text).rows}


def _sentences_of(draft: str) -> list[str]:
    """The draft's sentences as the page shows them; of a draft that they are not all of, as its full stops cut it."""
    shown = [draft[each.start : each.end] for each in sentences(draft)]
    return shown if " ".join(shown) == draft else list(split(draft))


if __name__ == "__main__":
    main()
