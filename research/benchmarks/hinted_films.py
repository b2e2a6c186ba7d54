"""How the drafts of NIH's validation films answer hints: of a finding that the film is labelled with, and of another.

    OMP_NUM_THREADS=1 python -m research.benchmarks.hinted_films --data ../shared/data
        [--films N] [--base B --adapter A]

Each film with a label is drafted with a hint of one of its labels, and with a hint of another finding, in the words of
training. Repeated: the draft begins with the hint as it was given. Named, denied: what the draft says of the hinted
finding, by the finding labeler, wherever it says it. Intervals are Wilson's. That a film is not labelled with a
finding does not mean that it has none: labels were mined from reports.
"""

import argparse
from pathlib import Path

import numpy as np

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.report import ClinicalContext
from research.benchmarks.score import add_model, settings_of
from research.benchmarks.validation_films import films_of, validation_rows
from research.mini.reports.hints import hint_of_observation
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED

ROOT = Path(__file__).resolve().parents[2]

BATCH = 16


def main() -> None:
    """Hint, draft, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--films", type=int, default=400, metavar="N", help="validation films at most")
    options = parser.parse_args()
    rows = validation_rows(options.data, options.films)
    has = observation_table(np.array([row.labels for row in rows])) == 1
    kept = [place for place in range(len(rows)) if has[place].any() and not has[place].all()]
    films = list(films_of(options.data, [rows[place] for place in kept]))
    reporter = load_reporter(settings_of(options))
    print(f"{len(kept)} films.\n\n| hint of | repeated | named | denied |\n|---|---|---|---|")
    for title, labelled in (("what the film is labelled with", True), ("another finding", False)):
        rng = np.random.default_rng(0)
        whats = [REPORTED[int(rng.choice(np.flatnonzero(has[place] == labelled)))] for place in kept]
        hints = [hint_of_observation(what, rng) for what in whats]
        counts = np.zeros(3, dtype=int)
        for start in range(0, len(kept), BATCH):
            here = slice(start, start + BATCH)
            studies = [
                ([film], ClinicalContext(hints=hint)) for film, hint in zip(films[here], hints[here], strict=True)
            ]
            for draft, hint, what in zip(reporter.draft_many(studies), hints[here], whats[here], strict=True):
                certainty = observations(draft.report.text).get(what)
                repeated = draft.report.findings.startswith(f"The hinted {hint} ")
                counts += (repeated, certainty is Certainty.PRESENT, certainty is Certainty.ABSENT)
        cells = []
        for count in counts:
            low, high = wilson(int(count), len(kept))
            cells.append(f"{100 * count / len(kept):.0f} % ({100 * low:.0f} to {100 * high:.0f})")
        print(f"| {title} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
