"""The time of all text metrics, beside the libraries called directly, and whether both give the same values.

    NLTK_DATA=../shared/nltk_data OMP_NUM_THREADS=1 python -m research.benchmarks.evaluation --iu ../shared/data/iu
        [--many 200000]

The first table: every metric with 1,000 resamples on the 590 studies of R2Gen's test split, each study's draft being
the findings of another study of it; beside it pycocoevalcap, rouge-score and NLTK called directly, which give a figure
and no interval, and the largest difference of any study's value. Without --iu, 590 generated reports. The second:
`--many` generated reports with all metrics and resamples, each number of studies in a process of its own, whose peak
memory is given, without and with Java's. Without Java or WordNet the metrics that need them are reported as missing.
"""

import argparse
import gc
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean
from clinicalblip.evaluation.metrics.registry import METRICS, measure
from clinicalblip.evaluation.statistics.statistic import (
    MissingStatistic,
    Statistic,
    bootstrap_interval,
    bootstrap_intervals,
)
from tests.fixtures.report_pairs import draw_pairs, read_r2gen_test_split

ROOT = Path(__file__).resolve().parents[2]

T = TypeVar("T")
STUDIES = 590
Values = list[NDArray[np.float64]]
"""The value of each study, an array a metric."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "BLEU-1 to 4": METRICS[:4],
    "METEOR 1.5, Java's start included": ("meteor-coco-1.5",),
    "METEOR of NLTK with WordNet": ("meteor-nltk-wordnet",),
    "METEOR of NLTK without": ("meteor-nltk-no-wordnet",),
    "ROUGE-L of COCO": ("rouge-l-coco",),
    "ROUGE-1, 2 and L of rouge-score": METRICS[8:11],
    "CIDEr": ("cider-coco",),
}


def real_pairs(source: Path) -> tuple[list[str], list[str]]:
    """The test split's findings, and as drafts the same ones, each at the next study."""
    references = [clean(study.reference.findings, Cleaning.R2GEN) for study in read_r2gen_test_split(source)]
    return [*references[1:], references[0]], references


def plain_coco(metric: str, drafts: list[str], references: list[str]) -> Values:
    """pycocoevalcap, as its users call it."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.meteor.meteor import Meteor
    from pycocoevalcap.rouge.rouge import Rouge

    captions = [{study: [text] for study, text in enumerate(some)} for some in (references, drafts)]
    if metric == "bleu":
        return [np.array(each) for each in Bleu(4).compute_score(*captions, verbose=0)[1]]
    scorer = {"meteor": Meteor, "rouge": Rouge, "cider": Cider}[metric]()
    return [np.array(scorer.compute_score(*captions)[1])]


def plain_rouge_score(drafts: list[str], references: list[str]) -> Values:
    """rouge-score, as its users call it."""
    from rouge_score.rouge_scorer import RougeScorer

    kinds = ["rouge1", "rouge2", "rougeL"]
    scorer = RougeScorer(kinds, use_stemmer=False)
    scores = [scorer.score(*pair) for pair in zip(references, drafts, strict=True)]
    return [np.array([score[kind].fmeasure for score in scores]) for kind in kinds]


def plain_nltk(drafts: list[str], references: list[str], *, with_wordnet: bool) -> Values:
    """NLTK, as its users call it."""
    from nltk.corpus import wordnet
    from nltk.translate.meteor_score import single_meteor_score

    class NoWordNet:
        def synsets(self, word: str) -> list[object]:
            return []

    synonyms = wordnet if with_wordnet else NoWordNet()
    pairs = zip(references, drafts, strict=True)
    return [np.array([single_meteor_score(a.split(), b.split(), wordnet=synonyms) for a, b in pairs])]


PLAIN: dict[str, Callable[[list[str], list[str]], Values]] = {
    "BLEU-1 to 4": lambda *texts: plain_coco("bleu", *texts),
    "METEOR 1.5, Java's start included": lambda *texts: plain_coco("meteor", *texts),
    "METEOR of NLTK with WordNet": lambda *texts: plain_nltk(*texts, with_wordnet=True),
    "METEOR of NLTK without": lambda *texts: plain_nltk(*texts, with_wordnet=False),
    "ROUGE-L of COCO": lambda *texts: plain_coco("rouge", *texts),
    "ROUGE-1, 2 and L of rouge-score": plain_rouge_score,
    "CIDEr": lambda *texts: plain_coco("cider", *texts),
}


def compare(drafts: list[str], references: list[str]) -> None:
    """One row a family of metrics, and what all of them take together."""
    print("| metrics | here, s | 1,000 resamples, s | the library plainly, s | largest difference of a study |")
    print("|---|---:|---:|---:|---:|")
    measure(("meteor-nltk-no-wordnet", "meteor-nltk-wordnet", "rouge-score-l-f1"), ["a"], ["a"])  # what is imported
    for family, names in FAMILIES.items():
        seconds, found = timed(lambda names=names: measure(names, drafts, references))
        figures = [each for each in found.values() if isinstance(each, Statistic)]
        if len(figures) < len(names):
            reason = next(each.reason for each in found.values() if isinstance(each, MissingStatistic))
            print(f"| {family} | missing: {reason} | | | |")
            continue
        resampling, _ = timed(lambda figures=figures: [bootstrap_interval(each) for each in figures])
        plainly, theirs = timed(lambda family=family: PLAIN[family](drafts, references))
        apart = max(float(np.abs(figure.each() - values).max()) for figure, values in zip(figures, theirs, strict=True))
        print(f"| {family} | {seconds:.2f} | {resampling:.2f} | {plainly:.2f} | {apart:.1e} |")
    seconds, _ = timed(lambda: measure_all(drafts, references))
    print(f"\nAll {len(METRICS)} with their intervals: {seconds:.2f} s.\n")


def measure_all(drafts: list[str], references: list[str]) -> list[str]:
    """Every metric with 1,000 resamples; the names of those that could not be measured."""
    found = measure(METRICS, drafts, references)
    bootstrap_intervals({name: each for name, each in found.items() if isinstance(each, Statistic)})
    return [name for name, each in found.items() if isinstance(each, MissingStatistic)]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the wall clock, and what came of it."""
    gc.collect()
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def measure_generated(studies: int) -> None:
    """One row: so many generated reports, in this process."""
    drafts, references = draw_pairs(studies)
    texts = _peak()
    seconds, missing = timed(lambda: measure_all(drafts, references))
    java = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # Linux counts in KiB
    without = f" (without {', '.join(missing)})" if missing else ""
    took = f"{seconds:.1f} | {1000 * seconds / studies:.2f}"
    print(f"| {studies:,}{without} | {took} | {texts:.0f} | {_peak():.0f} | {java:.0f} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iu", type=Path, help="the folder of IU X-RAY's reports and R2Gen's annotation.json")
    parser.add_argument("--many", type=int, default=20_000, help="generated reports of the second table's last row")
    parser.add_argument("--generated", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.generated:
        measure_generated(chosen.generated)
        return
    source = "R2Gen's test split" if chosen.iu else "generated"
    drafts, references = real_pairs(chosen.iu) if chosen.iu else draw_pairs(STUDIES)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, Python {platform.python_version()}.\n")
    print(
        f"{len(references)} reports ({source}), {np.mean([len(text.split()) for text in references]):.0f} words each:\n"
    )
    compare(drafts, references)
    print("Generated reports; memory is the peak, MB:\n")
    print("| studies | all metrics with 1,000 resamples, s | ms a study | texts alone | with metrics | Java |")
    print("|---:|---:|---:|---:|---:|---:|", flush=True)
    for studies in sorted({STUDIES, max(STUDIES, chosen.many // 4), max(STUDIES, chosen.many)}):
        command = [sys.executable, "-m", "research.benchmarks.evaluation", "--generated", str(studies)]
        subprocess.run(command, check=True, cwd=ROOT)


def _peak() -> float:
    """Of this process alone, MB: getrusage's would begin with what the process that started it had."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
