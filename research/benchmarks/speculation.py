"""What a book of drafts saves: passes a token, time, and whether words change.

    python -m research.benchmarks.speculation --data ../shared/data [--studies N] [--precision fp32 nf4] [--output FILE]
    python -m research.benchmarks.speculation --shape instructblip-vicuna-7b [--output FILE]

The first drafts NIH's validation films, each with an indication of its own, with and without the bundled book, which is
made of drafts of training films. Times are medians of five a study, with and without in turn; a study is "in the book"
where the book alone writes its whole draft. The second makes a full-size model with random weights and measures a pass
of several tokens beside one of a single token. Nothing else should run beside either.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch

from clinicalblip.instructblip.book.draft_book import DraftBook
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Generation, Priority
from clinicalblip.instructblip.engine.language_model import BatchedLanguageModel
from clinicalblip.instructblip.generation.token_generator import TokenGenerator
from clinicalblip.instructblip.loaded_model import LoadedModel, load_model
from clinicalblip.instructblip.named_base import load_named_base
from research.benchmarks.batch_invariance import OPTIONS, Input, read_inputs
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name
from research.benchmarks.serving import settings_of

ROUNDS: Final = 5
TOGETHER: Final = 32
ROWS: Final = 8
TOKENS: Final = (1, 2, 4, 8, 12, 16)


@dataclass(frozen=True)
class Timed:
    """One study's tokens, the passes that wrote them, and its median seconds, with a book or without."""

    tokens: tuple[int, ...]
    passes: int
    seconds: float


def drafts_of(engine: Engine, one: Input) -> tuple[tuple[int, ...], int]:
    """A draft's tokens and in how many passes they came; the first comes with the prompt."""
    steps = [step.token_ids for step in engine.stream(Generation([one.square], one.prompt, 0))]
    return steps[-1], len(set(map(len, steps)))


def stands_in(book: DraftBook, tokens: Sequence[int]) -> bool:
    """Whether the book alone writes all of a draft."""
    return all((found := book.next(tokens[:at])) and found.token_id == tokens[at] for at in range(len(tokens)))


def time_in_turn(acts: Sequence[Callable[[], object]]) -> list[float]:
    """The median seconds of each of these, which take turns."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for own, act in zip(taken, acts, strict=True):
            began = time.perf_counter()
            act()
            own.append(time.perf_counter() - began)
    return [statistics.median(own) for own in taken]


def measure(precision: str, data: Path, studies: int) -> list[tuple[str, str]]:
    """The figures of one precision."""
    loaded = load_model(settings_of(precision))
    if loaded.book is None:
        raise SystemExit("The bundled model has no book; python -m research.mini.draft_book makes one.")
    inputs = read_inputs(loaded, data, studies)
    engines = {
        "with": Engine(lambda: loaded, OPTIONS, size=1, timeout=600),
        "without": Engine(lambda: replace(loaded, book=None), OPTIONS, size=1, timeout=600),
    }
    generator = TokenGenerator(loaded.base, loaded.model, OPTIONS)
    rows = []
    for one in inputs:
        batch = collate(loaded.base, [[one.square]], [one.prompt])

        def plain(batch: dict[str, torch.Tensor] = batch) -> object:
            return engines["with"].run(lambda _: generator.generate(batch, 0))

        found = {name: drafts_of(engine, one) for name, engine in engines.items()}
        seconds = time_in_turn([*(partial(drafts_of, engine, one) for engine in engines.values()), plain])
        rows.append((found, seconds, stands_in(loaded.book, found["without"][0])))
    together = [Generation([one.square], one.prompt, 0, priority=Priority.BATCH) for one in inputs[:TOGETHER]]
    batch_engine = Engine(lambda: loaded, OPTIONS, size=ROWS, timeout=600)
    batch_engine.write_all([Generation([one.square], one.prompt, 0) for one in inputs[:ROWS]])
    began = time.perf_counter()
    batch_engine.write_all(together)
    eight = time.perf_counter() - began
    alone = sum(row[1][1] for row in rows[:TOGETHER])
    new = [row for row in rows if not row[2]]
    ratios = np.array([row[1][0] / row[1][1] for row in rows])
    apart = sum(row[0]["with"][0] != row[0]["without"][0] for row in rows)

    def passes(chosen: Sequence[tuple]) -> str:
        tokens = sum(len(row[0]["with"][0]) for row in chosen)
        return f"{sum(row[0]['with'][1] for row in chosen) / max(1, tokens):.3f}"

    def times(chosen: Sequence[tuple], column: int) -> str:
        each = [row[1][column] / row[1][0] for row in chosen]
        low, middle, high = np.percentile(each, [5, 50, 95]) if each else (0, 0, 0)
        return f"{middle:.2f} ({low:.2f} to {high:.2f})"

    return [
        ("drafts; of them in the book", f"{len(rows)}; {len(rows) - len(new)}"),
        ("passes a token, all; not in the book", f"{passes(rows)}; {passes(new)}"),
        ("plain generate() takes so many times as long, all", times(rows, 2)),
        ("the same, of drafts not in the book", times(new, 2)),
        ("the engine without the book takes so many times as long, not in the book", times(new, 1)),
        ("with the book, in the time without: 95th percentile", f"{np.percentile(ratios, 95):.2f}"),
        (f"{TOGETHER} drafts one by one without, in the time of {ROWS} rows with the book", f"{alone / eight:.2f}"),
        ("drafts whose words differ", f"{apart} of {len(rows)}"),
    ]


def measure_shape(shape: str) -> list[tuple[int, float]]:
    """Seconds of a pass of so many tokens, one row, medians of `ROUNDS`."""
    base = load_named_base(shape)
    loaded = LoadedModel(base, base.model.eval(), None)  # type: ignore[arg-type]
    language = BatchedLanguageModel(base, loaded.model, 1)
    width = base.model.get_input_embeddings().weight.shape[1]
    nothing = torch.zeros(1, 96, width, device=base.device, dtype=base.compute_dtype)
    with torch.inference_mode(), base.autocast():
        language.join([nothing], [64])
        language.step([[5]])
        seconds = time_in_turn([lambda n=n: language.step([[5] * n]).sum().item() for n in TOKENS])
    return list(zip(TOKENS, seconds, strict=True))


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--precision", nargs="+", default=["fp32", "nf4"])
    parser.add_argument("--shape")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}, {torch.get_num_threads()} threads", ""]
    if options.shape:
        found = measure_shape(options.shape)
        lines += [f"| tokens a pass, {options.shape} | seconds | of one token's |", "|---:|---:|---:|"]
        lines += [f"| {tokens} | {seconds:.3f} | {seconds / found[0][1]:.2f} |" for tokens, seconds in found]
    else:
        columns = [measure(precision, options.data, options.studies) for precision in options.precision]
        lines += ["| what | " + " | ".join(options.precision) + " |", "|---|" + "---|" * len(columns)]
        for each in zip(*columns, strict=True):
            lines.append("| " + " | ".join([each[0][0], *(value for _, value in each)]) + " |")
    print_tables("\n".join(lines) + "\n", options.output)


if __name__ == "__main__":
    main()
