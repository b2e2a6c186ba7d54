"""Whether a draft's words depend on who else is drafted for, and on how LoRA is computed: the films of NIH's
validation patients, each with an indication of its own.

    python -m research.benchmarks.batch_invariance --data ../shared/data [--films N] [--precision fp32 nf4]
        [--batch-size N] [--output FILE]

In each precision all films are drafted together, in rows that join and leave as others end, and one at a time. The
first 200 are also drafted by transformers' own generate(), and in few bits with PEFT's own LoRA layers in the place of
`lora_branch.py`. Where words differ, shown is how far apart the two likeliest tokens were where the drafts part, in
nats: below 1e-4 it is a tie, which rounding decides.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import torch

from clinicalblip.instructblip.adapter import find_adapter, load_adapter
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Generation, Priority
from clinicalblip.instructblip.generation.token_generator import TokenGenerator
from clinicalblip.instructblip.loaded_model import LoadedModel, load_model
from clinicalblip.instructblip.named_base import load_named_base
from clinicalblip.instructblip.prompt import build_prompt
from clinicalblip.instructblip.vision.preprocess import film_to_square
from clinicalblip.progress import track
from clinicalblip.radiology.draft import GenerationOptions
from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import Settings
from research.benchmarks.printed_tables import print_tables
from research.benchmarks.processor import cpu_name
from research.benchmarks.serving import examinations, settings_of
from research.mini.evaluation.validation_films import films_of, validation_rows

OPTIONS: Final = GenerationOptions(max_new_tokens=220)
TIE: Final = 1e-4  # nats
FIRST: Final = 200

Words = list[list[int]]


@dataclass(frozen=True)
class Input:
    """A film at the model's size and the prompt it comes with."""

    square: Any
    prompt: str


def read_inputs(loaded: LoadedModel, data: Path, films: int | None) -> list[Input]:
    """The validation films, with the indications of the drawn examinations in turn."""
    base, rows = loaded.base, validation_rows(data, films)
    contexts = [context for _, context in examinations()]
    found = []
    for number, film in enumerate(track(films_of(data, rows), "films", total=len(rows), unit="film")):
        prompt = build_prompt(
            contexts[number % len(contexts)],
            [View.FRONTAL],
            count_tokens=base.count_tokens,
            budget=base.prompt_budget(1, OPTIONS.max_new_tokens),
            special_tokens=base.special_tokens,
        )
        found.append(Input(film_to_square(film, base.image_size), prompt.text))
    return found


def by_engine(loaded: LoadedModel, inputs: Sequence[Input], size: int) -> Words:
    """The tokens that the engine writes with `size` rows, all asked for at once."""
    engine = Engine(lambda: loaded, OPTIONS, size=size, timeout=600)
    asked = [Generation([one.square], one.prompt, 0, priority=Priority.BATCH) for one in inputs]
    return [list(end.token_ids) for end in engine.write_all(asked)]


def by_generate(loaded: LoadedModel, inputs: Sequence[Input]) -> Words:
    """The tokens that transformers' generate() writes, one film after another."""
    generator = TokenGenerator(loaded.base, loaded.model, OPTIONS)
    found = []
    with torch.inference_mode():
        for one in track(inputs, "generate", total=len(inputs), unit="draft"):
            batch = collate(loaded.base, [[one.square]], [one.prompt])
            (row,) = generator.generate(batch, 0).tolist()
            found.append(row[batch["input_ids"].shape[1] :])
    return found


def gap_where_they_part(loaded: LoadedModel, one: Input, left: Sequence[int], right: Sequence[int]) -> float:
    """How far apart the two likeliest tokens are after the words that two drafts share, in nats."""
    shared = [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))]
    batch = collate(loaded.base, [[one.square]], [one.prompt])
    ids = torch.tensor([shared], dtype=torch.long)
    batch["input_ids"] = torch.cat((batch["input_ids"], ids), dim=1)
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    with torch.inference_mode(), loaded.base.autocast():
        logits = loaded.model(**batch).logits[0, -1].float()
    best, second = logits.topk(2).values.tolist()
    return float(best - second)


def compare(loaded: LoadedModel, inputs: Sequence[Input], left: Words, right: Words) -> str:
    """How many drafts differ, how many of them by a tie, and the widest gap where two part."""
    apart = [n for n, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    gaps = [gap_where_they_part(loaded, inputs[n], left[n], right[n]) for n in apart]
    ties = sum(gap <= TIE for gap in gaps)
    widest = f", widest gap {max(gaps):.2g}" if gaps else ""
    return f"{len(apart)} ({ties} ties{widest})"


def with_peft(settings: Settings) -> LoadedModel:
    """The same model with PEFT's own layers."""
    like = load_model(settings)
    base = load_named_base(settings.locate(settings.model.base), settings.model.precision, settings.model.device)
    model, _ = load_adapter(base, find_adapter(settings.locate(settings.model.adapter)))
    return LoadedModel(base, model.eval(), like.identity)


def measure(precision: str, data: Path, films: int | None, size: int) -> list[str]:
    """A row of the table."""
    settings = settings_of(precision)
    loaded = load_model(settings)
    inputs = read_inputs(loaded, data, films)
    alone, together = by_engine(loaded, inputs, 1), by_engine(loaded, inputs, size)
    cells = [precision, f"{compare(loaded, inputs, alone, together)} of {len(inputs)}"]
    some = inputs[:FIRST]
    plain = by_generate(loaded, some)
    cells.append(f"{compare(loaded, some, plain, together[:FIRST])} of {len(some)}")
    if precision == "fp32":
        return [*cells, "the adapter is merged"]
    layers = by_engine(with_peft(settings), some, 1)
    return [*cells, f"{compare(loaded, some, layers, alone[:FIRST])} of {len(some)}"]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--films", type=int, help="at most so many, drawn by a seed; by default all")
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16", "nf4"])
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}; {options.batch_size} rows", ""]
    lines += ["| precision | alone and together | generate() and together | PEFT's layers and ours |"]
    lines += ["|---|---|---|---|"]
    for precision in options.precision:
        cells = measure(precision, options.data, options.films, options.batch_size)
        lines.append("| " + " | ".join(cells) + " |")
    print_tables("\n".join(lines) + "\n", options.output)


if __name__ == "__main__":
    main()
