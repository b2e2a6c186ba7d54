"""What became of a draft's sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.feedback.sentence_fates import sentence_fates
from clinicalblip.labeler import sentences
from clinicalblip.radiology.sentence_review import SentenceFate

KEPT, EDITED, DROPPED = SentenceFate.KEPT, SentenceFate.EDITED, SentenceFate.DROPPED
DRAFT = "The heart is enlarged. Lungs are clear. No pleural effusion. No pneumothorax is seen."


def fates(draft: str, final: str) -> list[tuple[str, SentenceFate, str | None]]:
    """Each sentence of the draft, what became of it, and into what."""
    return [
        (
            draft[each.before.start : each.before.end],
            each.fate,
            final[each.after.start : each.after.end] if each.after else None,
        )
        for each in sentence_fates(draft, final).draft
    ]


def own(draft: str, final: str) -> list[str]:
    """The reader's own sentences."""
    return [final[each.start : each.end] for each in sentence_fates(draft, final).own]


def test_a_draft_that_nobody_touched_is_kept() -> None:
    """Every sentence, and none is the reader's own."""
    assert [fate for _, fate, _ in fates(DRAFT, DRAFT)] == [KEPT] * 4
    assert own(DRAFT, DRAFT) == []


def test_a_sentence_that_stands_elsewhere_is_kept() -> None:
    """Sentences are matched by what they say, not by where they stand."""
    moved = "No pneumothorax is seen. No pleural effusion.\n\nLungs are clear; the heart is enlarged."
    assert [fate for _, fate, _ in fates(DRAFT, moved)] == [KEPT] * 4


def test_dropped_edited_and_own_sentences_are_told_apart() -> None:
    """One goes, one is turned round, one comes."""
    final = "The heart is enlarged. No pneumothorax is seen. Small left pleural effusion. Old right rib fractures."
    assert fates(DRAFT, final) == [
        ("The heart is enlarged.", KEPT, "The heart is enlarged."),
        ("Lungs are clear.", DROPPED, None),
        ("No pleural effusion.", EDITED, "Small left pleural effusion."),
        ("No pneumothorax is seen.", KEPT, "No pneumothorax is seen."),
    ]
    assert own(DRAFT, final) == ["Old right rib fractures."]


@pytest.mark.parametrize(
    ("draft", "final"),
    [
        ("No pneumothorax is seen.", "No effusion is seen."),
        ("The heart is enlarged.", "The aorta is tortuous and the hila are full."),
        ("There is a right chest tube.", "There is a right pneumothorax."),
    ],
)
def test_sentences_about_something_else_did_not_become_one_another(draft: str, final: str) -> None:
    """However many words they share."""
    assert fates(draft, final) == [(draft, DROPPED, None)]
    assert own(draft, final) == [final]


@pytest.mark.parametrize(
    ("draft", "final"),
    [
        ("There is an opacity at the left base.", "Consolidation at the left base."),
        ("Trace left pleural effusion.", "Small effusion on the left."),
        ("Right lower lobe pneumonia.", "Right lower lobe consolidation, which may be infection."),
        ("Stable cardiomegaly.", "Cardiomegaly."),
        ("Moderate right effusion.", "Moderate left effusion."),
    ],
)
def test_a_finding_said_otherwise_is_an_edit(draft: str, final: str) -> None:
    """More or less specific, on another side, in other words."""
    assert fates(draft, final) == [(draft, EDITED, final)]


def test_two_sentences_that_were_joined_are_both_edited() -> None:
    """Neither is dropped: their words stand in the one that came of them."""
    final = "Lungs are clear, no pleural effusion, and no pneumothorax is seen. The heart is enlarged."
    assert [fate for _, fate, _ in fates(DRAFT, final)] == [KEPT, EDITED, EDITED, EDITED]
    assert own(DRAFT, final) == []


def test_an_answer_that_was_turned_round_is_an_edit() -> None:
    """Signs are words here: they say what is there."""
    assert [fate for _, fate, _ in fates("Effusion (-)", "Effusion (+)")] == [EDITED]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_emptied_report_drops_everything(text: str) -> None:
    """Nothing is matched with nothing."""
    assert [fate for _, fate, _ in fates(DRAFT, text)] == [DROPPED] * 4
    assert sentence_fates(text, "").draft == ()


SENTENCES = st.sampled_from(
    [*(f"{sentence}." for sentence in DRAFT.rstrip(".").split(". ")), "Nothing else.", "Herz nicht vergrößert."]
)


@given(st.lists(SENTENCES, max_size=8).map(" ".join), st.lists(SENTENCES, max_size=8).map(" ".join))
def test_every_sentence_has_one_fate(draft: str, final: str) -> None:
    """Kept ones stand in both; each of the reader's sentences came of one of the draft's, or is the reader's own."""
    found = sentence_fates(draft, final)
    kept = [draft[each.before.start : each.before.end] for each in found.draft if each.fate is KEPT]
    assert all(final.count(sentence) >= 1 for sentence in kept)
    assert all((each.after is None) == (each.fate is DROPPED) for each in found.draft)
    became = {each.after for each in found.draft if each.after}
    assert became.isdisjoint(found.own)
    assert became | {*found.own} == {*sentences(final)}
