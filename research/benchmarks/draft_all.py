"""How long `draft-all` takes beside an older version of the program, on the same studies and weights.

    python -m research.benchmarks.draft_all --before DIR [--studies N] [--rounds N] [--precision P ...]
        [--output FILE]

DIR is a checkout of the older version (`git worktree add DIR COMMIT`). Each version runs its own command in a process
of its own, in turns; the time is that of the whole process, loading included, and once more without what a single study
takes. The studies are the drawn films of the sample cases with indications of 1 to 30 words.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from clinicalblip.asset_folder import ASSETS
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name
from research.benchmarks.serving import examinations

EMPTY = ("history", "technique", "comparison", "prior_report", "findings", "impression")
ROOT = Path(__file__).resolve().parents[2]


def write_studies(path: Path, number: int) -> None:
    """A studies file of so many studies."""
    films = sorted((ASSETS / "cases").rglob("frontal.png"))
    contexts = [context.indication for _, context in examinations()]
    with path.open("w", encoding="utf-8") as lines:
        for n in range(number):
            image = {"path": str(films[n % len(films)]), "view": "PA"}
            study = {"study_id": f"s{n}", "patient_id": f"p{n}", "split": "validate", "images": [image]}
            study |= dict.fromkeys(EMPTY, "") | {"indication": contexts[n % len(contexts)], "tags": []}
            lines.write(json.dumps(study) + "\n")


def seconds_of(checkout: Path, studies: Path, precision: str, output: Path) -> float:
    """How long the command takes."""
    command = [sys.executable, "-m", "clinicalblip", "draft-all", "--studies", str(studies), "--split", "validate"]
    command += ["--precision", precision, "--output", str(output)]
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    began = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, cwd=checkout, env=environment, check=False)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    return time.perf_counter() - began


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", nargs="+", default=["fp32", "nf4"])
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True, cwd=options.before
    ).stdout.strip()
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}; {options.studies} studies, {options.rounds} rounds", ""]
    lines += [f"| precision | what | at {commit} | now | times | same words |", "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder) / "many.jsonl", Path(folder) / "one.jsonl"
        write_studies(many, options.studies)
        write_studies(one, 1)
        for precision in options.precision:
            found: dict[tuple[str, str], list[float]] = {}
            for turn in range(options.rounds):
                for name, checkout in (("before", options.before), ("now", ROOT)):
                    whole = seconds_of(checkout, many, precision, Path(folder) / f"{precision}-{name}-{turn}.jsonl")
                    single = seconds_of(checkout, one, precision, Path(folder) / f"{precision}-{name}-{turn}-1.jsonl")
                    found.setdefault(("the command", name), []).append(whole)
                    found.setdefault(("without the first study", name), []).append(whole - single)
            texts = [
                (Path(folder) / f"{precision}-{name}-0.jsonl").read_text().splitlines() for name in ("before", "now")
            ]
            same = sum(a == b for a, b in zip(*texts, strict=True))
            for what in ("the command", "without the first study"):
                before, now = found[what, "before"], found[what, "now"]
                cells = [f"{statistics.median(s):.1f} ({min(s):.1f} to {max(s):.1f}) s" for s in (before, now)]
                times = statistics.median(a / b for a, b in zip(before, now, strict=True))
                lines.append(
                    f"| {precision} | {what} | {' | '.join(cells)} | {times:.2g} | {same} of {options.studies} |"
                )
    print_tables("\n".join(lines) + "\n", options.output)


if __name__ == "__main__":
    main()
