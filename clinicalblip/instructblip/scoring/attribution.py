"""Where the model looked for each sentence of a report: how much its log-likelihood drops when a film's part is hidden.

The Q-Former's own attention is the same for every sentence, so it tells nothing about one of them. Two methods:

- occlusion: one window after the other is filled with the film's mean grey, and the report is read again (Zeiler and
  Fergus, ECCV 2014). A film is divided into a grid; windows are two cells wide and high and overlap; the drop of a
  cell is the mean over the windows that cover it.
- gradient: the same drops to first order, the gradient times what filling with grey would take away (Shrikumar et al.,
  ICML 2017), from one forward pass and one backward pass for each sentence.
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
from clinicalblip.instructblip.collate import encode_text
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.report import Report

GRID = 10
"""Cells along each side of a film, unless asked otherwise."""

BATCH_SIZE = 16
"""Films with a hidden window in one forward pass."""

_SENTENCE = re.compile(r"\s*(?:(?:Findings|Impression):\s*)?(?P<sentence>\S.*?(?:[.!?]+(?=\s|$)|(?= Impression:)|$))")


class Method(StrEnum):
    """How the drops are measured."""

    OCCLUSION = "occlusion"
    GRADIENT = "gradient"


@dataclass(frozen=True)
class Span:
    """A sentence and its tokens in the report: from `start` up to `end`, not included."""

    sentence: str
    start: int
    end: int


def attribute_sentences(
    base: Base,
    model: Any,
    batch: dict[str, Tensor],
    report: Report,
    *,
    method: Method = Method.OCCLUSION,
    grid: int = GRID,
) -> list[Evidence]:
    """Evidence for each sentence of a report, findings first, as if the model had written it for this study.

    `batch` is the study as `collate` makes it for drafting; `grid` the cells along each side of a film. An empty
    report has no evidence. Raises ModelError where gradients are asked of a model whose weights are quantised for the
    CPU: they would be silently wrong.
    """
    if len(batch["input_ids"]) != 1 or grid < 2:
        raise ValueError(f"evidence is of one study and of a grid of two cells a side or more, not {grid}")
    if method is Method.GRADIENT and base.device == "cpu" and base.precision in ("nf4", "int8"):
        raise ModelError(f"A model in {base.precision} on the CPU has no gradients; use occlusion or fp32.")
    text = target_text(report)
    spans = list(sentence_spans(base, text))
    if not spans:
        return []
    batch = {name: tensor.to(base.device) for name, tensor in batch.items()}
    log_likelihoods = _SentenceLogLikelihoods(base, model, batch, encode_text(base, text), spans)
    films = batch["pixel_values"]
    measure = _by_occlusion if method is Method.OCCLUSION else _by_gradient
    unhidden, drops = measure(log_likelihoods, films, grid)
    return [Evidence(span.sentence, float(unhidden[index]), tuple(drops[index])) for index, span in enumerate(spans)]


def sentence_spans(base: Base, text: str) -> Iterator[Span]:
    """The sentences of a target text with their tokens; headings belong to none."""

    def tokens_before(place: int) -> int:
        return base.count_tokens(text[:place].rstrip())

    for match in _SENTENCE.finditer(text):
        start, end = tokens_before(match.start("sentence")), tokens_before(match.end("sentence"))
        if end > start:
            yield Span(match["sentence"], start, end)


class _SentenceLogLikelihoods:
    """The log-likelihood of each sentence as a function of the films' pixels.

    Called with pixels (variants, films, 3, size, size), it gives (variants, sentences), in nats.
    """

    def __init__(
        self, base: Base, model: Any, batch: dict[str, Tensor], token_ids: Sequence[int], spans: Sequence[Span]
    ) -> None:
        self._base, self._model, self._spans = base, model, spans
        self._token_ids = torch.tensor([token_ids], device=base.device)
        self._inputs = {name: tensor for name, tensor in batch.items() if name != "pixel_values"}
        if base.is_decoder_only:
            self._inputs["input_ids"] = torch.cat((batch["input_ids"], self._token_ids), dim=1)
            self._inputs["attention_mask"] = torch.ones_like(self._inputs["input_ids"])
            self._first = batch["input_ids"].shape[1] - 1  # the logits at one position predict the next token
        else:
            start = torch.full_like(self._token_ids[:, :1], model.language_model.config.decoder_start_token_id)
            self._inputs["decoder_input_ids"] = torch.cat((start, self._token_ids[:, :-1]), dim=1)
            self._first = 0

    def __call__(self, pixels: Tensor) -> Tensor:
        variants = len(pixels)
        inputs = {name: tensor.expand(variants, -1) for name, tensor in self._inputs.items()}
        with self._base.autocast():
            logits = self._model(pixel_values=pixels, **inputs).logits
        token_ids = self._token_ids.expand(variants, -1)
        logits = logits[:, self._first : self._first + token_ids.shape[1]].float()
        log_likelihood = logits.log_softmax(-1).gather(-1, token_ids[..., None])[..., 0]
        return torch.stack([log_likelihood[:, span.start : span.end].sum(1) for span in self._spans], dim=1)


def _by_occlusion(
    log_likelihoods: _SentenceLogLikelihoods, films: Tensor, grid: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The sentences' log-likelihoods, (sentences,), and drops, (sentences, films, grid, grid)."""
    number, size = films.shape[1], films.shape[-1]
    edges = np.linspace(0, size, grid + 1).round().astype(int)
    windows = [(film, row, column) for film in range(number) for row in range(grid - 1) for column in range(grid - 1)]
    grey = films.mean(dim=(-2, -1), keepdim=True)
    found: list[Tensor] = []
    with torch.inference_mode():
        unhidden = log_likelihoods(films)[0]
        for start in range(0, len(windows), BATCH_SIZE):
            some = windows[start : start + BATCH_SIZE]
            hidden = films.repeat(len(some), 1, 1, 1, 1)
            for variant, (film, row, column) in enumerate(some):
                rows, columns = slice(edges[row], edges[row + 2]), slice(edges[column], edges[column + 2])
                hidden[variant, film, :, rows, columns] = grey[0, film]
            found.append(unhidden - log_likelihoods(hidden))
    of_windows = torch.cat(found).T.reshape(-1, number, grid - 1, grid - 1)
    # A cell's mean over its windows: the sum over those that cover it, divided by how many do.
    around = functional.pad(of_windows, (1, 1, 1, 1))
    covering = functional.pad(torch.ones_like(of_windows), (1, 1, 1, 1))
    means = functional.avg_pool2d(around, 2, stride=1) / functional.avg_pool2d(covering, 2, stride=1)
    return unhidden.cpu().numpy(), means.cpu().numpy()


def _by_gradient(
    log_likelihoods: _SentenceLogLikelihoods, films: Tensor, grid: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """As `_by_occlusion`."""
    grey = films.mean(dim=(-2, -1), keepdim=True)
    with torch.enable_grad():
        films = films.detach().requires_grad_()
        unhidden = log_likelihoods(films)[0]
        of_pixels = []
        for index, log_likelihood in enumerate(unhidden):
            (gradient,) = torch.autograd.grad(log_likelihood, films, retain_graph=index + 1 < len(unhidden))
            of_pixels.append((gradient * (films - grey)).detach()[0].sum(dim=1))
    drops = torch.stack(of_pixels)  # (sentences, films, size, size)
    pixels_a_cell = (drops.shape[-1] / grid) ** 2
    pooled = functional.adaptive_avg_pool2d(drops, grid) * pixels_a_cell
    return unhidden.detach().cpu().numpy(), pooled.cpu().numpy()
