"""What a reader did with a draft, as the page holds it."""

import json
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.proofreading import ReportContext
from clinicalblip.radiology.check_outcome import Check, CheckOutcome
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, Significance
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate
from clinicalblip.web import wording
from clinicalblip.web.correction import Correction, check_outcomes, correct, remark_keys

DRAFT = Report("Small left effusion. The heart is enlarged.", "Left effusion.")
ID = "d" * 32


def read(**message: Any) -> Correction:
    """What the page says of the draft."""
    return Correction.read(json.dumps({"draft": ID, **message}), ID, DRAFT)


def test_nothing_was_done_yet() -> None:
    """An empty box, or one about another draft."""
    assert Correction.read("", ID, DRAFT) == Correction(ID)
    other = json.dumps({"draft": "e" * 32, "dismissed": ["says_and_denies:findings::1"]})
    assert Correction.read(other, ID, DRAFT) == Correction(ID)


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        '{"draft": 1}',
        json.dumps({"draft": ID, "more": 1}),
        json.dumps({"draft": ID, "sentences": {"findings:0": "magic"}}),
        json.dumps({"draft": ID, "errors": {"k": {"state": "confirmed", "significance": "huge"}}}),
        json.dumps({"draft": ID, "named": [{"category": "location", "section": "findings", "start": 5, "end": 900}]}),
        json.dumps({"draft": ID, "named": [{"category": "location", "section": "history", "start": 0, "end": 3}]}),
        json.dumps(
            {"draft": ID, "named": [{"category": "missing finding", "section": "findings", "start": 0, "end": 3}]}
        ),
        json.dumps({"draft": ID, "dismissed": ["x" * 5000]}),
        "[" * 100_000,
        " " * 300_000 + "{}",
    ],
)
def test_what_no_page_of_ours_sends_is_one_sentence(message: str) -> None:
    """Other places than the draft has, other words, too much."""
    with pytest.raises(ReviewNotSaved, match="could not be read"):
        Correction.read(message, ID, DRAFT)
    assert wording.CORRECTION_UNREADABLE.count(".") == 1


@drawn(st.text(max_size=200))
def test_any_other_text_is_refused(text: str) -> None:
    """By nothing but that sentence."""
    if text.strip():
        with pytest.raises(ReviewNotSaved):
            Correction.read(text, ID, DRAFT)


def test_each_sentence_has_its_fate_and_what_decided_it() -> None:
    """What was typed over was decided by typing, what nobody touched by nothing, the rest by what the page says."""
    final = Report("Small right effusion. Old rib fracture.", "Left effusion.")
    correction = read(sentences={"findings:21": "key", "impression:0": "rest at once"})
    corrected = correct(DRAFT, final, ReportContext(), correction)
    assert [(each.section, each.start, each.fate, each.decided_by) for each in corrected.sentences] == [
        (Section.FINDINGS, 0, SentenceFate.EDITED, DecidedBy.TYPING),
        (Section.FINDINGS, 21, SentenceFate.DROPPED, DecidedBy.KEY),
        (Section.FINDINGS, None, None, None),
        (Section.IMPRESSION, 0, SentenceFate.KEPT, DecidedBy.REST),
    ]


def test_a_proposed_error_is_the_readers_once_it_is_confirmed() -> None:
    """Until then it is known to have been proposed; an error of another category is a changed one."""
    final = Report("Small left effusion.", "Left effusion.")
    ((key, proposed),) = correct(DRAFT, final, ReportContext(), read()).proposals
    assert (proposed.category, proposed.state) == (ErrorCategory.FALSE_FINDING, ErrorState.IGNORED)

    def answered(**answer: Any) -> tuple[ErrorCategory, ErrorState, Significance | None]:
        (error,) = correct(DRAFT, final, ReportContext(), read(errors={key: answer})).errors
        return error.category, error.state, error.significance

    false, certainty = ErrorCategory.FALSE_FINDING, ErrorCategory.CERTAINTY
    assert answered(state="confirmed", significance="benign") == (false, ErrorState.CONFIRMED, Significance.BENIGN)
    assert answered(state="discarded") == (false, ErrorState.DISCARDED, None)
    assert answered(state="confirmed", category="certainty") == (certainty, ErrorState.CHANGED, None)
    assert answered(state="confirmed", significance="negligible") == (false, ErrorState.CONFIRMED, None)
    assert answered(state="confirmed", category="missing finding") == (false, ErrorState.CONFIRMED, None)


def test_an_error_that_is_named_by_hand_stands_beside_those_proposed() -> None:
    """With the passage that was selected."""
    named = {"category": "severity", "section": "findings", "start": 0, "end": 5, "significance": "significant"}
    (error,) = correct(DRAFT, DRAFT, ReportContext(), read(named=[named])).errors
    assert (error.origin, error.state, error.start, error.end) == (ErrorOrigin.BY_HAND, ErrorState.CONFIRMED, 0, 5)


def test_remarks_keep_their_names_while_text_before_them_is_typed() -> None:
    """So that one that was put aside stays aside."""
    final = Report("No effusion. Small left effusion. XXXX")
    longer = Report("The bones are intact. " + final.findings)
    keys = [remark_keys(correct(DRAFT, each, ReportContext(), read()).remarks) for each in (final, longer)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 2


def test_checks_are_counted_as_shown_and_dismissed() -> None:
    """Each place once; what is no check is not counted."""
    shown = ["says_and_denies:findings::1", "says_and_denies:findings::2", "placeholder_left:findings::1", "other:1"]
    correction = read(shown=[*shown, shown[0]], dismissed=[shown[1]])
    assert check_outcomes(correction) == (
        CheckOutcome(Check.SAYS_AND_DENIES, 2, 1),
        CheckOutcome(Check.PLACEHOLDER_LEFT, 1, 0),
    )
