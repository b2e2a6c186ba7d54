"""Sentences that name a button call it as the page does."""

import re
from dataclasses import fields

import pytest

from clinicalblip.screening.wording import PAGE
from clinicalblip.web import wording


@pytest.mark.parametrize("sentence", [slot.name for slot in fields(PAGE)])
def test_what_screening_tells_a_reader_to_press_is_on_the_page(sentence: str) -> None:
    """Each quoted label is a button of the page; of one with a number in it, the word before the number."""
    labels = {text for text in vars(wording).values() if isinstance(text, str)} | {wording.MASK_TEXT.split(" {")[0]}
    quoted = re.findall("“(.+?)”", getattr(PAGE, sentence))
    assert set(quoted) <= labels
    assert quoted or "press" not in getattr(PAGE, sentence)
