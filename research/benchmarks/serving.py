"""What a draft costs in the engine, beside plain generate(), with and without an adapter, alone and in company; and
how soon the page answers.

    python -m research.benchmarks.serving [--rounds N] [--precision fp32 bf16 nf4] [--output FILE]

Every figure comes from a fresh process, in rounds that go through all of them, so that what else the machine does falls
on each alike; the first pass of each process warms up and is not counted. Shown are the median and the range over the
rounds. The films are the drawn ones of the sample cases. Nothing else should run beside it, and OMP_NUM_THREADS should
be unset: how many threads are best is part of what is measured.
"""

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from clinicalblip.asset_folder import ASSETS
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name

ROOT = Path(__file__).resolve().parents[2]
STUDIES, READERS = 32, 10
WORDS = ("cough", "fever", "pain", "dyspnea", "for three days", "after surgery", "known effusion", "line placement")
Results = dict[tuple[str, str], list[dict[str, float]]]
ROLES = ("plain", "engine", "bare")
ROWS = (
    ("loading", "engine", "load", "s"),
    ("plain generate(), main thread: a draft", "plain", "draft", "s"),
    ("a reader's draft", "engine", "draft", "s"),
    ("its first word", "engine", "first_word", "s"),
    ("a token after the first, with the adapter", "engine", "token", "ms"),
    ("the same without an adapter", "bare", "token", "ms"),
    (f"{STUDIES} drafts, one after another", "engine", "alone", "s"),
    (f"{STUDIES} drafts together", "engine", "together", "s"),
    (f"first word of the last of {READERS} readers", "engine", "first", "s"),
    (f"last word of the last of {READERS} readers", "engine", "last", "s"),
    ("the process's memory at its largest", "engine", "memory", "MiB"),
)
RATIOS = (
    ("a reader's draft, in plain generate()'s time", ("engine", "draft"), ("plain", "draft")),
    ("a token with the adapter, in one's time without", ("engine", "token"), ("bare", "token")),
    (f"{STUDIES} drafts one after another, in the time of all together", ("engine", "alone"), ("engine", "together")),
)


def examinations() -> list[tuple[list[Any], Any]]:
    """The drawn films of the sample cases, each with an indication of 1 to 30 words; the same at every call."""
    import random

    from clinicalblip.imaging.read import read_radiograph
    from clinicalblip.radiology.report import ClinicalContext

    films = [read_radiograph(file.read_bytes()) for file in sorted((ASSETS / "cases").rglob("frontal.png"))]
    rng = random.Random(0)
    contexts = [ClinicalContext(indication=" ".join(rng.choices(WORDS, k=rng.randint(1, 30)))) for _ in range(STUDIES)]
    return [([films[number % len(films)]], context) for number, context in enumerate(contexts)]


def settings_of(precision: str, *, adapter: bool = True) -> Any:
    """The bundled model in a precision."""
    from clinicalblip.settings import Settings

    settings = Settings(folder=ROOT)
    model = {"precision": precision} | ({} if adapter else {"adapter": None})
    return settings.model_copy(update={"model": settings.model.model_copy(update=model)})


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


def measure_plain(precision: str) -> dict[str, float]:
    """Plain generate() on the main thread, which has done nothing else; seconds a draft."""
    import torch

    from clinicalblip.instructblip.collate import collate
    from clinicalblip.instructblip.loaded_model import load_model
    from clinicalblip.instructblip.prompt import build_prompt
    from clinicalblip.instructblip.vision.preprocess import film_to_square

    loaded = load_model(settings_of(precision))
    base = loaded.base
    batches = []
    for films, context in examinations():
        prompt = build_prompt(
            context,
            [film.view for film in films],
            count_tokens=base.count_tokens,
            budget=base.prompt_budget(1, 220),
            special_tokens=base.special_tokens,
        )
        batches.append(collate(base, [[film_to_square(film, base.image_size) for film in films]], [prompt.text]))

    def draft_all() -> int:
        written = 0
        with torch.inference_mode(), base.autocast():
            for batch in batches:
                ids = loaded.model.generate(
                    **batch,
                    do_sample=False,
                    max_new_tokens=220,
                    eos_token_id=base.eos_token_id,
                    pad_token_id=base.pad_token_id,
                )
                written += ids.shape[1] - batch["input_ids"].shape[1]
        return written

    draft_all()
    seconds, tokens = _timed(draft_all)
    return {"draft": seconds / STUDIES, "tokens": tokens}


def measure_engine(precision: str, *, adapter: bool) -> dict[str, float]:
    """The reporter as the page has it: alone, together, and ten readers at once."""
    from clinicalblip.instructblip.reporter import load_reporter

    loading, reporter = _timed(lambda: load_reporter(settings_of(precision, adapter=adapter)))
    studies = examinations()
    reporter.draft_many(studies[:8])
    waits, rests, tokens = [], [], 0
    alone = time.perf_counter()
    for films, context in studies:
        began = time.perf_counter()
        stream = reporter.stream(films, context)
        next(stream)
        first = time.perf_counter()
        *_, draft = stream
        waits.append(first - began)
        rests.append(time.perf_counter() - first)
        tokens += draft.tokens - 1
    alone = time.perf_counter() - alone
    found = {"load": loading, "alone": alone, "draft": alone / STUDIES, "first_word": statistics.median(waits)}
    found["token"] = 1000 * sum(rests) / tokens
    if not adapter:
        return found
    found["together"] = _timed(lambda: reporter.draft_many(studies))[0]
    firsts, lasts = [], []
    gate = threading.Barrier(READERS + 1)

    def read(films: Sequence[Any], context: Any) -> None:
        gate.wait()
        began = time.perf_counter()
        stream = reporter.stream(films, context)
        next(stream)
        firsts.append(time.perf_counter() - began)
        for _ in stream:
            pass
        lasts.append(time.perf_counter() - began)

    readers = [threading.Thread(target=read, args=study) for study in studies[:READERS]]
    for reader in readers:
        reader.start()
    gate.wait()
    for reader in readers:
        reader.join()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found | {"first": max(firsts), "last": max(lasts), "memory": memory}


_EMPTY = "import gradio as gr\nwith gr.Blocks() as page:\n    gr.Markdown('nothing')\npage.launch(quiet=True)\n"


def measure_start(command: Sequence[str]) -> float:
    """Seconds from the start of a process until its page answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    with TemporaryDirectory() as folder:
        environment |= {"CLINICALBLIP_STORAGE_REVIEWS": f"{folder}/reviews.sqlite3"}
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=DEVNULL, stderr=DEVNULL)
        try:
            while time.perf_counter() - began < 120:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/", timeout=30).status_code == 200:
                        return time.perf_counter() - began
                except httpx.TransportError:
                    time.sleep(0.02)
        finally:
            process.terminate()
            process.wait()
    raise SystemExit("The page did not answer within two minutes.")


def _start_lines(rounds: int) -> list[str]:
    found: dict[str, list[float]] = {"the page": [], "an empty Gradio page": []}
    for _ in range(rounds):
        found["the page"].append(measure_start([sys.executable, "app.py"]))
        found["an empty Gradio page"].append(measure_start([sys.executable, "-c", _EMPTY]))
    lines = ["", "| from the start of the process | until it answers |", "|---|---|"]
    return lines + [f"| {what} | {_cell(seconds, 's')} |" for what, seconds in found.items()]


def _measure(role: str, precision: str) -> dict[str, float]:
    if role == "plain":
        return measure_plain(precision)
    return measure_engine(precision, adapter=role == "engine")


def _run(role: str, precision: str) -> dict[str, float]:
    command = [sys.executable, "-m", "research.benchmarks.serving", "--role", role, "--precision", precision]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def _cell(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g}) {unit}"


def _quotients(results: Results, above: tuple[str, str], below: tuple[str, str], precision: str) -> list[float]:
    """One figure over another, round by round: what else the machine does falls on both alike."""
    (role, name), (other_role, other_name) = above, below
    pairs = zip(results[role, precision], results[other_role, precision], strict=True)
    return [one[name] / other[other_name] for one, other in pairs]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16", "nf4"])
    parser.add_argument("--role", choices=ROLES, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.role:
        print(json.dumps(_measure(options.role, options.precision[0])))
        return
    results: Results = {}
    for _ in range(options.rounds):
        for precision in options.precision:
            for role in ROLES:
                results.setdefault((role, precision), []).append(_run(role, precision))
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}; median and range of {options.rounds} rounds", ""]
    lines += ["| what | " + " | ".join(options.precision) + " |", "|---|" + "---|" * len(options.precision)]
    for what, role, name, unit in ROWS:
        cells = [_cell([one[name] for one in results[role, precision]], unit) for precision in options.precision]
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    for what, above, below in RATIOS:
        cells = [_cell(_quotients(results, above, below, precision), "times") for precision in options.precision]
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    lines += _start_lines(options.rounds)
    print_tables("\n".join(lines) + "\n", options.output)


if __name__ == "__main__":
    main()
