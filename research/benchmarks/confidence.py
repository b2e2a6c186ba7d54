"""How often the model is right where the page says that it thinks a finding likely, or doubts what the draft says.

    OMP_NUM_THREADS=1 python -m research.benchmarks.confidence --data ../shared/data
        [--films N] [--base B --adapter A] [--keep F]

NIH's validation films, no slot of the prompt filled; of each film the eight observations that NIH names. Probabilities
are those of a scale that is fitted on one half of the patients and used on the other, in both directions, because the
one beside the base was fitted on all of these films. Precision and recall are micro, over films and observations;
intervals resample patients. The page's limits are those of the settings.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.statistics.calibration import fit_scale
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import track
from clinicalblip.proofreading.confidence import doubted, unmentioned
from clinicalblip.radiology.observation import CHEXPERT, Certainty
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import ScoreSettings
from research.benchmarks.score import add_model, margins_of, settings_of
from research.benchmarks.validation_films import films_of, validation_rows
from research.mini.evaluation.evaluate_scores import NAMED_BY_NIH, chexpert_table

BATCH = 16
RESAMPLES = 1000
LIKELY = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
UNLIKELY = (0.02, 0.05, 0.1, 0.15, 0.2)
COLUMNS = [CHEXPERT.index(what) for what in NAMED_BY_NIH]

Table = NDArray[np.float64]
Chosen = NDArray[np.bool_]
"""Which observation of which film is said to be so, (films, 8)."""


def cross_fitted(margins: Table, truth: Table, patients: Sequence[str], seed: int = 0) -> Table:
    """Each film's probabilities (films, 8), by a scale that was fitted on other patients' films."""
    people, place = np.unique(np.array(patients, dtype=np.str_), return_inverse=True)
    first = np.array([number % 2 for number in np.random.default_rng(seed).permutation(len(people))])[place] == 0
    found = np.zeros((len(margins), len(COLUMNS)))
    for half in (first, ~first):
        scale = fit_scale(margins[~half][:, COLUMNS], truth[~half][:, COLUMNS])
        found[half] = scale.probabilities(margins[half][:, COLUMNS])
    return found


def offered(drafts: Sequence[Report], probabilities: Table, limits: ScoreSettings) -> tuple[Chosen, Chosen, Chosen]:
    """What the page offers beside unedited drafts: not mentioned, doubted though affirmed, doubted though denied."""
    missing, false, denied = (np.zeros(probabilities.shape, dtype=bool) for _ in range(3))
    for film, (draft, of_film) in enumerate(zip(drafts, probabilities, strict=True)):
        scores = dict(zip(NAMED_BY_NIH, of_film.tolist(), strict=True))
        for each in unmentioned(draft, draft, scores, limits):
            missing[film, NAMED_BY_NIH.index(each.observation)] = True
        for each in doubted(draft, draft, scores, limits):
            table = denied if each.certainty is Certainty.ABSENT else false
            table[film, NAMED_BY_NIH.index(each.observation)] = True
    return missing, false, denied


def spoken(drafts: Sequence[Report]) -> tuple[Chosen, Chosen, Chosen]:
    """What drafts do not mention, affirm and deny: all that could be offered, whatever the probabilities are."""
    shape = (len(drafts), len(COLUMNS))
    missing, _, denied = offered(drafts, np.ones(shape), ScoreSettings())
    _, affirmed, _ = offered(drafts, np.zeros(shape), ScoreSettings())
    return missing, affirmed, denied


def cells(said: Chosen, right: Chosen, patients: Sequence[str], seed: int = 0) -> str:
    """Cells of a table: how many are said, precision and recall, with intervals over patients."""
    people, place = np.unique(np.array(patients, dtype=np.str_), return_inverse=True)

    def of_people(table: Chosen) -> NDArray[np.float64]:
        return np.bincount(place, weights=table.sum(axis=1), minlength=len(people))

    hits, number, positives = of_people(said & right), of_people(said), of_people(right)
    drawn = np.random.default_rng(seed).integers(len(people), size=(RESAMPLES, len(people)))

    def cell(of: NDArray[np.float64]) -> str:
        if not of.sum():
            return "none"
        sums = of[drawn].sum(axis=1)
        low, high = np.quantile(hits[drawn].sum(axis=1)[sums > 0] / sums[sums > 0], (0.025, 0.975))
        return f"{hits.sum() / of.sum():.3f} ({low:.3f} to {high:.3f})"

    return f"{int(number.sum())} | {cell(number)} | {cell(positives)} |"


def show(
    drafts: Sequence[Report], probabilities: Table, truth: Table, patients: Sequence[str], limits: ScoreSettings
) -> None:
    """Print the tables."""
    known = ~np.isnan(truth)
    there, gone = known & (truth == 1), known & (truth == 0)
    could_miss, affirmed, denied = spoken(drafts)
    print(f"{len(drafts)} films of {len(set(patients))} patients; {int(there.sum())} findings in {int(known.sum())}.")

    def table(title: str, name: str, values: Sequence[float], of: Callable[[float], str], always: str) -> None:
        print(f"\n{title}\n\n| {name} | said | precision | recall |\n|---|---|---|---|")
        for value in values:
            print(f"| {value} | {of(value)}")
        print(f"| always | {always}")

    def at(value: float, which: int) -> Chosen:
        # The other limit has to keep out of its way.
        bounds = ScoreSettings(likely=1, unlikely=value) if which == 1 else ScoreSettings(likely=value, unlikely=0)
        return offered(drafts, probabilities, bounds)[which] & known

    table(
        "A probability at or above the limit, against the label",
        "limit",
        LIKELY,
        lambda value: cells((probabilities >= value) & known, there, patients),
        cells(known, there, patients),
    )
    table(
        "Not mentioned: likely, and the draft does not speak of it",
        "likely from",
        LIKELY,
        lambda value: cells(at(value, 0), there & could_miss, patients),
        cells(could_miss & known, there & could_miss, patients),
    )
    table(
        "Doubted: the draft denies it, and it is likely",
        "likely from",
        LIKELY,
        lambda value: cells(at(value, 2), there & denied, patients),
        cells(denied & known, there & denied, patients),
    )
    table(
        "Doubted: the draft affirms it, and it is unlikely (right where the label lacks it)",
        "unlikely below",
        UNLIKELY,
        lambda value: cells(at(value, 1), gone & affirmed, patients),
        cells(affirmed & known, gone & affirmed, patients),
    )
    lines = [probabilities < limits.unlikely, probabilities >= limits.likely]
    print(f"\nBy the mark, limits {limits.unlikely} and {limits.likely}; right: the label says the same.")
    for name, chosen, truly in (("affirmed", affirmed, there), ("denied", denied, gone)):
        steps = (lines[0], ~(lines[0] | lines[1]), lines[1])
        for bars, step in zip((1, 2, 3) if name == "affirmed" else (3, 2, 1), steps, strict=True):
            of = chosen & step & known
            right = f"{(of & truly).sum() / of.sum():.3f}" if of.any() else "none"
            print(f"- {name}, {bars} of 3 bars: {int(of.sum())}, right {right}")


def main() -> None:
    """Score and draft every film, or take both from a file; print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--films", type=int, metavar="N", help="at most so many (default: all)")
    parser.add_argument(
        "--keep", type=Path, metavar="F", help="an .npz with margins and drafts; made if it is not there"
    )
    options = parser.parse_args()
    rows = validation_rows(options.data, options.films)
    settings = settings_of(options)
    if options.keep and options.keep.is_file():
        kept = np.load(options.keep)
        if kept["films"].tolist() != [row.id for row in rows]:
            parser.error(f"{options.keep.name} is of other films.")
        margins, texts = kept["margins"], kept["texts"]
    else:
        reporter = load_reporter(settings)
        margins = margins_of(reporter, options.data, rows)
        films = list(films_of(options.data, rows))
        starts = range(0, len(films), BATCH)
        drafts = [
            draft.report
            for start in track(starts, "drafts", total=len(starts))
            for draft in reporter.draft_many([([film], ClinicalContext()) for film in films[start : start + BATCH]])
        ]
        texts = np.array([[draft.findings, draft.impression] for draft in drafts], dtype=np.str_)
        if options.keep:
            np.savez_compressed(options.keep, margins=margins, texts=texts, films=np.array([row.id for row in rows]))
    truth = chexpert_table(np.array([row.labels for row in rows], dtype=np.float32))
    patients = [row.patient for row in rows]
    probabilities = cross_fitted(margins, truth, patients)
    reports = [Report(str(findings), str(impression)) for findings, impression in texts]
    show(reports, probabilities, truth[:, COLUMNS], patients, settings.scores)


if __name__ == "__main__":
    main()
