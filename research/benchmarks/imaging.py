"""How long a film takes to read in each encoding: in this process, in a pooled worker, and by pydicom called plainly.

    OMP_NUM_THREADS=1 python -m research.benchmarks.imaging [--runs N] [--sides 2048 3072] [--only ENCODING ...]

The film is a computed one of 12 bits (8 where the encoding has no more), with noise as a detector has it. pydicom's
column is `dcmread(...).pixel_array` alone, without rescale, window or digest. The first reading of each kind warms
up and is not counted. Nothing else should run beside it.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image
from pydicom import dcmread

from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.readers import read_in_process
from clinicalblip.imaging.sandbox.pool import Pool
from clinicalblip.settings import LimitSettings
from research.benchmarks.processor import cpu_name
from tests.fixtures.dicom_files import SYNTAXES, write_dicom
from tests.fixtures.film_codecs import write_samples
from tests.fixtures.film_matrix import Cell

LIKE_ANOTHER = {
    "jpeg lossless, predictor 6": "jpeg lossless",
    "jpeg-ls near": "jpeg-ls near",
    "htj2k rpcl": "htj2k rpcl",
    "htj2k": "htj2k",
}
"""The encodings that the small writer of the tests does not know, by the matrix's names."""

COLUMNS = ("film", "encoding", "file MiB", "in process ms", "pooled ms", "pooled, more ms", "pydicom alone ms")


def film(side: int) -> np.ndarray:
    """Two dark fields in a bright frame, with noise: uint16, 12 bits."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    fields = sum(np.exp(-(((x - centre) / 0.28) ** 2) - ((y + 0.1) / 0.5) ** 2) for centre in (-0.4, 0.4))
    noise = np.random.default_rng(0).normal(0, 12, (side, side))
    return np.clip(3000 - 2200 * fields + noise, 0, 4095).astype(np.uint16)


def encoded(values: np.ndarray) -> dict[str, bytes]:
    """The film as a file of every kind."""
    window = {"WindowCenter": 2000, "WindowWidth": 3000}
    files = {}
    for name in SYNTAXES:
        eight = name == "jpeg"
        files[name] = write_dicom(values >> 4 if eight else values, syntax=name, bits=8 if eight else 12, **window)
    for name, syntax in LIKE_ANOTHER.items():
        files[name] = write_samples(Cell(syntax, 12, "MONOCHROME2", False, "window"), values, dict(window))
    for kind, picture in (("PNG", values), ("JPEG", (values >> 4).astype(np.uint8))):
        written = BytesIO()
        Image.fromarray(picture).save(written, format=kind)
        files[kind] = written.getvalue()
    return files


def median_ms(step: Callable[[], object], runs: int) -> float:
    """The median of so many runs, after one that does not count."""
    taken = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        step()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken[1:])


def plainly(data: bytes, runs: int) -> str:
    """What pydicom takes for the pixels, or that it does not read them."""
    try:
        return f"{median_ms(lambda: dcmread(BytesIO(data)).pixel_array, runs):.0f}"
    except Exception as error:  # which it is depends on the decoder that pydicom chose
        return f"not read ({type(error).__name__})"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--sides", type=int, nargs="+", default=[2048, 3072])
    parser.add_argument("--only", nargs="+", metavar="ENCODING", help="only these, by the table's names")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    reading = ReadOptions(limits=LimitSettings(reading_seconds=120))
    begun = time.perf_counter()
    with Pool(size=1) as pool:
        pool.read(write_dicom(film(64)), reading)
        start = time.perf_counter() - begun
        print(f"{cpu_name()}; median of {options.runs} runs; a worker not started ahead costs {start:.2f} s once\n")
        print("| " + " | ".join(COLUMNS) + " |")
        print("|" + "---|" * len(COLUMNS))
        for side in options.sides:
            for name, data in encoded(film(side)).items():
                if options.only and name not in options.only:
                    continue
                here = median_ms(lambda data=data: read_in_process(data, reading), options.runs)
                pooled = median_ms(lambda data=data: pool.read(data, reading), options.runs)
                plain = "-" if name in ("PNG", "JPEG") else plainly(data, options.runs)
                cells = (f"{side} x {side}", name, f"{len(data) / 2**20:.1f}", f"{here:.0f}", f"{pooled:.0f}")
                print("| " + " | ".join((*cells, f"{pooled - here:.0f}", plain)) + " |", flush=True)


if __name__ == "__main__":
    main()
