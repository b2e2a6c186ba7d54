"""How much of the text burned into films is found and masked, and how often text is reported in films that have none.

    python -m research.benchmarks.burned_in [--data ../shared/data [--crops DIR]]

Without `--data` on drawn chests of 2,048 pixels a side; with it also on real films, enlarged to that size and as they
are. `--crops` keeps what was found on real films. Prints the tables of docs/privacy.md. Every film, its words and their
places come from fixed seeds; each film gets a name, a date and a record number that differ at random in everything
else. "Found": text is reported over half of its pixels. "Covered": at least 95 % of its pixels would be masked.
"""

import argparse
import csv
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from clinicalblip.deid.burned_in import BurnedInText, find_burned_in_text
from clinicalblip.deid.mask import mask_regions
from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.radiology.radiograph import Radiograph
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw_chest
from tests.fixtures.burned_in_films import KINDS, LETTERS, Greys, Writing, burn, film, random_words

_SIDE = 2048
_BODIES = 12
_SETS = ("nih", "cohen_covid", "hannover", "covid_cxnet", "figure1", "actualmed", "nih_effusion_anon")
"""What is 300 pixels and more; the children's films and the smallest ones are left out."""


@dataclass(frozen=True)
class Outcome:
    """One text burned into a film: its properties, and whether it was found and covered."""

    factors: dict[str, str]
    found: bool
    covered: bool


def writing_of(kind: str, rng: np.random.Generator, heights: tuple[int, ...]) -> Writing:
    """A text of this kind with random properties."""
    return Writing(
        words=random_words(kind, rng),
        kind=kind,
        height=int(rng.choice(heights)),
        letters=str(rng.choice(LETTERS)),
        contrast=float(rng.choice((0.15, 0.3, 0.6, 1.0))),
        white=bool(rng.random() < 0.5),
        turned=float(rng.choice((0, 0, 0, 90, 270, -6, -3, 3, 6))),
        place=str(rng.choice(("corner", "corner", "anywhere"))),
    )


def written_film(greys: Greys, seed: int, heights: tuple[int, ...]) -> tuple[Radiograph, list[tuple[Writing, Greys]]]:
    """A film with a name, a date and a number, and how much each of them changed its greys."""
    rng = np.random.default_rng((seed, 10))
    taken = np.zeros(greys.shape, dtype=bool)
    written: list[tuple[Writing, Greys]] = []
    for kind in KINDS:
        for _ in range(20):  # until it lies on no other
            writing = writing_of(kind, rng, heights)
            try:
                burned, region = burn(greys, writing, rng)
            except ValueError:  # longer than the film is wide
                continue
            there = np.s_[region.top : region.bottom, region.left : region.right]
            change = np.abs(burned - greys)
            if taken[there].any() or change.max() < 0.1:
                continue
            taken[there] = True
            greys = burned
            written.append((writing, change))
            break
    return film(greys, inverted=bool(seed % 2)), written


def outcomes(radiograph: Radiograph, written: list[tuple[Writing, Greys]], ground: str) -> Iterator[Outcome]:
    """Whether each of the texts was found and covered."""
    hidden = np.zeros(radiograph.values.shape, dtype=bool)
    for found in find_burned_in_text(radiograph):
        if not found.is_marker:
            hidden[found.region.top : found.region.bottom, found.region.left : found.region.right] = True
    for writing, change in written:
        ink = change > 0.3 * change.max()
        fraction = float(hidden[ink].mean())
        yield Outcome(_factors(writing, float(change.max()), ground), fraction > 0.5, fraction >= 0.95)


def _factors(writing: Writing, contrast: float, ground: str) -> dict[str, str]:
    turned = {0: "upright", 90: "90° or 270°", 270: "90° or 270°"}.get(round(writing.turned), "3° or 6°")
    steps = ((0.2, "0.1 to 0.2"), (0.4, "0.2 to 0.4"), (0.7, "0.4 to 0.7"))
    return {
        "film": ground,
        "kind": writing.kind,
        "capitals' height, pixels": f"{writing.height:2}",
        "letters": writing.letters,
        "contrast to the ground": next((name for most, name in steps if contrast <= most), "above 0.7"),
        "ink": "white" if writing.white else "black",
        "turned": turned,
        "place": writing.place,
    }


def fraction(hits: int, number: int) -> str:
    """A fraction in per cent with its 95 % interval."""
    low, high = wilson(hits, number)
    return f"{100 * hits / number:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def print_recall(every: list[Outcome]) -> None:
    """One row a value of each factor."""
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in every:
        groups["all", ""].append(outcome)
        for factor in outcome.factors.items():
            groups[factor].append(outcome)
    print("| | | n | found, % (95 % interval) | covered, % |\n|---|---|---:|---:|---:|")
    order = ["all", *every[0].factors]
    for (factor, value), some in sorted(groups.items(), key=lambda group: (order.index(group[0][0]), group[0][1])):
        found = fraction(sum(outcome.found for outcome in some), len(some))
        covered = fraction(sum(outcome.covered for outcome in some), len(some))
        print(f"| {factor} | {value} | {len(some)} | {found} | {covered} |")
    print()


def real_films(data: Path, number: int) -> Iterator[tuple[str, Greys]]:
    """A fixed sample, as many of each set."""
    with (data / "radiographs" / "manifest.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["set"] in _SETS]
    rng = np.random.default_rng(13)
    for name in _SETS:
        those = [row["file"] for row in rows if row["set"] == name]
        for file in rng.choice(those, size=min(len(those), -(-number // len(_SETS))), replace=False):
            archive, _, member = str(file).partition("/")
            with zipfile.ZipFile(data / "radiographs" / archive) as opened:
                picture = Image.open(BytesIO(opened.read(member))).convert("L")
            yield str(file), np.asarray(picture, dtype=np.float32) / 255


def enlarged(greys: Greys) -> Greys:
    """The film with its longer side at 2,048 pixels: text burned into it is as sharp as a workstation's."""
    scale = _SIDE / max(greys.shape)
    size = (round(greys.shape[1] * scale), round(greys.shape[0] * scale))
    picture = Image.fromarray(np.rint(greys * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(picture, dtype=np.float32) / 255


@dataclass
class FilmCounts:
    """The outcomes, alarms and seconds of some films."""

    outcomes: list[Outcome] = field(default_factory=list)
    alarms: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    seconds: list[float] = field(default_factory=list)

    def add(self, other: "FilmCounts") -> None:
        """Add the counts of other films."""
        self.outcomes += other.outcomes
        self.seconds += other.seconds
        for name, some in other.alarms.items():
            self.alarms[name] += some


def count_drawn(body: int, films: int) -> FilmCounts:
    """One drawn chest: text on it in several ways, side markers alone, and nothing at all."""
    counts, greys = FilmCounts(), draw_chest(random_phantom(1000 + body), _SIDE)
    counts.alarms["drawn, nothing written"] = [_has_text(film(greys))]
    for seed in range(body, films, _BODIES):
        radiograph, written = written_film(greys, seed, (10, 12, 14, 18, 24, 36, 64))
        start = time.process_time()
        counts.outcomes += outcomes(radiograph, written, "drawn, 2,048 pixels")
        counts.seconds.append(time.process_time() - start)
        if seed // _BODIES % 2 == 0:
            texts = [found.region for found in find_burned_in_text(radiograph) if not found.is_marker]
            counts.alarms["drawn, masked and looked at again"].append(_has_text(mask_regions(radiograph, texts)))
            counts.alarms["drawn, side markers only"].append(_has_text(film(_marked(greys, seed))))
    counts.alarms = dict(counts.alarms)
    return counts


def count_real(seed: int, name: str, greys: Greys, written_on: bool, crops: Path | None) -> FilmCounts:
    """One real film: what is found on it as it is, and, of some, text burned into it."""
    found = find_burned_in_text(film(greys))
    counts = FilmCounts(
        alarms={
            "real, as they are: text": [any(not text.is_marker for text in found)],
            "real, as they are: a side marker": [any(text.is_marker for text in found)],
        }
    )
    if crops is not None:
        _keep(found, name, greys, crops)
    if written_on:
        for ground, base, heights in (
            ("real, enlarged to 2,048", enlarged(greys), (10, 12, 14, 18, 24, 36, 64)),
            ("real, 320 pixels", greys, (8, 10, 12, 14, 18)),
        ):
            counts.outcomes += outcomes(*written_film(base, 10_000 + seed, heights), ground)
    return counts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with radiographs/manifest.csv")
    parser.add_argument("--crops", type=Path, help="where to keep what was found on real films")
    parser.add_argument("--films", type=int, default=120, help="drawn films with text")
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    counts = FilmCounts()
    with ProcessPoolExecutor(chosen.processes) as processes:
        waiting = [processes.submit(count_drawn, body, chosen.films) for body in range(_BODIES)]
        if chosen.data:
            for seed, (name, greys) in enumerate(real_films(chosen.data, 200)):
                waiting.append(processes.submit(count_real, seed, name, greys, seed % 8 == 0, chosen.crops))
        for done in waiting:
            counts.add(done.result())
    print_recall(counts.outcomes)
    print("| films | n | said to have text, % (95 % interval) |\n|---|---:|---:|")
    for name, alarms in counts.alarms.items():
        print(f"| {name} | {len(alarms)} | {fraction(sum(alarms), len(alarms))} |")
    quick, slow = np.percentile(counts.seconds, (50, 95))
    print(f"\nOne core, {_SIDE} x {_SIDE} pixels: {quick:.2f} s in the middle, {slow:.2f} s at the 95th percentile.")


def _has_text(radiograph: Radiograph) -> bool:
    return any(not found.is_marker for found in find_burned_in_text(radiograph))


def _marked(greys: Greys, seed: int) -> Greys:
    rng = np.random.default_rng((seed, 12))
    for _ in range(2):
        height, letters = int(rng.choice((18, 30, 48, 70))), str(rng.choice(LETTERS))
        greys, _ = burn(greys, Writing(random_words("marker", rng), "marker", height, letters), rng)
    return greys


def _keep(found: tuple[BurnedInText, ...], name: str, greys: Greys, crops: Path) -> None:
    crops.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.rint(greys * 255).astype(np.uint8))
    for number, text in enumerate(found):
        if not text.is_marker:
            region = text.region
            around = (region.left - 20, region.top - 20, region.right + 20, region.bottom + 20)
            picture.crop(around).save(crops / f"{Path(name).parts[0]}-{Path(name).stem}-{number}.png")


if __name__ == "__main__":
    main()
