"""Batches of examples: reports token by token, and beside them questions in nats."""

from dataclasses import replace

import pytest
import torch

from clinicalblip.instructblip.base import load_base
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.connect.example_batch import CHANGE_WEIGHT, FINDING_WEIGHT, PLACE_WEIGHT, PRIOR_EVERY, make_batch
from research.mini.recipe import TINY
from research.mini.reports.examples import Examples
from research.mini.reports.sentences import collect_sentences
from tests.fixtures.tiny_instructblip import make_tiny_base

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


def test_the_tokens_of_questions_are_not_learnt_as_reports(base, examples):
    """Only a report's tokens weigh, and those of its affirming sentences weigh more."""
    batch = make_batch(base, examples, 6, TINY, (0, 3, 0))
    in_question = torch.isin(batch.packed.continuation, batch.questions.flatten())
    assert (batch.weights[in_question] == 0).all()
    assert set(batch.weights[~in_question].tolist()) <= {1.0, FINDING_WEIGHT, PLACE_WEIGHT, CHANGE_WEIGHT}
    assert (batch.weights[~in_question] > 1).any()


def test_a_question_that_is_answered_with_the_log_odds_asked_for_costs_nothing(base, examples):
    """The margin between its two sentences is what is compared with the log odds, in nats."""
    batch = make_batch(base, examples, 6, TINY, (0, 3, 0))
    image = image_of(base, batch)
    with torch.inference_mode():
        likelihoods = batch.packed.log_likelihoods(batch.packed.token_losses(base.model, image))
        first, second = likelihoods[batch.questions].unbind(1)
        exactly = replace(batch, log_odds=first - second).losses(base.model, image)
        off = replace(batch, log_odds=first - second + 3.0).losses(base.model, image)
    assert exactly["graded"].item() == pytest.approx(0.0, abs=1e-4)
    assert off["graded"].item() == pytest.approx(2.5, abs=1e-3)


def test_every_few_lessons_are_of_studies_with_a_prior_film(base, examples):
    """Their image tokens are those of two films; the others have one film each."""
    batches = [make_batch(base, examples, 4, TINY, (0, 3, step)) for step in range(2 * PRIOR_EVERY)]
    numbers = [{len(films) for films in batch.films} for batch in batches]
    assert numbers == [{2} if step % PRIOR_EVERY == PRIOR_EVERY - 1 else {1} for step in range(2 * PRIOR_EVERY)]
