"""Examples as a batch of tensors: their prompts, reports and questions, and what each token weighs in the loss."""

from __future__ import annotations

import re
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
from research.mini.recipe import MiniRecipe
from research.mini.reports.examples import Examples
from research.mini.reports.sentences import split_sentences

PRIOR_EVERY = 3  # one step in so many is of studies with a prior film
FINDING_WEIGHT = 2.0  # a report is mostly denials: without it a model that never affirms anything loses little
PLACE_WEIGHT = 6.0  # one token in thirty says where or how much: with the others' weight the model guesses it for hours
CHANGE_WEIGHT = 8.0  # and one in a hundred how a finding has changed
_PLACES = re.compile(
    r"\b(?:left|right|both|bilateral|upper|mid|lower|apical|basal|apex|base|apices|bases|"
    r"tiny|trace|small|minimal(?:ly)?|mild(?:ly)?|moderate(?:ly|-sized)?|large|severe(?:ly)?|extensive)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(r"\b(?:new|increased|larger|decreased|smaller|unchanged|stable|resolved|no longer)\b")


@dataclass(frozen=True)
class ExampleBatch:
    """Examples as tensors: the films' rows, the prompts, and of each a report and questions as packed continuations.

    `weights` (tokens,) are those of the reports' tokens, 0 in a question. A question's two sentences are the
    continuations `questions` (questions, 2); `log_odds` (questions,) are the log odds of the first against the second
    that are asked for, infinite where the truth is known.
    """

    films: list[list[int]]
    prompts: list[str]
    packed: PackedContinuations
    weights: Tensor
    questions: Tensor
    log_odds: Tensor

    def losses(self, model: Any, image: Tensor) -> dict[str, Tensor]:
        """How unlikely the reports are, and how far the answers to the questions are off, in nats.

        `image` takes the place of the image tokens, (examples, image tokens, the language model's width).
        """
        each = self.packed.token_losses(model, image)
        first, second = self.packed.log_likelihoods(each)[self.questions].unbind(1)
        margins, graded = first - second, self.log_odds.isfinite()
        zero = margins.sum() * 0
        return {
            "reports": (each * self.weights).sum() / self.weights.sum(),
            "graded": functional.smooth_l1_loss(margins[graded], self.log_odds[graded]) if graded.any() else zero,
            "true_or_false": functional.softplus(-margins[~graded]).mean() if not graded.all() else zero,
        }


def make_batch(base: Base, examples: Examples, number: int, recipe: MiniRecipe, seed: tuple[int, ...]) -> ExampleBatch:
    """`number` examples of this seed with their questions; every `PRIOR_EVERY` steps, drawn films with a prior film.

    The last number of `seed` is the step.
    """
    chosen = examples.draw_with_prior(number // 2, seed) if seed[-1] % PRIOR_EVERY == PRIOR_EVERY - 1 else []
    chosen = chosen or examples.draw(number, seed)
    rng = np.random.default_rng((*seed, 1))
    prompts, texts, weights, questions, log_odds = [], [], [], [], []
    count = 0  # of continuations
    for example in chosen:
        views = PROMPT_VIEWS[int(rng.integers(len(PROMPT_VIEWS)))]
        if example.prior is not None:
            views = (*(views or (View.FRONTAL,)), View.FRONTAL)
        prompts.append(write_prompt(example.context, views))
        report = target_text(example.report)
        check_reference(prompts[-1], report)
        continuations = [target_token_ids(base, report)]
        weights.append(torch.tensor([*token_weights(base.tokenizer, report), 1.0]))
        count += 1
        for question in examples.questions_about(example, recipe.questions, rng):
            pair = [encode_text(base, target_text(Report(text))) for text in (question.affirming, question.denying)]
            continuations += pair
            weights.append(torch.zeros(sum(map(len, pair))))
            questions.append((count, count + 1))
            log_odds.append(question.log_odds)
            count += 2
        texts.append(continuations)
    films = [[each.row] if each.prior is None else [each.row, each.prior] for each in chosen]
    packed = pack_continuations(base, len(films[0]), prompts, texts)
    asked = torch.tensor(questions, dtype=torch.long).reshape(-1, 2)  # a batch of hinted examples has none
    return ExampleBatch(films, prompts, packed, torch.cat(weights), asked, torch.tensor(log_odds))


def token_weights(tokenizer: Any, target: str) -> list[float]:
    """The weight of each token of a report in its loss.

    In a sentence that affirms a finding `FINDING_WEIGHT`, and `PLACE_WEIGHT` where it says where or how much; a word
    that compares `CHANGE_WEIGHT`; 1 any other.
    """
    spans = tokenizer(target, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    weights, end = np.ones(len(target) + 1), 0
    for sentence in split_sentences(target):
        start = target.index(sentence, end)
        end = start + len(sentence)
        compared = _CHANGES.search(sentence)
        if compared or _affirms(sentence):
            weights[start:end] = FINDING_WEIGHT
            for word in _PLACES.finditer(sentence):
                weights[start + word.start() : start + word.end()] = PLACE_WEIGHT
        if compared:
            weights[start + compared.start() : start + compared.end()] = CHANGE_WEIGHT
    # A token may begin with the space before its word, so its last letter decides.
    return [float(weights[max(0, last - 1)]) for _, last in spans]


@lru_cache(maxsize=20_000)
def _affirms(sentence: str) -> bool:
    said = observations(sentence)
    said.pop(Observation.NO_FINDING, None)
    return Certainty.PRESENT in said.values()
