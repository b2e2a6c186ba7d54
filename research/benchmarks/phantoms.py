"""What phantoms look like, what separates them from real films, how often they are doubted, and how fast they are.

    OMP_NUM_THREADS=1 python -m research.benchmarks.phantoms --data ../shared/data
        [--films 800] [--sheet docs/phantoms.png]

Real films are NIH's of the patients that nothing was trained on; phantoms have seeds that no part was trained on. Both
are resized to the encoder's size and embedded by the bundled base's own vision encoder, as its OOD detector does. A
logistic regression is fitted and measured in five folds that share no patient; a phantom is a patient of its own. The
interval of the AUROC is a bootstrap over patients. The same regression between two halves of the real patients shows
what chance gives. Timings are processor time of one core; take them while nothing else runs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from clinicalblip.evaluation.statistics.auroc import auroc
from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.vision.encoder import embed, read_encoder
from clinicalblip.instructblip.vision.ood import load_ood_detector
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.radiology.radiograph import View
from clinicalblip.screening.ood_heuristics import heuristic_doubts
from research.mini.evaluation.validation_films import films_of, validation_rows
from research.phantom.choosing import random_phantom
from research.phantom.description import SIDED, ZONED, Finding, Kind, Phantom
from research.phantom.draw import draw
from tests.fixtures.not_chests import as_film

ROOT = Path(__file__).resolve().parents[2]

BASE = ROOT / "assets" / "mini" / "instructblip-mini"
FIRST_SEED = 60_000
DRAWN_AT = 320  # the short side of NIH's larger films
TILE = 176
BOOTSTRAPS = 1000


def sheet(file: Path) -> None:
    """A contact sheet: a normal chest from both sides and in AP, then every finding with its mask's outline."""
    tiles = [
        _tile(Phantom(704), "normal, PA"),
        _tile(Phantom(704, projection=View.AP), "normal, AP"),
        _tile(Phantom(704), "normal, lateral", View.LATERAL),
    ]
    for number, kind in enumerate(Kind):
        side = ("right", "left")[number % 2] if kind in SIDED else ""
        zone = ("upper", "middle", "lower")[number % 3] if kind in ZONED else ""
        projection = View.AP if kind is Kind.ENDOTRACHEAL_TUBE else View.PA
        phantom = Phantom(704 + number, frozenset({Finding(kind, side, zone, 0.7)}), projection)
        tiles.append(_tile(phantom, " ".join(filter(None, (side, zone, kind)))))
    phantom = Phantom(731, frozenset({Finding(Kind.EFFUSION, "left", severity=0.6)}))
    tiles.append(_tile(phantom, "left pleural effusion, lateral", View.LATERAL))
    columns = 5
    whole = np.zeros((-(-len(tiles) // columns) * (TILE + 16), columns * TILE, 3), np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        whole[row * (TILE + 16) : (row + 1) * (TILE + 16), column * TILE : (column + 1) * TILE] = tile
    Image.fromarray(whole).quantize(96).save(file, optimize=True)


def _tile(phantom: Phantom, name: str, view: View = View.FRONTAL) -> np.ndarray:
    drawing = draw(phantom, 2 * TILE, view)
    grey = cv2.resize(drawing.image, (TILE, TILE), interpolation=cv2.INTER_AREA)
    tile = np.repeat(np.rint(grey * 255).astype(np.uint8)[:, :, None], 3, 2)
    for mask in drawing.masks.values():
        small = cv2.resize(mask.astype(np.uint8), (TILE, TILE), interpolation=cv2.INTER_AREA)
        outlines, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(tile, outlines, -1, (255, 90, 60), 1)
    caption = np.zeros((16, TILE, 3), np.uint8)
    cv2.putText(caption, name, (3, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.33, (255, 255, 255), 1, cv2.LINE_AA)
    return np.concatenate((caption, tile))


def drawn(number: int) -> Iterator[np.ndarray]:
    """So many phantoms, as random_phantom mixes them."""
    for seed in range(FIRST_SEED, FIRST_SEED + number):
        yield draw(random_phantom(seed), DRAWN_AT).image


def separability(vectors: np.ndarray, phantom: np.ndarray, patients: np.ndarray) -> str:
    """AUROC of a logistic regression, cross-validated by patient, with its 95 % interval over patients."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    scores = cross_val_predict(model, vectors, phantom, groups=patients, cv=folds, method="decision_function")
    rng = np.random.default_rng(0)
    places: dict[str, list[int]] = {}
    for place, patient in enumerate(patients):
        places.setdefault(patient, []).append(place)
    everyone, found = list(places.values()), []
    for _ in range(BOOTSTRAPS):
        chosen = np.concatenate([everyone[at] for at in rng.integers(len(everyone), size=len(everyone))])
        found.append(auroc(scores[chosen], phantom[chosen].astype(float)))
    low, high = np.quantile(found, (0.025, 0.975))
    return f"{auroc(scores, phantom.astype(float)):.3f} | {low:.3f} to {high:.3f}"


def tell_apart(data: Path, number: int) -> None:
    """Print how well the encoder's features tell phantoms from real films, as they are and without fine detail."""
    rows = validation_rows(data, number)
    encoder, _ = read_encoder(BASE)
    size = int(encoder.config.image_size)
    real = np.stack([resize_to_square(film.pixels, size) for film in films_of(data, rows)])
    fake = np.stack([resize_to_square(film, size) for film in drawn(len(rows))])
    films = np.concatenate((real, fake))
    phantom = np.arange(len(films)) >= len(real)
    patients = np.array([row.patient for row in rows] + [f"phantom {n}" for n in range(len(fake))])
    compare_greys(real, fake)
    print(f"\n{len(real)} real films of {len({row.patient for row in rows})} patients, {len(fake)} phantoms\n")
    print("| told apart from the encoder's features of | AUROC | 95 % interval |\n|---|---|---|")
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "the films as they are": lambda film: film,
        "the films reduced to 48 pixels and enlarged": lambda film: _coarse(film, 48),
        "the films reduced to 16 pixels and enlarged": lambda film: _coarse(film, 16),
        "the films with their grey levels evened out": _evened,
    }
    for name, change in ways.items():
        vectors = _embed(encoder, np.stack([change(film) for film in films]))
        print(f"| {name} | {separability(vectors, phantom, patients)} |")
        sys.stdout.flush()
    vectors = _embed(encoder, real)
    known = patients[: len(real)]
    half = np.isin(known, np.random.default_rng(0).permutation(np.unique(known))[::2])
    print(f"| two halves of the real patients, for comparison | {separability(vectors, half, known)} |")


def compare_greys(real: np.ndarray, fake: np.ndarray) -> None:
    """Print how bright parts of the film are and how much films differ, on grids of 8 by 8 fields."""
    parts = {
        "lower lungs": np.s_[:, 4:6, [1, 2, 5, 6]],
        "mediastinum": np.s_[:, 3:5, 3:5],
        "corners": np.s_[:, :2, [0, 7]],
    }
    print("\n| mean grey, 0 to 1 | real | phantoms |\n|---|---|---|")
    fields = [np.stack([cv2.resize(f, (8, 8), interpolation=cv2.INTER_AREA) for f in films]) for films in (real, fake)]
    for name, part in parts.items():
        print(f"| {name} | {fields[0][part].mean():.2f} | {fields[1][part].mean():.2f} |")
    spread = [films.std(0).mean() for films in (real, fake)]
    print(f"| a pixel's standard deviation between films | {spread[0]:.3f} | {spread[1]:.3f} |")
    sys.stdout.flush()


def _coarse(film: np.ndarray, pixels: int) -> np.ndarray:
    small = cv2.resize(film, (pixels, pixels), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, film.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _evened(film: np.ndarray) -> np.ndarray:
    """Every grey level as often as any other."""
    ranks = np.argsort(np.argsort(film, axis=None, kind="stable"), kind="stable")
    return (ranks / (film.size - 1)).astype(np.float32).reshape(film.shape)


def _embed(encoder: torch.nn.Module, films: np.ndarray) -> np.ndarray:
    vectors = []
    for part in np.array_split(films, max(1, len(films) // 64)):
        pixels = (torch.from_numpy(part.astype(np.float32))[:, None] - 0.5) / 0.25
        vectors.append(embed(encoder, pixels.expand(-1, 3, -1, -1)))
    return np.concatenate(vectors)


def doubted(number: int) -> None:
    """Print how often phantoms, frontal and lateral, are doubted to be chest films."""
    detector = load_ood_detector(BASE, load_base(BASE, "fp32", "cpu"))
    if detector is None:
        raise SystemExit("the bundled base has no statistics; make them with the mini command")
    print("\n| phantoms | n | doubted by heuristics | by the encoder | by either | 95 % interval |")
    print("|---|---|---|---|---|---|")
    for name, view in (("frontal, as random_phantom mixes them", View.FRONTAL), ("lateral", View.LATERAL)):
        found = []
        for seed in range(FIRST_SEED, FIRST_SEED + number):
            film = as_film(draw(random_phantom(seed), DRAWN_AT, view).image)
            if view is View.LATERAL:
                film = film.with_view(View.LATERAL)
            found.append((bool(heuristic_doubts(film)), bool(detector.doubts(film))))
        plain, seen, either = (sum(map(each, found)) for each in (lambda f: f[0], lambda f: f[1], any))
        low, high = (100 * end for end in wilson(either, number))
        print(f"| {name} | {number} | {plain} | {seen} | {100 * either / number:.1f} % | {low:.1f} to {high:.1f} % |")
        sys.stdout.flush()


def timed() -> None:
    """Print the processor time of a film at several sizes."""
    draw(random_phantom(0), 256)
    print("\n| pixels a side | films | seconds a film | films a second |\n|---|---|---|---|")
    for size, number in ((160, 60), (256, 60), (512, 20), (2048, 3)):
        started = time.process_time()
        for seed in range(number):
            draw(random_phantom(FIRST_SEED + seed), size)
        spent = (time.process_time() - started) / number
        print(f"| {size} | {number} | {spent:.3f} | {1 / spent:.1f} |")
        sys.stdout.flush()


def main() -> None:
    """Print the tables, and draw the contact sheet where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with radiographs/; without, timings alone")
    parser.add_argument("--films", type=int, default=800, help="at most so many real films, and as many phantoms")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="where to draw the contact sheet")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.sheet:
        sheet(options.sheet)
    timed()
    if options.data:
        doubted(min(options.films, 400))
        tell_apart(options.data, options.films)


if __name__ == "__main__":
    main()
