"""How much of the text burned into films is found and masked, and how often a film without any is said to have some.

    python benchmarks/burned_in.py                          drawn chests, 2,048 pixels a side
    python benchmarks/burned_in.py --data ../shared/data    and real films, enlarged to that size and as they are
    python benchmarks/burned_in.py --data ../shared/data --crops DIR   keeps what was found on real films, to look at

Prints the tables of docs/privacy.md. Every film, its words and where they stand come from fixed seeds; on each, a name,
a date and a record number differ in everything else at random. "Found": the film is said to have text there, over half
of its pixels. "Covered": at least 95 % of its pixels lie in what would be masked.
"""

import argparse
import csv
import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "tests")]
from burned_in_films import KINDS, LETTERS, Greys, Writing, burn, film, random_words  # noqa: E402

from clinicalblip.imaging.burned_in import FoundText, find_text  # noqa: E402
from clinicalblip.imaging.mask import mask  # noqa: E402
from clinicalblip.phantom.chest import draw_chest  # noqa: E402
from clinicalblip.phantom.description import random_phantom  # noqa: E402
from clinicalblip.radiology.radiograph import Radiograph  # noqa: E402

_SIDE = 2048
_BODIES = 12
_SETS = ("nih", "cohen_covid", "hannover", "covid_cxnet", "figure1", "actualmed", "nih_effusion_anon")
"""What is 300 pixels and more; the children's films and the smallest ones are left out."""


@dataclass(frozen=True)
class Outcome:
    """One writing: what it was like, and whether it was found and covered."""

    factors: dict[str, str]
    found: bool
    covered: bool


def writing_of(kind: str, random: np.random.Generator, heights: tuple[int, ...]) -> Writing:
    """A writing that differs from the next in everything."""
    return Writing(
        words=random_words(kind, random),
        kind=kind,
        height=int(random.choice(heights)),
        letters=str(random.choice(LETTERS)),
        contrast=float(random.choice((0.15, 0.3, 0.6, 1.0))),
        white=bool(random.random() < 0.5),
        turned=float(random.choice((0, 0, 0, 90, 270, -6, -3, 3, 6))),
        place=str(random.choice(("corner", "corner", "anywhere"))),
    )


def written_film(greys: Greys, seed: int, heights: tuple[int, ...]) -> tuple[Radiograph, list[tuple[Writing, Greys]]]:
    """A film with a name, a date and a number, and by how much each of them changed its greys."""
    random = np.random.default_rng((seed, 10))
    taken = np.zeros(greys.shape, dtype=bool)
    written: list[tuple[Writing, Greys]] = []
    for kind in KINDS:
        for _ in range(20):  # until it lies on no other
            writing = writing_of(kind, random, heights)
            try:
                burned, region = burn(greys, writing, random)
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
    """What of the writings was found."""
    hidden = np.zeros(radiograph.values.shape, dtype=bool)
    for found in find_text(radiograph):
        if not found.is_marker:
            hidden[found.region.top : found.region.bottom, found.region.left : found.region.right] = True
    for writing, change in written:
        ink = change > 0.3 * change.max()
        share = float(hidden[ink].mean())
        yield Outcome(_factors(writing, float(change.max()), ground), share > 0.5, share >= 0.95)


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


def wilson(hits: int, number: int) -> str:
    """A share in percent with its 95 % interval."""
    z, share = 1.96, hits / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z / (1 + z * z / number) * np.sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    return f"{100 * share:.1f} ({100 * max(0.0, middle - half):.1f} to {100 * min(1.0, middle + half):.1f})"


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
        found = wilson(sum(outcome.found for outcome in some), len(some))
        covered = wilson(sum(outcome.covered for outcome in some), len(some))
        print(f"| {factor} | {value} | {len(some)} | {found} | {covered} |")
    print()


def bodies() -> list[Greys]:
    """Drawn chests without any writing."""
    return [draw_chest(random_phantom(seed), _SIDE) for seed in range(1000, 1000 + _BODIES)]


def real_films(data: Path, number: int) -> Iterator[tuple[str, Greys]]:
    """A fixed sample, as many of each set."""
    with (data / "radiographs" / "manifest.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["set"] in _SETS]
    random = np.random.default_rng(13)
    for name in _SETS:
        those = [row["file"] for row in rows if row["set"] == name]
        for file in random.choice(those, size=min(len(those), -(-number // len(_SETS))), replace=False):
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with radiographs/manifest.csv")
    parser.add_argument("--crops", type=Path, help="where to keep what was found on real films")
    parser.add_argument("--films", type=int, default=240)
    chosen = parser.parse_args()
    drawn, every, again, seconds = bodies(), [], [], []
    for seed in range(chosen.films):
        radiograph, written = written_film(drawn[seed % _BODIES], seed, (10, 12, 14, 18, 24, 36, 64))
        start = time.process_time()
        every += outcomes(radiograph, written, "drawn, 2,048 pixels")
        seconds.append(time.process_time() - start)
        if seed % 4 == 0:
            again.append(_left_after_mask(radiograph))
    markers = [_false_alarm(drawn[seed % _BODIES], seed, marked=True) for seed in range(chosen.films // 4)]
    plain = [_false_alarm(greys, seed, marked=False) for seed, greys in enumerate(drawn)]
    if chosen.data:
        for seed, (_, greys) in enumerate(real_films(chosen.data, chosen.films // 4)):
            for ground, base, heights in (
                ("real, enlarged to 2,048", enlarged(greys), (10, 12, 14, 18, 24, 36, 64)),
                ("real, 320 pixels", greys, (8, 10, 12, 14, 18)),
            ):
                every += outcomes(*written_film(base, 10_000 + seed, heights), ground)
    print_recall(every)
    print("| films | n | said to have text, % (95 % interval) |\n|---|---:|---:|")
    for name, alarms in (("drawn, side markers only", markers), ("drawn, nothing written", plain)):
        print(f"| {name} | {len(alarms)} | {wilson(sum(alarms), len(alarms))} |")
    print(f"| drawn, masked and looked at again | {len(again)} | {wilson(sum(again), len(again))} |")
    if chosen.data:
        real = [_look(name, greys, chosen.crops) for name, greys in real_films(chosen.data, 200)]
        texts = sum(any(not found.is_marker for found in every_found) for every_found in real)
        marked = sum(any(found.is_marker for found in every_found) for every_found in real)
        print(f"| real, as they are: text | {len(real)} | {wilson(texts, len(real))} |")
        print(f"| real, as they are: a side marker | {len(real)} | {wilson(marked, len(real))} |")
    quick, slow = np.percentile(seconds, (50, 95))
    print(f"\nOne core, {_SIDE} x {_SIDE} pixels: {quick:.2f} s in the middle, {slow:.2f} s at the 95th percentile.")


def _left_after_mask(radiograph: Radiograph) -> bool:
    texts = [found.region for found in find_text(radiograph) if not found.is_marker]
    return any(not found.is_marker for found in find_text(mask(radiograph, texts)))


def _false_alarm(greys: Greys, seed: int, *, marked: bool) -> bool:
    random = np.random.default_rng((seed, 12))
    if marked:
        for _ in range(2):
            height, letters = int(random.choice((18, 30, 48, 70))), str(random.choice(LETTERS))
            greys, _ = burn(greys, Writing(random_words("marker", random), "marker", height, letters), random)
    return any(not found.is_marker for found in find_text(film(greys)))


def _look(name: str, greys: Greys, crops: Path | None) -> tuple[FoundText, ...]:
    found = find_text(film(greys))
    if crops is not None and any(not text.is_marker for text in found):
        crops.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(np.rint(greys * 255).astype(np.uint8))
        for number, text in enumerate(found):
            if not text.is_marker:
                region = text.region
                around = (region.left - 20, region.top - 20, region.right + 20, region.bottom + 20)
                picture.crop(around).save(crops / f"{Path(name).parts[0]}-{Path(name).stem}-{number}.png")
    return found


if __name__ == "__main__":
    main()
