"""What a second replica is worth: drafts a second of two replicas of one thread, beside one replica of one thread.

    python -m research.benchmarks.replicas [--rounds N] [--studies N] [--output FILE]

Each figure comes from a `serve-model` of its own, started for it, in rounds that go through all of them, so that what
else the machine does falls on each alike. A first batch warms up and is not counted. Shown are the median and the
range over the rounds. The films are the drawn ones of the sample cases, the model is the bundled one in fp32. Two
replicas need two cores that nothing else uses; the process that asks, Serve's proxy and its controller take some of
them too.
"""

import argparse
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread

from pydantic import SecretStr

from clinicalblip.serving.remote_reporter import RemoteReporter
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name
from research.benchmarks.serving import examinations

COUNTS = (1, 2)
STARTS_WITHIN = 300.0
SETTINGS = "model: {precision: fp32, device: cpu}\n"


@contextmanager
def served(replicas: int) -> Iterator[RemoteReporter]:
    """A reporter that asks so many replicas of one thread, which end with it."""
    secret = secrets.token_urlsafe(32)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CLINICALBLIP_MODEL_SECRET": secret}
    with TemporaryDirectory() as folder:
        config = Path(folder) / "settings.yaml"
        config.write_text(SETTINGS, encoding="utf-8")
        command = [sys.executable, "-m", "clinicalblip", "serve-model", "--ray", "--replicas", str(replicas)]
        command += ["--config", str(config), "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            _wait_until_served(process)
            reporter = RemoteReporter(f"http://127.0.0.1:{port}", SecretStr(secret))
            yield reporter
            reporter.close()
        finally:
            process.terminate()
            process.wait()


def _wait_until_served(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    said: SimpleQueue[str] = SimpleQueue()
    Thread(target=lambda lines: [said.put(line) for line in lines], args=(process.stdout,), daemon=True).start()
    try:
        while "is served" not in said.get(timeout=STARTS_WITHIN):
            pass
    except Empty:
        raise SystemExit(f"The replicas were not served within {STARTS_WITHIN:g} seconds.") from None


def measure(replicas: int, studies: int) -> float:
    """Drafts a second of so many replicas, all studies asked for at once."""
    given = examinations()
    asked = [given[number % len(given)] for number in range(studies)]
    with served(replicas) as reporter:
        reporter.draft_many(asked[: 16 * replicas])
        began = time.perf_counter()
        drafts = reporter.draft_many(asked)
        seconds = time.perf_counter() - began
    assert all(draft.tokens for draft in drafts)
    return studies / seconds


def _cell(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--studies", type=int, default=128)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    found: dict[int, list[float]] = {count: [] for count in COUNTS}
    for _ in range(options.rounds):
        for count in COUNTS:
            found[count].append(measure(count, options.studies))
    one, two = (found[count] for count in COUNTS)
    counted = f"{options.studies} studies, median and range of {options.rounds} rounds"
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}; {counted}",
        "",
        "| what | drafts a second |",
        "|---|---|",
        f"| one replica of one thread | {_cell(one)} |",
        f"| two replicas of one thread | {_cell(two)} |",
        f"| two in the place of one, round by round | {_cell([b / a for a, b in zip(one, two, strict=True)])} times |",
    ]
    print_tables("\n".join(lines) + "\n", options.output)


if __name__ == "__main__":
    main()
