"""Typing errors are put right where one error explains them, and words that are right stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.labeler.normalized_text import NormalizedText
from clinicalblip.labeler.spelling import correct as correct_words


def correct(text: str) -> str:
    """The corrected words of a text of one line."""
    return correct_words(NormalizedText(text, range(len(text)), range(1, len(text) + 1))).text


MEANT = {
    "pneumothroax": "pneumothorax",
    "pnemothorax": "pneumothorax",
    "effussion": "effusion",
    "efusions": "effusions",
    "atelectais": "atelectasis",
    "cardiomegally": "cardiomegaly",
    "consolodation": "consolidation",
    "edmea": "edema",
    "nodlue": "nodule",
}


@pytest.mark.parametrize("typed", MEANT)
def test_one_error_is_put_right(typed: str) -> None:
    """A letter too many, too few or wrong, or two swapped, in a sentence as alone."""
    assert correct(typed) == MEANT[typed]
    assert correct(f"no {typed}, small") == f"no {MEANT[typed]}, small"


@pytest.mark.parametrize(
    "word",
    [
        "infusion",
        "diffusion",
        "enema",
        "empyema",
        "module",
        "capacity",
        "pleura",
        "pneumonic",
        "fractured",
        "opacified",
    ],
)
def test_another_word_stays(word: str) -> None:
    """A word that looks like a finding's name and is none, or is a form of it, is left as it is."""
    assert correct(word) == word


@given(st.text(max_size=200))
def test_what_was_put_right_stays(text: str) -> None:
    """Correcting twice is correcting once, whatever the text."""
    once = correct(text)
    assert correct(once) == once
