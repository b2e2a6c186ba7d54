"""Drafts that are written with a book of drafts: the same words in fewer passes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.book.draft_book import BookAbout, DraftBook
from clinicalblip.instructblip.book.ngrams import TokenText, count_continuations
from clinicalblip.instructblip.engine.batch import DraftBatch
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Generation
from clinicalblip.instructblip.engine.language_model import BatchedLanguageModel
from clinicalblip.instructblip.engine.pass_cost import PassCost
from clinicalblip.radiology.draft import GenerationOptions
from tests.instructblip.engine.test_engine import OPTIONS, by_generate, loaded, study

FREE = PassCost({1: {1: 1.0, 16: 1.0}})
"""All that is proposed is tried: tokens of a pass cost nothing."""


def book_of(texts: Sequence[Sequence[int]]) -> DraftBook:
    """A book of texts."""
    counted = count_continuations([TokenText(tuple(text), str(number)) for number, text in enumerate(texts)])
    return DraftBook(BookAbout("words", len(texts), ("drafts",)), counted, counted.keys[:0])


def engine_of(base: Base, book: DraftBook | None, options: GenerationOptions = OPTIONS, *, size: int = 4) -> Engine:
    """An engine that drafts with a book, whatever a pass costs."""
    model = replace(loaded(base), book=book)
    return Engine(lambda: model, options, size=size, timeout=60.0, rehearses=False)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The most tokens a row of each pass, in order; each costs the same."""
    counted: list[int] = []
    step = BatchedLanguageModel.step

    def counting(self: BatchedLanguageModel, token_ids: Sequence[Sequence[int]]) -> torch.Tensor:
        counted.append(max(len(row) for row in token_ids))
        return step(self, token_ids)

    monkeypatch.setattr(BatchedLanguageModel, "step", counting)
    monkeypatch.setattr("clinicalblip.instructblip.engine.batch.UNMEASURED", FREE)
    return counted


def test_a_draft_that_stands_in_the_book_takes_a_tenth_of_the_passes(tiny_llama_base: Base, passes: list[int]) -> None:
    """And has the words that it has without."""
    base, generation = tiny_llama_base, study(tiny_llama_base, 3)
    words = by_generate(base, study(base, 3))
    (progress,) = engine_of(base, book_of([words])).write_all([generation])
    assert progress.token_ids == words[: len(progress.token_ids)]
    assert len(passes) <= 3 < 20 <= len(progress.token_ids)


@pytest.mark.parametrize("right", range(0, 20))
def test_words_are_the_same_wherever_a_draft_leaves_the_book(
    tiny_llama_base: Base, passes: list[int], right: int
) -> None:
    """The book knows so many tokens of it, and other ones from there."""
    base = tiny_llama_base
    words = by_generate(base, study(base, 5))
    wrong = [(token + 1 + place) % 40 + 4 for place, token in enumerate(words[right:])]
    (progress,) = engine_of(base, book_of([[*words[:right], *wrong]])).write_all([study(base, 5)])
    assert progress.token_ids == words[: len(progress.token_ids)]
    assert passes


@pytest.mark.parametrize(
    "options",
    [
        OPTIONS,
        GenerationOptions(24, temperature=1.0),
        GenerationOptions(24, temperature=0.7, top_p=0.9),
        GenerationOptions(24, repetition_penalty=1.3),
        GenerationOptions(24, finding_bias=2.0),
    ],
    ids=["greedy", "sampled", "top_p", "penalty", "bias"],
)
def test_in_company_and_however_words_are_chosen_they_are_the_same(
    tiny_llama_base: Base, passes: list[int], options: GenerationOptions
) -> None:
    """Ten drafts together, of which the book has some, in part or not at all: those of an engine without a book."""
    base = tiny_llama_base
    without = engine_of(base, None, options, size=4).write_all([study(base, number) for number in range(10)])
    alone = len(passes)
    texts = [each.token_ids for each in without]
    book = book_of([*texts[:4], *(text[: len(text) // 2] for text in texts[4:7])])
    found = engine_of(base, book, options, size=4).write_all([study(base, number) for number in range(10)])
    assert [each.token_ids for each in found] == texts
    assert [(each.looping, each.stopped) for each in found] == [(each.looping, each.stopped) for each in without]
    assert len(passes) - alone < alone


def test_a_reader_sees_each_word_once_and_the_text_only_grows(tiny_llama_base: Base, passes: list[int]) -> None:
    """Words come in groups."""
    base = tiny_llama_base
    words = by_generate(base, study(base, 3))
    steps = [each.token_ids for each in engine_of(base, book_of([words])).stream(study(base, 3))]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(steps))
    assert any(len(later) > len(earlier) + 1 for earlier, later in pairwise(steps))


def test_a_draft_is_never_longer_than_it_may_be(tiny_llama_base: Base, passes: list[int]) -> None:
    """Nothing is proposed past the longest report."""
    base, options = tiny_llama_base, GenerationOptions(max_new_tokens=9)
    words = by_generate(base, study(base, 3))
    (progress,) = engine_of(base, book_of([words]), options).write_all([study(base, 3)])
    assert progress.token_ids == words[:9]
    assert max(passes) <= 8


def test_sampled_words_are_as_likely_as_the_model_says(tiny_llama_base: Base) -> None:
    """A chi-square test on the second token of 600 drafts, whose likeliest values the book proposes."""
    base, options = tiny_llama_base, GenerationOptions(max_new_tokens=3, temperature=0.02)
    films = study(base, 3).films
    drafts = [Generation(films, "Report:", seed) for seed in range(600)]
    first = by_generate(base, Generation(films, "Report:", 0), replace(options, temperature=0.0))
    ends = engine_of(base, book_of([first]), options, size=16).write_all(drafts)
    others = engine_of(base, None, options, size=16).write_all(
        [Generation(films, "Report:", 10_000 + seed) for seed in range(600)]
    )
    with_book, without = (Counter(each.token_ids[1] for each in found) for found in (ends, others))
    common = [token for token, count in without.most_common() if count >= 15]
    found = np.array([*(with_book[token] for token in common), 0], dtype=float)
    wanted = np.array([*(without[token] for token in common), 0], dtype=float)
    found[-1], wanted[-1] = 600 - found.sum(), 600 - wanted.sum()
    kept = wanted > 0
    assert len(common) >= 2
    # Both are samples, so that their difference has twice the variance of one.
    assert chisquare(found[kept] / 2, wanted[kept] * found[kept].sum() / wanted[kept].sum() / 2).pvalue > 1e-4


def test_a_draft_goes_on_elsewhere_with_its_own_random_numbers(tiny_llama_base: Base) -> None:
    """One that is begun after words that were sampled before ends as it would have."""
    base, options = tiny_llama_base, GenerationOptions(24, temperature=1.0)
    (whole,) = engine_of(base, None, options).write_all([study(base, 3)])
    rest = study(base, 3)
    rest.written.extend(whole.token_ids[:10])
    (progress,) = engine_of(base, None, options).write_all([rest])
    assert progress.token_ids == whole.token_ids


def test_passes_are_measured_before_the_first_draft_and_leave_no_trace(tiny_llama_base: Base) -> None:
    """Rows are free again, and a draft has the words that it has without."""
    base = tiny_llama_base
    words = by_generate(base, study(base, 3))
    batch = DraftBatch(base, base.model, OPTIONS, 4, book=book_of([words]))
    with torch.inference_mode():
        batch.rehearse()
        batch.measure()
        assert not batch.generations
        generation = study(base, 3)
        batch.join([generation])
        while batch:
            batch.step()
    assert tuple(generation.written) == words[: len(generation.written)]
