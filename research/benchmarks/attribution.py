"""The pointing game: is the highest attribution of a finding's sentence inside the finding?

    OMP_NUM_THREADS=1 python -m research.benchmarks.attribution --data ../shared/data
        [--phantoms N] [--boxes N] [--base B]

On drawn films that nothing was trained on, with the mask of each finding; and on NIH's films with boxes by
radiologists, separately for patients that were trained on and others (no part was trained on the boxes). The sentence
is the first phrasing that affirms the finding, right after the report's heading, whatever the model would have written.
Beside each fraction of hits stand a random place's and the middle of the film's; intervals are Wilson's.
"""

import argparse
import csv
import gzip
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.instructblip.scoring.attribution import Method
from clinicalblip.progress import track
from clinicalblip.radiology.observation import LabelSet, Observation, observation_of
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import ClinicalContext, Report
from research.benchmarks.pointing import centre_hits, chance, points_at
from research.benchmarks.score import add_model, settings_of
from research.mini.evaluation.validation_films import films_of, validation_rows
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw
from tests.fixtures.not_chests import as_film

ROOT = Path(__file__).resolve().parents[2]

FIRST_SEED = 5_000_000
SIDE = 320
BOX_SIDE = 1024
"""Pixels a side of the films that NIH's boxes were drawn on."""

MaskedFinding = tuple[str, Observation, Radiograph, np.ndarray]
"""Where the film is from, the observation, the film and the finding's mask."""


def drawn(number: int) -> Iterator[MaskedFinding]:
    """Findings of drawn films."""
    seed, found = FIRST_SEED, 0
    while found < number:
        drawing = draw(random_phantom(seed), SIDE)
        seed += 1
        for finding, mask in drawing.masks.items():
            if finding.observation is not None and mask.any() and found < number:
                found += 1
                yield "drawn", finding.observation, as_film(drawing.image).with_view(View.FRONTAL), mask


def boxed(data: Path, split: str, number: int) -> Iterator[MaskedFinding]:
    """NIH's boxes on films of these patients."""
    boxes = defaultdict(list)
    with gzip.open(data / "nih" / "BBox_List_2017.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for name, label, *box in islice(csv.reader(lines), 1, None):
            if label != "Infiltrate":  # CheXpert has no name for it
                boxes[name].append((observation_of(label, LabelSet.NIH), [float(each) for each in box[:4]]))
    with (data / "radiographs" / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        original = {line["file"]: line["original_id"] for line in csv.DictReader(lines)}
    rows = [row for row in validation_rows(data, split=split) if original[row.id] in boxes][:number]
    for row, film in zip(rows, films_of(data, rows), strict=True):
        for what, (left, top, width, height) in boxes[original[row.id]]:
            down, across = (side / BOX_SIDE for side in film.pixels.shape)
            mask = np.zeros(film.pixels.shape, dtype=bool)
            place = slice(round(top * down), round((top + height) * down) + 1)
            mask[place, round(left * across) : round((left + width) * across) + 1] = True
            yield f"NIH, patients for {split}", what, film, mask


class HitTable:
    """Hits of each method, by where the film is from and by finding."""

    def __init__(self) -> None:
        self.hits: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
        self.seconds = dict.fromkeys(Method, 0.0)

    def add(self, reporter: InstructBlipReporter, finding: MaskedFinding) -> None:
        """One finding of one film, each method."""
        source, what, film, mask = finding
        report = Report(PHRASINGS[what].affirming[0])
        hits = []
        for method in Method:
            began = time.perf_counter()
            (piece,) = reporter.evidence([film], ClinicalContext(), report, method=method)
            self.seconds[method] += time.perf_counter() - began
            hits.append(float(points_at(piece.upsample(0, *mask.shape), mask)))
        for row in ("all", what.value):
            self.hits[source, row].append([*hits, chance(mask), float(centre_hits(mask))])

    def show(self) -> None:
        """Print the rows as a Markdown table."""
        print(
            f"| films | finding | n | {' | '.join(Method)} | a random place | the middle |\n|"
            + "---|" * (5 + len(Method))
        )
        for (source, row), found in sorted(self.hits.items()):
            table = np.array(found)
            cells = []
            for column in range(len(Method)):
                low, high = wilson(int(table[:, column].sum()), len(table))
                cells.append(f"{table[:, column].mean():.2f} ({low:.2f} to {high:.2f})")
            cells += [f"{table[:, -2].mean():.2f}", f"{table[:, -1].mean():.2f}"]
            print(f"| {source} | {row} | {len(table)} | {' | '.join(cells)} |")
        number = sum(len(found) for (_, row), found in self.hits.items() if row == "all")
        spent = ", ".join(f"{method} {1000 * seconds / number:.0f} ms" for method, seconds in self.seconds.items())
        print(f"\nA sentence takes {spent}.")


def main() -> None:
    """Measure every finding, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model(parser)
    parser.add_argument("--phantoms", type=int, default=200, metavar="N", help="findings of drawn films")
    parser.add_argument("--boxes", type=int, default=1000, metavar="N", help="at most so many films with boxes a split")
    options = parser.parse_args()
    reporter = load_reporter(settings_of(options))
    table = HitTable()
    for finding in track(drawn(options.phantoms), "findings", total=options.phantoms, unit="finding"):
        table.add(reporter, finding)
    for split in ("validation", "train"):
        for finding in boxed(options.data, split, options.boxes):
            table.add(reporter, finding)
    table.show()


if __name__ == "__main__":
    main()
