"""How often chest films and other pictures are doubted as out of distribution, and how long that takes.

    OMP_NUM_THREADS=1 python -m research.benchmarks.ood --data ../shared/data [--left-out RUN]

Films are read from the data folder's zips as an upload is, at most `--films` of each set. Real pictures that are no
frontal chest come from wheels where they are installed: pydicom's own test files, and
`pip install --no-deps pydicom-data scikit-image scikit-learn`. The computed ones are drawn by
tests/fixtures/not_chests.py. `--left-out` measures each source of films against statistics made without it; RUN is a
run folder of research.mini.
"""

import argparse
import csv
import statistics
import sys
import time
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import torch
from PIL import Image
from pydicom.pixels import apply_color_lut

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.vision.encoder import read_encoder
from clinicalblip.instructblip.vision.film_statistics import fit_statistics
from clinicalblip.instructblip.vision.ood import OodDetector, load_ood_detector
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.screening.ood_heuristics import heuristic_doubts
from research.mini.films.manifest import NIH_SETS, split_of
from research.mini.films.phantom_films import PHANTOM_SET
from research.mini.films.prepare_films import prepare_films
from research.mini.recipe import FULL
from research.mini.vision.ood import embed_rows
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw_chest
from tests.fixtures.not_chests import NOT_CHESTS, as_film

ROOT = Path(__file__).resolve().parents[2]

BASE = ROOT / "assets" / "mini" / "instructblip-mini"
SEEDS = 20

REAL_DICOM = {
    "CT slices": "693_UNCR CT_small eCT_Supplemental explicit_VR-UN bad_sequence J2K_pixelrep_mismatch",
    "MR slices": "MR2_UNCR MR-SIEMENS-DICOM-WithOverlays emri_small MR_small examples_overlay",
    "ultrasound": "US1_UNCR color3d_jpeg_baseline gdcm-US-ALOKA-16 examples_palette OBXXXX1A "
    "JPGLosslessP14SV1_1s_1f_8b",
    "bone scans": "JPEG2000 JPEG-LL",
    "a leg radiograph": "RG3_UNCR",
    "test patterns and text": "mlut_18 vlut_04 image_dfl GDCMJ2K_TextGBR liver",
    "a chest radiograph": "RG1_UNCR",
}
REAL_PICTURES = {
    "pages of text": "page text",
    "retina and histology": "retina microaneurysms ihc cell",
    "drawings": "chessboard_GRAY horse logo phantom color",
    "photographs": "astronaut brick camera chelsea clock_motion coffee coins grass gravel moon motorcycle_left "
    "hubble_deep_field rocket china flower",
}
TURNS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "upside down": (lambda film: film[::-1, ::-1], "other way up"),
    "turned by a quarter to the right": (lambda film: np.rot90(film, -1), "quarter to the left"),
    "turned by a quarter to the left": (lambda film: np.rot90(film), "quarter to the right"),
    "black and white exchanged": (lambda film: film.max() - film, "exchanged"),
    "mirrored (left for right)": (lambda film: film[:, ::-1], ""),
}


class DoubtTable:
    """Counts of doubted films by row."""

    def __init__(self, detector: OodDetector) -> None:
        self.detector = detector
        self.rows: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
        self.doubts: dict[str, list[str]] = defaultdict(list)

    def add(self, name: str, film: Radiograph) -> None:
        """Count one film with the heuristics and with the encoder's detector."""
        heuristic, encoder = heuristic_doubts(film), self.detector.doubts(film)
        self.rows[name].append((bool(heuristic), bool(encoder)))
        self.doubts[name].append(" ".join((*heuristic, *encoder)))

    def show(self, title: str) -> None:
        """Print the rows as a Markdown table and forget them."""
        print(f"\n| {title} | n | by heuristics | by the encoder | by either | 95 % interval |")
        print("|---|---|---|---|---|---|")
        for name, found in self.rows.items():
            n = len(found)
            heuristic, encoder, either = (sum(map(each, found)) for each in (lambda f: f[0], lambda f: f[1], any))
            low, high = (100 * end for end in wilson(either, n))
            print(f"| {name} | {n} | {heuristic} | {encoder} | {100 * either / n:.1f} % | {low:.1f} to {high:.1f} % |")
        sys.stdout.flush()
        self.rows.clear()


def films_by_row(data: Path, number: int) -> Iterator[tuple[str, str, bytes]]:
    """Row name, view and bytes of the films, `number` of each row drawn by a fixed seed."""
    found = defaultdict(list)
    with (data / "radiographs" / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            name, labels = line["set"], line["labels"].split(";")
            if line["view"] == "lateral":
                row = "lateral films (cohen_covid), never trained on"
            elif name in NIH_SETS:
                if split_of(line["patient"] or line["file"]) == "train":
                    continue
                row = "NIH validation, on which the limit was set"
            elif name == "nih_effusion_anon":
                row = "NIH, patients unknown, never trained on"
            elif name == "covid_radiography" and "No Finding" in labels:
                row = "covid_radiography, normal, never trained on"
            else:
                row = f"{name}, trained on" + (" (children)" if name == "kermany" else "")
            found[row].append(line)
    archives: dict[str, zipfile.ZipFile] = {}
    rng = np.random.default_rng(0)
    for row in sorted(found, key=lambda row: ("trained on" in row and "never" not in row, row)):
        lines = found[row]
        if len(lines) > number and "validation" not in row:
            lines = [lines[place] for place in sorted(rng.choice(len(lines), number, replace=False))]
        for line in lines:
            archive, _, name = line["file"].partition("/")
            if archive not in archives:
                archives[archive] = zipfile.ZipFile(data / "radiographs" / archive)
            yield row, line["view"], archives[archive].read(name)


def real_pictures() -> Iterator[tuple[str, np.ndarray]]:
    """Kind and greys in [0, 1] of the pictures in wheels that are installed."""
    packages = {name: find_spec(name) for name in ("pydicom", "data_store", "skimage", "sklearn")}
    folders = [Path(place) for spec in packages.values() if spec for place in spec.submodule_search_locations or ()]
    files = {
        file.stem: file for folder in folders for file in folder.rglob("*") if file.suffix in (".dcm", ".png", ".jpg")
    }
    for kind, names in REAL_DICOM.items():
        for name in names.split():
            if name in files:
                yield kind, dicom_greys(files[name])
    for kind, names in REAL_PICTURES.items():
        for name in names.split():
            if name in files:
                yield kind, np.asarray(Image.open(files[name]).convert("L"), dtype=np.float32) / 255


def dicom_greys(file: Path) -> np.ndarray:
    """One frame of any kind of image, as somebody might have saved it: from its half per cent to its last."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(file)
        values = dataset.pixel_array
        if int(dataset.get("NumberOfFrames") or 1) > 1:
            values = values[len(values) // 2]
        if dataset.PhotometricInterpretation == "PALETTE COLOR":
            values = apply_color_lut(values, dataset)
    greys = values.astype(np.float32)
    if greys.ndim == 3:
        greys = greys @ np.array((0.299, 0.587, 0.114), dtype=np.float32)
    low, high = np.percentile(greys, (0.5, 99.5))
    greys = np.clip((greys - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)
    return 1 - greys if dataset.PhotometricInterpretation == "MONOCHROME1" else greys


def look_at_films(table: DoubtTable, data: Path, number: int) -> None:
    """Chest films by set, NIH's by view, and validation films turned or exchanged."""
    by_view = defaultdict(list)
    turned = DoubtTable(table.detector)
    for place, (row, view, content) in enumerate(films_by_row(data, number)):
        film = read_radiograph(content)
        if row.startswith("lateral"):
            table.add(f"{row}, view unknown", film)
            film = film.with_view(View.LATERAL)
            row += ", view lateral"
        table.add(row, film)
        if "validation" in row:
            by_view[view].append(any(table.rows[row][-1]))
            if place % 8 == 0:
                for name, (turn, _) in TURNS.items():
                    turned.add(name, as_film(np.ascontiguousarray(turn(film.pixels))))
    for seed in range(100):
        table.add(
            "drawn chests, other seeds than those trained on", as_film(draw_chest(random_phantom(50_000 + seed), 320))
        )
    table.show("chest films doubted")
    views = [f"{view} {sum(found)} of {len(found)}" for view, found in sorted(by_view.items())]
    print(f"\nOf the validation films by stated view: {', '.join(views)}.")
    said = {name: sum(word in text for text in turned.doubts[name]) for name, (_, word) in TURNS.items() if word}
    turned.show("every eighth validation film, turned")
    print("\nThe right remedy was named for " + ", ".join(f"{n} ({name})" for name, n in said.items()) + ".")


def left_out(data: Path, run: Path) -> None:
    """How often films of a source are too far from statistics made without it, limit included."""
    films = prepare_films(data, run, FULL)
    encoder, _ = read_encoder(BASE)
    rows = np.arange(len(films.ids))
    embeddings = embed_rows(encoder, films, rows)
    split, sets = np.array(films.splits), np.array(films.sets)
    validation = embeddings[(split == "validation") & np.isin(sets, NIH_SETS)]
    print("\n| source | films | too far, its films among the statistics | too far, without them |\n|---|---|---|---|")
    for source in (*sorted(set(films.sets) - {*NIH_SETS, PHANTOM_SET}), PHANTOM_SET):
        own = sets == source
        fractions = []
        for kept in (split == "train", (split == "train") & ~own):
            found = fit_statistics("", embeddings[kept], validation)
            fractions.append(float((found.distances(embeddings[own]) > found.limit).mean()))
        print(f"| {source} | {own.sum()} | {100 * fractions[0]:.1f} % | {100 * fractions[1]:.1f} % |")


def seconds(detector: OodDetector) -> tuple[float, float]:
    """Medians of processor time for a film of 2048 x 2048: one that passes, and one that is doubted."""
    chest = draw_chest(random_phantom(7), 2048)
    whole, doubting = [], []
    for _ in range(7):
        film, other = as_film(chest), as_film(np.ascontiguousarray(chest[::-1]))
        started = time.process_time()
        _ = (heuristic_doubts(film), detector.doubts(film))
        whole.append(time.process_time() - started)
        started = time.process_time()
        _ = (heuristic_doubts(other), detector.doubts(other))
        doubting.append(time.process_time() - started)
    return statistics.median(whole), statistics.median(doubting)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with radiographs/")
    parser.add_argument("--films", type=int, default=800, help="at most so many of each set")
    parser.add_argument("--left-out", type=Path, metavar="RUN")
    options = parser.parse_args()
    torch.set_num_threads(1)
    detector = load_ood_detector(BASE, load_base(BASE, "fp32", "cpu"))
    if detector is None:
        raise SystemExit("the bundled base has no statistics; make them with python -m research.mini")
    if options.left_out:
        left_out(options.data, options.left_out)
        return
    table = DoubtTable(detector)
    for kind, greys in real_pictures():
        table.add(kind, as_film(greys))
    table.show("real pictures doubted")
    for kind, draw in NOT_CHESTS.items():
        for seed in range(SEEDS):
            table.add(kind, as_film(draw(seed)))
    table.show("computed pictures doubted")
    look_at_films(table, options.data, options.films)
    passed, doubted = (1000 * spent for spent in seconds(detector))
    print(f"\nA film of 2048 x 2048 takes {passed:.0f} ms of one core; {doubted:.0f} ms where it is doubted.")


if __name__ == "__main__":
    main()
