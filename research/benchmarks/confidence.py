"""How often the model is right where the page says that it thinks a finding likely, or doubts what the draft says.

    OMP_NUM_THREADS=1 python -m research.benchmarks.confidence --data ../shared/data
        [--films N] [--base B --adapter A] [--keep F]

NIH's validation films, no slot of the prompt filled; of each film the eight observations that NIH names. Probabilities
are those of a scale that is fitted on one half of the patients and used on the other, in both directions, because the
one beside the base was fitted on all of these films. Precision and recall are micro, over films and observations;
intervals resample patients. The page's limits are those of the settings.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.statistics.calibration import fit_scale
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import track
from clinicalblip.proofreading.confidence import WeighedFinding, doubted, unmentioned
from clinicalblip.radiology.observation import CHEXPERT, Certainty
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import ScoreSettings
from research.benchmarks.score import add_model, margins_of, settings_of
from research.mini.evaluation.evaluate_scores import NAMED_BY_NIH, chexpert_table
from research.mini.evaluation.validation_films import films_of, validation_rows

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


def sayable(drafts: Sequence[Report]) -> tuple[Chosen, Chosen, Chosen]:
    """What of unedited drafts the page would say if every finding were certain, or none: three tables (films, 8).

    Not mentioned, and doubted though denied, where all are certain; doubted though affirmed where none is.
    """
    limits = ScoreSettings()
    certain, none = dict.fromkeys(NAMED_BY_NIH, 1.0), dict.fromkeys(NAMED_BY_NIH, 0.0)
    of_draft = {
        draft: (
            _places(unmentioned(draft, draft, certain, limits)),
            _places(each for each in doubted(draft, draft, certain, limits) if each.certainty is Certainty.ABSENT),
            _places(each for each in doubted(draft, draft, none, limits) if each.certainty is not Certainty.ABSENT),
        )
        for draft in dict.fromkeys(drafts)
    }
    missing, denied, affirmed = zip(*(of_draft[draft] for draft in drafts), strict=True)
    return np.array(missing), np.array(denied), np.array(affirmed)


def _places(found: Iterable[WeighedFinding]) -> Chosen:
    said = {each.observation for each in found}
    return np.array([what in said for what in NAMED_BY_NIH])


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
    missing, denied, affirmed = sayable(drafts)
    print(f"{len(drafts)} films of {len(set(patients))} patients; {int(there.sum())} findings in {int(known.sum())}.")
    tables: tuple[tuple[str, Sequence[float], Chosen, Chosen], ...] = (
        ("The finding is there: probability from", LIKELY, known, there),
        ("Not mentioned: likely from", LIKELY, missing, there),
        ("Denied, and doubted: likely from", LIKELY, denied, there),
        ("Affirmed, and doubted: unlikely below", UNLIKELY, affirmed, gone),
    )
    for name, steps, could, right in tables:
        print(f"\n| {name} | said | precision | recall |\n|---|---|---|---|")
        for step in steps:
            said = probabilities < step if steps is UNLIKELY else probabilities >= step
            print(f"| {step} | {cells(said & could & known, right & could, patients)}")
        print(f"| always | {cells(could & known, right & could, patients)}")
    lines = [probabilities < limits.unlikely, probabilities >= limits.likely]
    print(f"\nBy the mark, limits {limits.unlikely} and {limits.likely}; right: the label says the same.")
    for name, chosen, truly in (("affirmed", affirmed, there), ("denied", denied, gone)):
        bars_of = (1, 2, 3) if name == "affirmed" else (3, 2, 1)
        for bars, part in zip(bars_of, (lines[0], ~(lines[0] | lines[1]), lines[1]), strict=True):
            of = chosen & part & known
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
