"""Precision and recall of drafts with several finding biases: false findings against missed ones.

    OMP_NUM_THREADS=1 python -m research.benchmarks.finding_bias --data ../shared/data
        [--films N] [--bias -2 0 2] [--base B --adapter A]

NIH's validation patients, no slot of the prompt filled, the eight observations that NIH names, micro. The intervals
resample films.
"""

import argparse
from pathlib import Path

import numpy as np

from clinicalblip.evaluation.metrics.finding_scores import measure_table, positives
from clinicalblip.evaluation.statistics.statistic import bootstrap_intervals
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import track
from clinicalblip.radiology.observation import CHEXPERT
from clinicalblip.radiology.report import ClinicalContext
from research.benchmarks.score import add_model, settings_of
from research.mini.evaluation.evaluate_scores import NAMED_BY_NIH, chexpert_table
from research.mini.evaluation.validation_films import films_of, validation_rows

ROOT = Path(__file__).resolve().parents[2]

BIASES = (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0)
BATCH = 16
FIGURES = ("micro-precision", "micro-recall", "micro-f1")
COLUMNS = [CHEXPERT.index(what) for what in NAMED_BY_NIH]


def main() -> None:
    """Draft with each bias, print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--films", type=int, default=300, metavar="N", help="at most so many")
    parser.add_argument("--bias", type=float, nargs="+", default=BIASES, metavar="B", help="nats")
    options = parser.parse_args()
    settings = settings_of(options)
    rows = validation_rows(options.data, options.films)
    films = list(films_of(options.data, rows))
    truth = chexpert_table(np.array([row.labels for row in rows], dtype=np.float32))[:, COLUMNS]
    print(f"{len(films)} films of {len({row.patient for row in rows})} patients.\n")
    print(
        "| bias (nats) | precision | recall | F1 | findings a draft | drafts that loop or are empty |\n|" + "---|" * 6
    )
    for bias in options.bias:
        generation = settings.generation.model_copy(update={"finding_bias": bias})
        reporter = load_reporter(settings.model_copy(update={"generation": generation}))
        drafts = []
        starts = range(0, len(films), BATCH)
        for start in track(starts, f"bias {bias:g}", total=len(starts)):
            batch = [([film], ClinicalContext()) for film in films[start : start + BATCH]]
            drafts.extend(reporter.draft_many(batch))
        affirmed = positives([draft.report.text for draft in drafts], uncertain_is_positive=False)[:, COLUMNS]
        found = bootstrap_intervals(
            {name: each for name, each in measure_table(affirmed, truth).items() if name in FIGURES}
        )
        cells = [f"{found[name].value:.3f} ({found[name].low:.3f} to {found[name].high:.3f})" for name in FIGURES]
        broken = sum(any("The model wrote" in warning for warning in draft.warnings) for draft in drafts)
        print(f"| {bias:g} | {' | '.join(cells)} | {affirmed.sum(axis=1).mean():.2f} | {broken} |", flush=True)


if __name__ == "__main__":
    main()
