"""A sentence's fate fits the places it names."""

from typing import Any

import pytest

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate, SentenceReview


def _sentence(**changes: Any) -> SentenceReview:
    values: dict[str, Any] = {
        "section": Section.FINDINGS,
        "start": 0,
        "end": 13,
        "fate": SentenceFate.KEPT,
        "final_start": 4,
        "final_end": 17,
        "decided_by": DecidedBy.KEY,
    }
    return SentenceReview(**values | changes)


def test_a_sentence_without_a_place_in_the_draft_is_the_readers_own() -> None:
    """It has no fate, and all others have one."""
    assert _sentence(start=None, end=None, fate=None).added
    assert not _sentence().added


def test_a_dropped_sentence_has_no_place_in_the_final_report() -> None:
    """The others have one."""
    assert _sentence(fate=SentenceFate.DROPPED, final_start=None, final_end=None).final_start is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"section": Section.INDICATION}, "no section"),
        ({"start": 3, "end": 3}, "a span is two whole numbers"),
        ({"start": -1}, "a span is two whole numbers"),
        ({"final_start": 20}, "a span is two whole numbers"),
        ({"start": 0.0}, "a span is two whole numbers"),
        ({"start": False}, "a span is two whole numbers"),
        ({"start": None}, "or neither"),
        ({"final_end": None}, "or neither"),
        ({"start": None, "end": None}, "of the reader's own has none"),
        ({"fate": None}, "of the reader's own has none"),
        ({"fate": SentenceFate.DROPPED}, "unless it was dropped"),
        ({"final_start": None, "final_end": None}, "unless it was dropped"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    """Half a span, a span of nothing, a fate without a sentence, a sentence without a fate."""
    with pytest.raises(ValueError, match=said):
        _sentence(**changes)
