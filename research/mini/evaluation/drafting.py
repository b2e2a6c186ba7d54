"""Greedy drafts of many films, and a file of those that were written, so that no film is drafted twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.progress import track
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from research.mini.prompts import write_prompt

MAX_NEW_TOKENS = 220  # no draft of a trained model is as long
BATCH = 48

Film = NDArray[np.float32]


@dataclass(frozen=True)
class Drafter:
    """A model that drafts studies, greedily and several at once; `name` tells its drafts from another model's.

    With `kept`, a file of JSON lines, every draft is written there, and what stands there is not drafted again.
    """

    base: Base
    model: Any
    name: str
    tokens: int = MAX_NEW_TOKENS
    kept: Path | None = None

    def draft(
        self, films: Sequence[Sequence[Film]], contexts: Sequence[ClinicalContext] | None = None, what: str = "drafts"
    ) -> list[str]:
        """The draft of each study, its films in the prompt's order; without contexts no slot is filled."""
        given = list(contexts) if contexts is not None else [ClinicalContext()] * len(films)
        prompts = [
            write_prompt(context, (View.FRONTAL,) * len(study)) for study, context in zip(films, given, strict=True)
        ]
        keys = [self._key(study, prompt) for study, prompt in zip(films, prompts, strict=True)]
        known = self._read()
        # Studies with as many films are drafted together.
        missing = sorted(
            {key: n for n, key in enumerate(keys) if key not in known}.values(), key=lambda n: len(films[n])
        )
        starts = range(0, len(missing), BATCH)
        for start in track(starts, what, total=len(starts)):
            together = missing[start : start + BATCH]
            for number in sorted({len(films[n]) for n in together}):
                chosen = [n for n in together if len(films[n]) == number]
                texts = generate(
                    self.base, self.model, [films[n] for n in chosen], [prompts[n] for n in chosen], self.tokens
                )
                found = {keys[n]: text for n, text in zip(chosen, texts, strict=True)}
                known |= found
                self._write(found)
        return [known[key] for key in keys]

    def _key(self, study: Sequence[Film], prompt: str) -> str:
        digest = hashlib.sha256(f"{self.name}\n{self.tokens}\n{prompt}\n".encode())
        for film in study:
            digest.update(np.ascontiguousarray(film, dtype=np.float32).tobytes())
        return digest.hexdigest()

    def _read(self) -> dict[str, str]:
        if self.kept is None or not self.kept.is_file():
            return {}
        written = self.kept.read_bytes()
        whole = written[: written.rfind(b"\n") + 1]
        if len(whole) < len(written):  # a process was ended while it wrote a line
            self.kept.write_bytes(whole)
        return dict(json.loads(line) for line in whole.splitlines())

    def _write(self, found: dict[str, str]) -> None:
        if self.kept is not None:
            with self.kept.open("a", encoding="utf-8") as lines:
                lines.writelines(json.dumps(each) + "\n" for each in found.items())


def draft(
    base: Base,
    model: Any,
    films: Sequence[Sequence[Film]],
    contexts: Sequence[ClinicalContext],
    tokens: int = MAX_NEW_TOKENS,
) -> list[str]:
    """The greedy drafts of studies."""
    return Drafter(base, model, "", tokens).draft(films, contexts)


def generate(base: Base, model: Any, films: Sequence[Sequence[Film]], prompts: Sequence[str], tokens: int) -> list[str]:
    """The greedy answers to these prompts; every study has as many films."""
    batch = collate(base, films, prompts)
    with torch.inference_mode(), base.autocast():
        token_ids = model.generate(
            **batch,
            max_new_tokens=tokens,
            do_sample=False,
            eos_token_id=base.eos_token_id,
            pad_token_id=base.pad_token_id,
        )
    answers = token_ids[:, batch["input_ids"].shape[1] :]  # a decoder-only model gives the prompt back as well
    return list(base.tokenizer.batch_decode(answers, skip_special_tokens=True))
