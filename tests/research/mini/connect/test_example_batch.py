"""Batches of examples: reports token by token, and beside them questions in nats."""

from dataclasses import replace
from itertools import accumulate

import pytest
import torch

from clinicalblip.instructblip.base import load_base
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.connect.example_batch import (
    CHANGE_WEIGHT,
    PLACE_WEIGHT,
    PRIOR_EVERY,
    QUESTION_WEIGHT,
    draw_examples,
    make_batch,
)
from research.mini.recipe import TINY
from research.mini.reports.examples import Examples
from research.mini.reports.sentences import collect_sentences
from tests.fixtures.tiny_instructblip import make_tiny_base

SEED = (0, 3, 0)
TEXTS = ("The heart is enlarged. There is an effusion. No pneumothorax.", "Heart size is normal. No effusion.")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A tiny model with random weights."""
    return load_base(make_tiny_base(tmp_path_factory.mktemp("base"), "llama"), "fp32", "cpu")


@pytest.fixture(scope="module")
def examples(films, pseudo_labels):
    """Examples of the tiny films and of drawn ones, in the words of two reports."""
    studies = [Study(f"s{n}", f"p{n}", "train", reference=Report(text)) for n, text in enumerate(TEXTS * 3)]
    return Examples(films, studies, collect_sentences(studies), pseudo_labels, hinted_fraction=0.3)


def image_of(base, batch):
    """Random image tokens, as many as the batch's films need."""
    torch.manual_seed(0)
    tokens = base.num_query_tokens * len(batch.films[0])
    return torch.randn(len(batch.films), tokens, base.model.config.text_config.hidden_size)


def test_the_tokens_of_questions_weigh_little(base, examples):
    """Where a finding is and how it has changed weigh most, those of a question little, and their beginning nothing."""
    batch = make_batch(base, examples, examples.draw(6, SEED), TINY.questions, SEED)
    firsts = accumulate((int(packed.continuation[-1]) + 1 for packed in batch.packed), initial=0)
    owner = torch.cat([packed.continuation + first for packed, first in zip(batch.packed, firsts, strict=False)])
    in_question = torch.isin(owner, batch.questions.flatten())
    assert len(batch.packed) > 1
    assert set(batch.weights[in_question].tolist()) == {0.0, QUESTION_WEIGHT}
    for each in batch.questions.flatten():
        weights = batch.weights[owner == each].tolist()
        assert (weights[0], weights[-1]) == (0.0, QUESTION_WEIGHT)
    assert set(batch.weights[~in_question].tolist()) <= {1.0, PLACE_WEIGHT, CHANGE_WEIGHT}
    assert (batch.weights[~in_question] > 1).any()


def test_a_question_that_is_answered_with_the_log_odds_asked_for_costs_nothing(base, examples):
    """The margin between its two sentences is what is compared with the log odds, in nats."""
    batch = make_batch(base, examples, examples.draw(6, SEED), TINY.questions, SEED)
    image = image_of(base, batch)
    with torch.inference_mode():
        first, second = batch.log_likelihoods(batch.token_losses(base.model, image))[batch.questions].unbind(1)
        exactly = replace(batch, log_odds=first - second).losses(base.model, image)
        off = replace(batch, log_odds=first - second + 3.0).losses(base.model, image)
    assert exactly["graded"].item() == pytest.approx(0.0, abs=1e-4)
    assert off["graded"].item() == pytest.approx(2.5, abs=1e-3)


def test_every_few_lessons_are_of_studies_with_a_prior_film(base, examples):
    """Their image tokens are those of two films; the others have one film each."""
    numbers = []
    for step in range(2 * PRIOR_EVERY):
        batch = make_batch(base, examples, draw_examples(examples, 4, step, (0, 3, step)), TINY.questions, SEED)
        numbers.append({len(films) for films in batch.films})
    assert numbers == [{2} if step % PRIOR_EVERY == PRIOR_EVERY - 1 else {1} for step in range(2 * PRIOR_EVERY)]
