"""How fast MIMIC-CXR's reports are prepared, and with how much memory, at 4,000 and at 200,000 of them.

    python -m research.benchmarks.prepare [--reports N ...] [--workers N ...] [--folder DIR]

Tables and the zip of reports are generated first, with words of our own, 3.5 studies a patient and 1.65 films a study
as MIMIC has them. Every measurement is the command in a process of its own. The peak is the largest memory, at any
moment, of that process and its workers together (each one's own pages and its share of common ones); the time counts
from the start of the command to the end of the file. Nothing else should run beside it.
"""

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fixtures.mimic_tree import Shot, Visit, final_report, write_tree

ROOT = Path(__file__).resolve().parents[2]

COLUMNS = ("reports", "workers", "seconds", "reports/s", "peak MiB", "studies file MiB")
SENTENCES = (
    "The lungs are clear without focal consolidation.",
    "There is no pleural effusion or pneumothorax.",
    "The cardiomediastinal silhouette is within normal limits.",
    "Moderate left pleural effusion has increased since ___.",
    "A right internal jugular catheter ends in the mid superior vena cava.",
    "Bibasilar opacities most likely reflect atelectasis, though infection cannot be excluded.",
    "Median sternotomy wires are intact and aligned.",
    "There is mild pulmonary vascular congestion.",
)


def generate(reports: int) -> Iterator[Visit]:
    """That many studies, patient after patient, in the shares of the official split."""
    draw = random.Random(0)
    patient, left, split = 10_000_000, 0, "train"
    for number in range(reports):
        if left == 0:
            patient, left = patient + 1, draw.choice((1, 1, 2, 2, 3, 4, 5, 10))
            split = draw.choices(("train", "validate", "test"), (97, 1, 2))[0]
        if number < 3:  # a patient of each, so that none is empty however few there are
            patient, left, split = patient + 1, 1, ("train", "validate", "test")[number]
        left -= 1
        films = (Shot(f"{number:08d}-a", "AP"), Shot(f"{number:08d}-b", "LATERAL"))[: 2 if draw.random() < 0.65 else 1]
        yield Visit(
            patient=patient,
            study=50_000_000 + number,
            text=_report(draw),
            split=split,
            date=f"{draw.randint(2100, 2199)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}",
            time=f"{draw.randint(0, 23)}{draw.randint(0, 59):02d}{draw.randint(0, 59):02d}.{draw.randint(0, 999)}",
            films=films,
        )


def measure(source: Path, reports: int, workers: int) -> dict[str, object]:
    """Run the command once, and watch its memory meanwhile."""
    output = source / "studies.jsonl"
    command = [sys.executable, "-m", "clinicalblip", "prepare", "mimic-cxr", "--source", str(source)]
    command += ["--output", str(output), "--without-images", "--workers", str(workers)]
    started = time.perf_counter()
    peak = 0.0
    with tempfile.TemporaryFile("w+") as said:  # its progress has no place in the table
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            peak = max(peak, sum(map(memory_of, family_of(process.pid))))
            time.sleep(0.1)
        seconds = time.perf_counter() - started
        if process.returncode:
            said.seek(0)
            raise SystemExit(said.read())
    row = (f"{reports:,}", workers, round(seconds, 1), f"{reports / seconds:,.0f}", round(peak))
    return dict(zip(COLUMNS, (*row, round(output.stat().st_size / 2**20)), strict=True))


def family_of(pid: int) -> list[int]:
    """A process and all that it started, and they; none of those that are gone."""
    try:
        children = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family_of(int(child)))]


def memory_of(pid: int) -> float:
    """A process's share of memory in MiB, 0 where it is gone."""
    try:
        lines = (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def machine_name() -> str:
    """What the machine calls its processor."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _report(draw: random.Random) -> str:
    text = final_report(
        " ".join(draw.choices(SENTENCES, k=draw.randint(2, 7))),
        " ".join(draw.choices(SENTENCES, k=draw.randint(1, 2))),
        EXAMINATION="CHEST (PA AND LAT)",
        INDICATION="___ year old with cough and fever  // pneumonia?",
        COMPARISON="___.",
    )
    return text.replace(". ", ".\n ")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, nargs="+", default=[4_000, 200_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--folder", type=Path, help="where to generate, with 400 MB of room (default: temporary files)")
    options = parser.parse_args()
    print(f"{machine_name()}; load before the start {os.getloadavg()[0]:.1f}")
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS), flush=True)
    for reports in options.reports:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            source = write_tree(Path(folder), generate(reports), zipped=True)
            for workers in options.workers:
                row = measure(source, reports, workers)
                print("| " + " | ".join(str(row[name]) for name in COLUMNS) + " |", flush=True)


if __name__ == "__main__":
    main()
