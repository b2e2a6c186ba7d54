"""Read thousands of damaged films as the page does, and count what comes of it.

    python tests/fuzz.py --files 10000 [--seed N]

Every file is a sound one (each film of the matrix, pydicom's packaged test files, PNG and JPEG of each mode)
with one to four changes, and the same for the same seed and number. Ends with 1 where anything happened that must not.
"""

import argparse
import gc
import logging
import os
import random
import struct
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pydicom.data
from dicom_files import SYNTAXES, lut_item, write_dicom
from film_codecs import write_film
from film_matrix import CELLS
from PIL import Image

from clinicalblip.errors import PrivacyError, RadiographError
from clinicalblip.imaging.pool import Pool
from clinicalblip.settings import LimitSettings

LARGEST_SEED = 2**18
THREADS = 2
SAMPLE_EVERY = 50
FILM = (np.arange(64)[:, None] * 31 + np.arange(66)[None, :] * 17) % 4096
EIGHT = (FILM // 16).astype(np.uint8)
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")
LENGTHS = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
TAGS = [struct.pack("<HH", 0x0028, element) for element in (2, 4, 8, 0x10, 0x11, 0x100, 0x101, 0x102, 0x103, 0x1050)]
TAGS += [
    struct.pack("<HH", group, element) for group, element in ((2, 0x10), (8, 0x60), (0x7FE0, 0x10), (0xFFFE, 0xE000))
]

Change = Callable[[bytearray, random.Random], None]


@cache
def seeds() -> tuple[list[bytes], list[bytes]]:
    """The sound files of our own, with the matrix, and pydicom's of 256 KiB and less, few of which are films."""
    window = {"WindowCenter": 2000, "WindowWidth": 3000, "RescaleSlope": 1, "RescaleIntercept": -1024}
    found = [write_film(cell) for cell in CELLS]
    for syntax in SYNTAXES:
        eight = syntax == "jpeg"
        film = FILM // 16 if eight else FILM
        table = [lut_item(0, list(range(64)), 8)]
        found.append(write_dicom(film, syntax=syntax, bits=8 if eight else 12, VOILUTSequence=table, **window))
    found.append(write_dicom(np.dstack([EIGHT] * 3), bits=8, photometric="RGB"))
    found.append(write_dicom(FILM - 2048, signed=True, photometric="MONOCHROME1", PixelPaddingValue=-2000))
    for mode in MODES:
        picture = Image.fromarray(FILM.astype(np.uint16)) if mode == "I;16" else Image.fromarray(EIGHT).convert(mode)
        for kind in ("PNG", "JPEG"):
            if (kind, mode) in {("PNG", "CMYK"), ("JPEG", "LA"), ("JPEG", "P"), ("JPEG", "RGBA"), ("JPEG", "I;16")}:
                continue  # the format has no such mode
            for options in ({}, {"progressive": True}) if kind == "JPEG" else ({},):
                written = BytesIO()
                picture.save(written, format=kind, **options)
                found.append(written.getvalue())
    files = sorted((Path(pydicom.data.__file__).parent / "test_files").glob("**/*"))
    packaged = [path.read_bytes() for path in files if path.is_file() and 0 < path.stat().st_size <= LARGEST_SEED]
    return found, packaged


def damaged(number: int, seed: int, sound: tuple[list[bytes], list[bytes]]) -> bytes:
    """File `number` of the run `seed`: two of three are made of our own, in turn."""
    chance = random.Random(f"{seed} {number}")
    own, packaged = sound
    turn, part = divmod(number, 3)
    data = bytearray(packaged[turn % len(packaged)] if part == 2 else own[(2 * turn + part) % len(own)])
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if chance.random() < 0.05:
            _splice(data, chance.choice(own + packaged), chance)
        elif data:
            chance.choice(CHANGES)(data, chance)
    return bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere, but half of the time where a film says what it is."""
    return chance.randrange(min(len(data), 1500) if chance.random() < 0.5 else len(data))


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 1, 2, 2, 4, 4, 100, len(data)))]


def _insert(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = chance.randbytes(chance.choice((1, 2, 4, 32, 1000)))


def _length(data: bytearray, chance: random.Random) -> None:
    """A length, or what may be one, becomes another; in either byte order."""
    at, form = _place(data, chance), chance.choice(("<H", ">H", "<I", ">I"))
    width = struct.calcsize(form)
    data[at : at + width] = struct.pack(form, chance.choice(LENGTHS) & (2 ** (8 * width) - 1))


def _tag(data: bytearray, chance: random.Random) -> None:
    """A tag that drawing needs becomes another of them."""
    present = [tag for tag in TAGS if tag in data]
    if present:
        at = data.find(chance.choice(present))
        data[at : at + 4] = chance.choice(TAGS)


def _swap(data: bytearray, chance: random.Random) -> None:
    """Two stretches change places."""
    length = chance.choice((2, 4, 8, 64))
    first, second = _place(data, chance), _place(data, chance)
    one, other = bytes(data[first : first + length]), bytes(data[second : second + length])
    data[first : first + length], data[second : second + length] = other, one


CHANGES: tuple[Change, ...] = (_flip, _flip, _cut, _insert, _length, _length, _tag, _swap)


def _splice(data: bytearray, other: bytes, chance: random.Random) -> None:
    """The start of one file, the end of another."""
    share = chance.random()
    data[int(share * len(data)) :] = other[int(share * len(other)) :]


@dataclass
class Counted:
    """What came of a run. The numbers of the files, by what happened; memory in MiB, in the order it was taken."""

    files: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unexpected: list[tuple[int, str]] = field(default_factory=list)
    timeouts: list[int] = field(default_factory=list)
    deaths: list[int] = field(default_factory=list)
    left: int = 0
    parent: list[float] = field(default_factory=list)
    children: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing happened that must not: a child may die, and nothing else may."""
        return not self.unexpected and not self.left and self.read + sum(self.refused.values()) == self.files

    def table(self) -> str:
        """The summary, in Markdown."""
        rows = [
            ("files", f"{self.files:,}"),
            ("read", f"{self.read:,}"),
            *((f"refused, {name}", f"{count:,}") for name, count in sorted(self.refused.items())),
            ("unexpected exceptions", _listed(self.unexpected)),
            ("stopped by the clock", _listed(self.timeouts)),
            ("children that died", _listed(self.deaths)),
            ("children left behind", str(self.left)),
            ("resident memory of the parent, first and last tenth", _drift(self.parent)),
            ("resident memory of a child, first and last tenth", _drift(self.children)),
            ("slowest file", f"{self.slowest:.1f} s"),
            ("in all", f"{self.seconds:.0f} s"),
        ]
        return "\n".join(["| what | how many |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _listed(numbers: list[int] | list[tuple[int, str]]) -> str:
    return f"{len(numbers)}: {', '.join(str(one) for one in numbers[:12])}" if numbers else "0"


def _drift(taken: list[float]) -> str:
    tenth = max(1, len(taken) // 10)
    return f"{np.mean(taken[:tenth]):.0f} MiB, {np.mean(taken[-tenth:]):.0f} MiB" if taken else "not known here"


class _Heard(logging.Handler):
    """Hears, on the thread that reads, what the pool says of its children."""

    def __init__(self, counted: Counted) -> None:
        super().__init__()
        self.counted, self.current = counted, threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        said, number = record.getMessage(), self.current.number
        if record.levelno >= logging.ERROR:
            self.counted.unexpected.append((number, said))
        elif record.levelno == logging.WARNING:
            (self.counted.timeouts if "TookTooLong" in said else self.counted.deaths).append(number)


def fuzz(files: int, seed: int = 0, *, threads: int = THREADS, pool: Pool | None = None) -> Counted:
    """Read that many damaged files on so many threads, through a pool of its own."""
    counted, lock, sound, limits = Counted(files), threading.Lock(), seeds(), LimitSettings()
    heard = _Heard(counted)
    log = logging.getLogger("clinicalblip.imaging.pool")
    propagate, log.propagate = log.propagate, False
    log.addHandler(heard)

    def read(number: int) -> None:
        heard.current.number = number
        data, begun = damaged(number, seed, sound), time.perf_counter()
        try:
            pixels = children.read(data, limits=limits).pixels
            result = "" if np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 1 else "no greys"
        except (RadiographError, PrivacyError) as error:
            result = type(error).__name__
        except Exception as error:  # what the run is there to find
            with lock:
                counted.unexpected.append((number, type(error).__name__))
            return
        with lock:
            counted.slowest = max(counted.slowest, time.perf_counter() - begun)
            if result == "no greys":
                counted.unexpected.append((number, result))
            elif result:
                counted.refused[result] += 1
            else:
                counted.read += 1
            if number % SAMPLE_EVERY == 0:
                gc.collect()
                counted.parent += _resident([os.getpid()])
                counted.children += _resident(children.children)

    begun = time.perf_counter()
    try:
        with pool or Pool(size=threads) as children, ThreadPoolExecutor(threads) as readers:
            for _ in readers.map(read, range(files)):
                pass
            known = children.children
        counted.left = sum(_lives(pid) for pid in known)
    finally:
        log.removeHandler(heard)
        log.propagate = propagate
    counted.seconds = time.perf_counter() - begun
    return counted


def _resident(processes: list[int]) -> list[float]:
    sizes = []
    for pid in processes:
        statm = Path(f"/proc/{pid}/statm")
        if statm.exists():
            sizes.append(int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20)
    return sizes


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> int:
    """Run as asked, and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=int, metavar="NUMBER", help="write that file to standard output and stop")
    options = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow and pydicom, while the sound files are written
        if options.write is not None:
            sys.stdout.buffer.write(damaged(options.write, options.seed, seeds()))
            return 0
        counted = fuzz(options.files, options.seed)
    print(counted.table())  # noqa: T201  # what the command is for
    return 0 if counted.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
