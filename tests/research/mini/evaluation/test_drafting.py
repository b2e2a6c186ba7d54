"""Drafts are written once and kept."""

import numpy as np
import pytest

from clinicalblip.radiology.report import ClinicalContext
from research.mini.evaluation import drafting
from research.mini.evaluation.drafting import Drafter

FILMS = [np.full((2, 2), n / 4, dtype=np.float32) for n in range(4)]


@pytest.fixture
def written(monkeypatch):
    """What the model was asked for, a prompt and its first film's grey each; its answer is both."""
    asked = []

    def generate(base, model, films, prompts, tokens):
        assert len({len(study) for study in films}) == 1
        answers = [f"{len(study)} {study[0][0, 0]} {prompt}" for study, prompt in zip(films, prompts, strict=True)]
        asked.extend(answers)
        return answers

    monkeypatch.setattr(drafting, "generate", generate)
    return asked


def test_what_is_kept_is_not_drafted_again(written, tmp_path):
    """Neither by another drafter of the same name, nor twice in one call; another model, hint or film is."""
    kept = tmp_path / "drafts.jsonl"
    first = Drafter(None, None, "a", kept=kept).draft([[FILMS[0]], [FILMS[1]], [FILMS[0]]])
    assert len(written) == 2
    assert first[0] == first[2] != first[1]
    assert Drafter(None, None, "a", kept=kept).draft([[FILMS[1]], [FILMS[0]]]) == [first[1], first[0]]
    assert len(written) == 2
    Drafter(None, None, "b", kept=kept).draft([[FILMS[0]]])
    Drafter(None, None, "a", kept=kept).draft([[FILMS[0]]], [ClinicalContext(hints="ptx")])
    Drafter(None, None, "a", kept=kept).draft([[FILMS[0], FILMS[1]]])
    assert len(written) == 5


def test_drafts_come_in_the_studies_order(written):
    """Studies of one and of two films are drafted apart, and come back where they belong."""
    studies = [[FILMS[0], FILMS[1]], [FILMS[2]], [FILMS[3], FILMS[0]], [FILMS[1]]]
    drafts = Drafter(None, None, "a").draft(studies)
    assert [draft.split()[:2] for draft in drafts] == [["2", "0.0"], ["1", "0.5"], ["2", "0.75"], ["1", "0.25"]]


def test_a_line_that_was_cut_off_is_drafted_again(written, tmp_path):
    """A process that was killed while it wrote leaves half a line."""
    kept = tmp_path / "drafts.jsonl"
    (text,) = Drafter(None, None, "a", kept=kept).draft([[FILMS[0]]])
    kept.write_text(kept.read_text()[:-9])
    assert Drafter(None, None, "a", kept=kept).draft([[FILMS[0]]]) == [text]
    assert len(written) == 2
