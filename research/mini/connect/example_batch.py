"""Examples as a batch of tensors: their prompts, reports and questions, and what each token weighs in the loss."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import check_reference, encode_text, target_token_ids
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from research.mini.connect.shared_prefix import PackedContinuations, pack_continuations
from research.mini.prompts import PROMPT_VIEWS, write_prompt
from research.mini.reports.examples import Example, Examples
from research.mini.reports.sentences import split_sentences

PRIOR_EVERY = 3  # one step in so many is of studies with a prior film
PLACE_WEIGHT = 6.0  # one token in thirty says where or how much: with the others' weight the model guesses it for hours
CHANGE_WEIGHT = 8.0  # and one in a hundred how a finding has changed
QUESTION_WEIGHT = 0.25
"""Of the words of a question's sentences but their first. The margin of two sentences alone takes probability from one
and leaves open what gets it: a draft that came to "There is no" went on with "no". The first word weighs nothing,
because no report is a single sentence."""
AT_ONCE = 4  # examples are computed at once: more no longer fit a core's cache, and the longest makes all others long
_PLACES = re.compile(
    r"\b(?:left|right|both|bilateral|upper|mid|lower|apical|basal|apex|base|apices|bases|"
    r"tiny|trace|small|minimal(?:ly)?|mild(?:ly)?|moderate(?:ly|-sized)?|large|severe(?:ly)?|extensive)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(r"\b(?:new|increased|larger|decreased|smaller|unchanged|stable|resolved|no longer)\b")


@dataclass(frozen=True)
class ExampleBatch:
    """Examples as tensors: the films' rows, the prompts, and of each a report and questions as packed continuations.

    Short examples come first, and those of about one length are in one of `packed`, one after another.
    `weights` (tokens,) are those of the tokens of reports and questions. A question's two sentences are the
    continuations `questions` (questions, 2); `log_odds` (questions,) are the log odds of the first against the second
    that are asked for, infinite where the truth is known.
    """

    films: list[list[int]]
    prompts: list[str]
    packed: tuple[PackedContinuations, ...]
    weights: Tensor
    questions: Tensor
    log_odds: Tensor

    def token_losses(self, model: Any, image: Tensor) -> list[Tensor]:
        """The negative log-likelihood of each target, in nats, of each of `packed`."""
        images = torch.split(image, [len(packed.token_ids) for packed in self.packed])
        return [packed.token_losses(model, own) for packed, own in zip(self.packed, images, strict=True)]

    def log_likelihoods(self, token_losses: Sequence[Tensor]) -> Tensor:
        """The log-likelihood of each continuation, (continuations,)."""
        return torch.cat([p.log_likelihoods(each) for p, each in zip(self.packed, token_losses, strict=True)])

    def losses(self, model: Any, image: Tensor) -> dict[str, Tensor]:
        """How unlikely the reports are, and how far the answers to the questions are off, in nats.

        `image` takes the place of the image tokens, (examples, image tokens, the language model's width).
        """
        parts = self.token_losses(model, image)
        each = torch.cat(parts)
        first, second = self.log_likelihoods(parts)[self.questions].unbind(1)
        margins, graded = first - second, self.log_odds.isfinite()
        zero = margins.sum() * 0
        return {
            "reports": (each * self.weights).sum() / self.weights.sum(),
            "graded": functional.smooth_l1_loss(margins[graded], self.log_odds[graded]) if graded.any() else zero,
            "true_or_false": functional.softplus(-margins[~graded]).mean() if not graded.all() else zero,
        }


def draw_examples(examples: Examples, number: int, step: int, seed: tuple[int, ...]) -> list[Example]:
    """`number` examples of this seed; every `PRIOR_EVERY` steps half as many, drawn films with a prior film."""
    with_prior = examples.draw_with_prior(number // 2, seed) if step % PRIOR_EVERY == PRIOR_EVERY - 1 else []
    return with_prior or examples.draw(number, seed)


def make_batch(
    base: Base, examples: Examples, chosen: Sequence[Example], questions: int, seed: tuple[int, ...]
) -> ExampleBatch:
    """These examples, all with as many films, and so many questions about each."""
    rng = np.random.default_rng((*seed, 1))
    rows = sorted((_row(base, examples, each, questions, rng) for each in chosen), key=_Row.length)
    packed = []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        texts = [each.continuations for each in some]
        packed.append(pack_continuations(base, len(rows[0].films), [each.prompt for each in some], texts))
    asked, count = [], 0  # of continuations
    for row in rows:
        starts = range(count + 1, count + len(row.continuations), 2)
        asked += [(start, start + 1) for start in starts]
        count += len(row.continuations)
    weights = torch.cat([torch.tensor(row.weights) for row in rows])
    log_odds = torch.tensor([each for row in rows for each in row.log_odds])
    pairs = torch.tensor(asked, dtype=torch.long).reshape(-1, 2)  # a batch of hinted examples has none
    return ExampleBatch(
        [row.films for row in rows], [row.prompt for row in rows], tuple(packed), weights, pairs, log_odds
    )


@dataclass(frozen=True)
class _Row:
    """An example: its films' rows, its prompt, and as token ids its report and the two sentences of each question.

    `weights` are those of all tokens, `log_odds` those of the questions.
    """

    films: list[int]
    prompt: str
    continuations: list[list[int]]
    weights: list[float]
    log_odds: list[float]

    def length(self) -> int:
        """About how many tokens it has."""
        return len(self.prompt) // 4 + sum(map(len, self.continuations))


def _row(base: Base, examples: Examples, example: Example, questions: int, rng: np.random.Generator) -> _Row:
    views = PROMPT_VIEWS[int(rng.integers(len(PROMPT_VIEWS)))]
    if example.prior is not None:
        views = (*(views or (View.FRONTAL,)), View.FRONTAL)
    prompt, report = write_prompt(example.context, views), target_text(example.report)
    check_reference(prompt, report)
    continuations = [target_token_ids(base, report)]
    weights, log_odds = [*token_weights(base.tokenizer, report), 1.0], []
    for question in examples.questions_about(example, questions, rng):
        for text in (question.affirming, question.denying):
            continuations.append(encode_text(base, target_text(Report(text))))
            weights += sentence_weights(base.tokenizer, text)
        log_odds.append(question.log_odds)
    films = [example.row] if example.prior is None else [example.row, example.prior]
    return _Row(films, prompt, continuations, weights, log_odds)


def token_weights(tokenizer: Any, target: str) -> list[float]:
    """The weight of each token of a report in its loss.

    In a sentence that affirms a finding or compares `PLACE_WEIGHT` where it says where or how much; a word that
    compares `CHANGE_WEIGHT`; 1 any other.
    """
    spans = tokenizer(target, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    weights, end = np.ones(len(target) + 1), 0
    for sentence in split_sentences(target):
        start = target.index(sentence, end)
        end = start + len(sentence)
        compared = _CHANGES.search(sentence)
        if compared or _affirms(sentence):
            for word in _PLACES.finditer(sentence):
                weights[start + word.start() : start + word.end()] = PLACE_WEIGHT
        if compared:
            weights[start + compared.start() : start + compared.end()] = CHANGE_WEIGHT
    # A token may begin with the space before its word, so its last letter decides.
    return [float(weights[max(0, last - 1)]) for _, last in spans]


def sentence_weights(tokenizer: Any, sentence: str) -> list[float]:
    """The weight of each token of a question's sentence: `QUESTION_WEIGHT` behind its first word, 0 before."""
    target = target_text(Report(sentence))
    begun = target.index(sentence) + len(sentence.split()[0])
    spans = tokenizer(target, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return [QUESTION_WEIGHT if last > begun else 0.0 for _, last in spans]


@lru_cache(maxsize=20_000)
def _affirms(sentence: str) -> bool:
    said = observations(sentence)
    said.pop(Observation.NO_FINDING, None)
    return Certainty.PRESENT in said.values()
