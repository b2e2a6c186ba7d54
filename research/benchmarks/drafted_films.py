"""The drafts of NIH's validation films: by subgroup, word for word, five as they came; and of pictures of no chest.

    OMP_NUM_THREADS=1 python -m research.benchmarks.drafted_films --data ../shared/data
        [--films N] [--base B --adapter A]

Every film is drafted once, no slot of the prompt filled. F1 is micro, over the eight observations that NIH names, with
the right film and as the mean of twenty shuffles of the same drafts among films of one set and size; intervals resample
films. The five films are the first of their finding by the digest of their name, each shown once: nobody chose them.
"""

import argparse
import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.evaluation.metrics.finding_scores import measure_table, positives
from clinicalblip.evaluation.statistics.auroc import auroc_within
from clinicalblip.evaluation.statistics.statistic import bootstrap_interval
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import track
from clinicalblip.radiology.observation import CHEXPERT
from clinicalblip.radiology.report import ClinicalContext
from research.benchmarks.score import add_model, margins_of, settings_of
from research.mini.evaluation.evaluate_drafts import SHUFFLES, shuffle_within_groups
from research.mini.evaluation.evaluate_scores import MIN_POSITIVES, NAMED_BY_NIH, chexpert_table
from research.mini.evaluation.validation_films import films_of, validation_rows
from research.mini.films.manifest import NIH_LABELS
from tests.fixtures.not_chests import NOT_CHESTS, as_film

ROOT = Path(__file__).resolve().parents[2]

COLUMNS = [CHEXPERT.index(what) for what in NAMED_BY_NIH]
BATCH = 16
FEW = 60
SHOWN = ("Cardiomegaly", "Effusion", "Pneumothorax", "Mass", "Consolidation")


def subgroups(data: Path, rows: list) -> Iterator[tuple[str, np.ndarray]]:
    """Which of the rows are in each subgroup: set, size, view, sex and age."""
    with (data / "radiographs" / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        table = {line["file"]: line for line in csv.DictReader(lines)}
    known = [table[row.id] for row in rows]
    ages = np.array([float(line["age"]) if line["age"].isdigit() else np.nan for line in known])
    sides = np.array([min(int(line["width"]), int(line["height"])) for line in known])
    yield "all", np.ones(len(rows), dtype=bool)
    for name in ("set", "view", "sex"):
        values = np.array([line[name] or "unknown" for line in known])
        for value in sorted(set(values)):
            yield f"{name} {value}", values == value
    for low, high in ((0, 18), (18, 40), (40, 60), (60, 200)):
        name = f"age {low} to {high - 1}" if high < 200 else f"age {low} and above"
        yield name, (ages >= low) & (ages < high)
    for low, high in ((0, 129), (129, 257), (257, 10_000)):
        name = f"short side up to {high - 1}" if high < 10_000 else f"short side {low} and more"
        yield name, (sides >= low) & (sides < high)


def show_subgroups(data: Path, rows: list, said: np.ndarray, margins: np.ndarray, truth: np.ndarray) -> None:
    """Print F1 and AUROC of every subgroup."""
    groups = [row.group for row in rows]
    rng = np.random.default_rng(0)
    others = [said[shuffle_within_groups(groups, rng)] for _ in range(SHUFFLES)]
    places = np.array(groups)
    print("| films | number | F1 with the right film | with another's | constant | macro AUROC by `score` |")
    print("|" + "---|" * 6)
    commonest = int(np.nansum(truth, axis=0).argmax())
    for name, chosen in subgroups(data, rows):
        if chosen.sum() < FEW:
            print(f"| {name} | {chosen.sum()} | too few | too few | too few | too few |")
            continue
        right = bootstrap_interval(measure_table(said[chosen], truth[chosen])["micro-f1"])
        shuffled = np.mean([measure_table(each[chosen], truth[chosen])["micro-f1"].value() for each in others])
        constant = np.zeros_like(said)
        constant[:, commonest] = True
        fixed = measure_table(constant[chosen], truth[chosen])["micro-f1"].value()
        counted = [c for c in range(len(COLUMNS)) if np.nansum(truth[:, c]) >= MIN_POSITIVES]
        found = [auroc_within(margins[chosen, c], truth[chosen, c], places[chosen]) for c in counted]
        print(
            f"| {name} | {chosen.sum()} | {right.value:.3f} ({right.low:.3f} to {right.high:.3f}) | {shuffled:.3f} "
            f"| {fixed:.3f} | {np.nanmean(found):.3f} |"
        )
    print(f"\nThe constant says {NAMED_BY_NIH[commonest].value.lower()} of every film.")


def show_films(rows: list, texts: list[str]) -> None:
    """Print the drafts of five different films."""
    shown: set[int] = set()
    order = sorted(range(len(rows)), key=lambda place: hashlib.sha256(rows[place].id.encode()).hexdigest())
    for wanted in SHOWN:
        column = NIH_LABELS.index(wanted)
        place = next((p for p in order if rows[p].labels[column] == 1 and p not in shown), None)
        if place is None:
            continue
        shown.add(place)
        labels = [name for name, value in zip(NIH_LABELS, rows[place].labels, strict=True) if value]
        print(f"- `{rows[place].id}`, labelled {', '.join(labels)}: {' '.join(texts[place].split())}")


def show_repeated(data: Path, findings: list[str]) -> None:
    """Print how many drafts stand word for word among the training reports, and how alike drafts are."""
    iu = data / "iu"
    studies = list(prepare_iu_xray(iu, split_file=iu / "r2gen_annotation.json", without_images=True).studies)
    train = {_words(study.reference.findings) for study in studies if study.split == "train"} - {""}
    test = [_words(study.reference.findings) for study in studies if study.split == "test"]
    drafted = [_words(text) for text in findings]
    print(
        f"\nFindings that stand word for word among {len(train)} different ones of training reports: "
        f"{sum(d in train for d in drafted)} of {len(drafted)} drafts; {sum(t in train for t in test)} of {len(test)} "
        "real test reports. "
        f"Different drafts: {len(set(drafted))}; the commonest is {max(map(drafted.count, set(drafted)))} of them."
    )


def _words(text: str) -> str:
    return " ".join(text.lower().split())


def show_no_chests(reporter: object, each: int) -> None:
    """Print what is drafted of pictures that are no chest, and whether they are doubted."""
    print("\n| picture | drafts that affirm a finding | drafts that call the chest normal | pictures doubted |")
    print("|" + "---|" * 4)
    for name, make in NOT_CHESTS.items():
        films = [as_film(make(seed)) for seed in range(each)]
        drafts = reporter.draft_many([([film], ClinicalContext()) for film in films])
        said = positives([draft.report.text for draft in drafts], uncertain_is_positive=False)
        normal = said[:, CHEXPERT.index("No Finding")]
        found = np.delete(said, CHEXPERT.index("No Finding"), axis=1).any(axis=1)
        doubted = sum(bool(reporter.doubts(film)) for film in films)
        print(f"| {name} | {found.sum()} of {each} | {(normal & ~found).sum()} of {each} | {doubted} of {each} |")


def main() -> None:
    """Draft every film, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--films", type=int, metavar="N", help="at most so many (default: all)")
    parser.add_argument("--no-chests", type=int, default=10, metavar="N", help="pictures of each kind (default: 10)")
    parser.add_argument("--json", type=Path, metavar="F", help="keep the drafts by film")
    options = parser.parse_args()
    reporter = load_reporter(settings_of(options))
    rows = validation_rows(options.data, options.films)
    films = list(films_of(options.data, rows))
    drafts = []
    starts = range(0, len(films), BATCH)
    for start in track(starts, "drafts", total=len(starts)):
        drafts.extend(reporter.draft_many([([film], ClinicalContext()) for film in films[start : start + BATCH]]))
    texts = [draft.report.text for draft in drafts]
    if options.json:
        kept = {row.id: text for row, text in zip(rows, texts, strict=True)}
        options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    said = positives(texts, uncertain_is_positive=False)[:, COLUMNS]
    truth = chexpert_table(np.array([row.labels for row in rows], dtype=np.float32))[:, COLUMNS]
    show_subgroups(options.data, rows, said, margins_of(reporter, options.data, rows)[:, COLUMNS], truth)
    show_films(rows, texts)
    show_repeated(options.data, [draft.report.findings for draft in drafts])
    show_no_chests(reporter, options.no_chests)


if __name__ == "__main__":
    main()
