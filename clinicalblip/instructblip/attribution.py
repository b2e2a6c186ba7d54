"""Where the model looked for each sentence of a report: how its log-likelihood falls when a part of a film is hidden.

The Q-Former's own attention is the same for every sentence and tells nothing of the kind. Two ways are offered:

- occlusion: one window after the other is painted over with the film's mean grey, and the report is read again
  (Zeiler and Fergus, ECCV 2014). Windows are two parts wide and high and overlap; a part's fall is the mean over the
  windows that cover it.
- gradient: the same falls to first order, gradient times what painting over would take away (Shrikumar et al., ICML
  2017), from one pass forward and one back for each sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from clinicalblip.errors import ModelError
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.report import Report

PARTS = 10
"""Parts along each side of a film, unless asked otherwise."""

TOGETHER = 16
"""Films with a hidden window that are read in one pass."""

_SENTENCE = re.compile(r"\s*(?:(?:Findings|Impression):\s*)?(?P<said>\S.*?(?:[.!?]+(?=\s|$)|(?= Impression:)|$))")


class Way(StrEnum):
    """How it is found out where the model looked."""

    OCCLUSION = "occlusion"
    GRADIENT = "gradient"


@dataclass(frozen=True)
class Span:
    """A sentence and the tokens of the report that it takes: from `start` up to `end`, not included."""

    sentence: str
    start: int
    end: int


def find_evidence(
    base: Base,
    model: Any,
    batch: dict[str, Tensor],
    report: Report,
    *,
    way: Way = Way.OCCLUSION,
    parts: int = PARTS,
) -> list[Evidence]:
    """Evidence for each sentence of a report, findings first, as the model would have written it for this study.

    `batch` is the study as `collate` makes it for drafting. A report without a word has none. Raises ModelError where
    gradients are asked of a model whose weights are quantised for the CPU: they would be wrong without a word.
    """
    if len(batch["input_ids"]) != 1 or parts < 2:
        raise ValueError(f"evidence is of one study and of two parts a side or more, not {parts}")
    if way is Way.GRADIENT and base.device == "cpu" and base.precision in ("nf4", "int8"):
        raise ModelError(f"A model in {base.precision} on the CPU has no gradients; use occlusion or fp32.")
    text = target_text(report)
    spans = list(sentence_spans(base, text))
    if not spans:
        return []
    batch = {name: tensor.to(base.device) for name, tensor in batch.items()}
    words = list(base.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    likelihoods = _Likelihoods(base, model, batch, words, spans)
    films = batch["pixel_values"]
    measure = _by_occlusion if way is Way.OCCLUSION else _by_gradient
    whole, falls = measure(likelihoods, films, parts)
    return [Evidence(span.sentence, float(whole[number]), tuple(falls[number])) for number, span in enumerate(spans)]


def sentence_spans(base: Base, text: str) -> Iterator[Span]:
    """The sentences of a target text with the tokens that each takes; headings belong to none."""

    def tokens(until: int) -> int:
        return base.count_tokens(text[:until].rstrip())

    for match in _SENTENCE.finditer(text):
        start, end = tokens(match.start("said")), tokens(match.end("said"))
        if end > start:
            yield Span(match["said"], start, end)


class _Likelihoods:
    """The log-likelihood of each sentence, (films' variants, sentences), as a function of the films' pixels."""

    def __init__(
        self, base: Base, model: Any, batch: dict[str, Tensor], words: Sequence[int], spans: Sequence[Span]
    ) -> None:
        self._base, self._model, self._spans = base, model, spans
        self._words = torch.tensor([words], device=base.device)
        self._given = {name: tensor for name, tensor in batch.items() if name != "pixel_values"}
        if base.is_decoder_only:
            self._given["input_ids"] = torch.cat((batch["input_ids"], self._words), dim=1)
            self._given["attention_mask"] = torch.ones_like(self._given["input_ids"])
            self._begins = batch["input_ids"].shape[1] - 1  # the place before a word foretells it
        else:
            start = torch.full_like(self._words[:, :1], model.language_model.config.decoder_start_token_id)
            self._given["decoder_input_ids"] = torch.cat((start, self._words[:, :-1]), dim=1)
            self._begins = 0

    def __call__(self, pixels: Tensor) -> Tensor:
        number = len(pixels)
        given = {name: tensor.expand(number, -1) for name, tensor in self._given.items()}
        with self._base.autocast():
            logits = self._model(pixel_values=pixels, **given).logits
        words = self._words.expand(number, -1)
        logits = logits[:, self._begins : self._begins + words.shape[1]].float()
        likely = logits.log_softmax(-1).gather(-1, words[..., None])[..., 0]
        return torch.stack([likely[:, span.start : span.end].sum(1) for span in self._spans], dim=1)


def _by_occlusion(
    likelihoods: _Likelihoods, films: Tensor, parts: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The sentences' log-likelihoods, (sentences,), and falls, (sentences, films, parts, parts)."""
    number, size = films.shape[1], films.shape[-1]
    edges = np.linspace(0, size, parts + 1).round().astype(int)
    windows = [(film, row, column) for film in range(number) for row in range(parts - 1) for column in range(parts - 1)]
    grey = films.mean(dim=(-2, -1), keepdim=True)
    found: list[Tensor] = []
    with torch.inference_mode():
        whole = likelihoods(films)[0]
        for start in range(0, len(windows), TOGETHER):
            some = windows[start : start + TOGETHER]
            hidden = films.repeat(len(some), 1, 1, 1, 1)
            for variant, (film, row, column) in enumerate(some):
                place = slice(edges[row], edges[row + 2]), slice(edges[column], edges[column + 2])
                hidden[variant, film, :, place[0], place[1]] = grey[0, film]
            found.append(whole - likelihoods(hidden))
    fallen = torch.cat(found).T.reshape(-1, number, parts - 1, parts - 1)
    # A part's mean over its windows: the sum over those that cover it, by how many do.
    around = functional.pad(fallen, (1, 1, 1, 1))
    covering = functional.pad(torch.ones_like(fallen), (1, 1, 1, 1))
    means = functional.avg_pool2d(around, 2, stride=1) / functional.avg_pool2d(covering, 2, stride=1)
    return whole.cpu().numpy(), means.cpu().numpy()


def _by_gradient(
    likelihoods: _Likelihoods, films: Tensor, parts: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """As `_by_occlusion`."""
    grey = films.mean(dim=(-2, -1), keepdim=True)
    with torch.enable_grad():
        films = films.detach().requires_grad_()
        whole = likelihoods(films)[0]
        falls = []
        for number, likelihood in enumerate(whole):
            (slope,) = torch.autograd.grad(likelihood, films, retain_graph=number + 1 < len(whole))
            falls.append((slope * (films - grey)).detach()[0].sum(dim=1))
    each = torch.stack(falls)  # (sentences, films, size, size)
    pixels_a_part = (each.shape[-1] / parts) ** 2
    pooled = functional.adaptive_avg_pool2d(each, parts) * pixels_a_part
    return whole.detach().cpu().numpy(), pooled.cpu().numpy()
