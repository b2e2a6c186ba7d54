"""How a study was read: kept only with its own consent, erased with it, and refused where it cannot be so."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.proofreading import ReportContext
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import DecidedBy
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import wording
from clinicalblip.web.correction import CorrectedReport, Correction, correct
from clinicalblip.web.reading import MOST_CHARACTERS, read_reading
from tests.fixtures.walked_page import WalkedPage

DRAFT = Report("The heart is normal. Large left effusion.", "Follow up.")
FINAL = Report("The heart is normal.", "Follow up.")
LENGTH = len(FINAL.findings) + len(FINAL.impression)
KEPT = {**dict.fromkeys(Origin, 0), Origin.KEPT: LENGTH}
TIMES: dict[str, Any] = {"saved_seconds": 60, "active_seconds": 40.5}


def corrected(final: Report = FINAL, **decided: Any) -> CorrectedReport:
    """The draft beside a report."""
    given_with = ReportContext(ClinicalContext(), False, Report(), DRAFT)
    return correct(DRAFT, final, given_with, Correction("draft", decided))


CORRECTED = corrected()


def read(said: Any, **changes: Any) -> Reading | None:
    """What a message says of a review that accepts the draft."""
    given = {"corrected": CORRECTED, "characters": KEPT, "verdict": Verdict.ACCEPTED, "final": FINAL} | changes
    text = said if isinstance(said, str) else json.dumps(said)
    return read_reading(text, "draft", draft=DRAFT, **given)


def test_a_message_becomes_a_reading() -> None:
    """Times belong to the sentences and errors that their keys name, in the review's order."""
    report = corrected(**{"findings:0": DecidedBy.KEY})
    (key, _), *others = report.proposals
    reading = read(
        TIMES
        | {
            "draft": "draft",
            "first_word_seconds": 2,
            "draft_ended_seconds": 5.5,
            "sentence_seconds": {"findings:0": 20, "findings:21": 31.5, "impression:900": 9},
            "error_seconds": {key: 40, "of another edit": 3},
            "verdict_seconds": 55,
            "reference_opened_seconds": 35,
            "windows": 2,
            "zooms": 1,
            "prior_viewed": False,
        },
        corrected=report,
    )
    assert reading is not None
    assert reading.sentence_seconds == (20, 31.5, None)
    assert reading.error_seconds == (40, *[None] * len(others))
    assert (reading.characters_kept, reading.characters_typed, reading.prior_viewed) == (LENGTH, 0, False)
    assert reading.answers_after_reference == 2
    assert not reading.never_zoomed
    assert not reading.interrupted


def test_nothing_said_is_no_reading() -> None:
    """Nor is what the page has of another draft."""
    assert read("") is None
    assert read(TIMES | {"draft": "another"}) is None


@pytest.mark.parametrize(
    "said",
    [
        "no JSON",
        "[]",
        {},
        TIMES | {"saved_seconds": -1},
        TIMES | {"saved_seconds": "60"},
        TIMES | {"saved_seconds": True},
        TIMES | {"saved_seconds": 1e300},
        '{"saved_seconds": NaN, "active_seconds": 1}',
        TIMES | {"active_seconds": 61},
        TIMES | {"verdict_seconds": 61},
        TIMES | {"sentence_seconds": {"findings:0": 61}},
        TIMES | {"first_word_seconds": 9, "draft_ended_seconds": 8},
        TIMES | {"windows": 1.5},
        TIMES | {"zooms": -1},
        TIMES | {"prior_viewed": "yes"},
        TIMES | {"note": "the patient said"},
        TIMES | {"never_zoomed": False},
        TIMES | {"characters": {"kept": LENGTH}},
        TIMES | {"sentence_seconds": {"x" * 200: 1}},
        " " * MOST_CHARACTERS + "{}",
    ],
)
def test_what_cannot_be_is_refused(said: Any) -> None:
    """In one sentence, whatever is wrong: kind, range, order, a name that there is not."""
    with pytest.raises(ReviewNotSaved, match=wording.READING_UNREADABLE[:30]):
        read(said)


def test_a_program_counts_the_characters_itself() -> None:
    """They have to sum to those of the report; without them it is refused."""
    said = TIMES | {"characters": {"typed": 4, "kept": LENGTH - 4}}
    reading = read(said, characters=None)
    assert reading is not None
    assert (reading.characters_typed, reading.characters_kept) == (4, LENGTH - 4)
    for wrong in (TIMES, TIMES | {"characters": {"typed": 4}}, TIMES | {"characters": {"typed": -4}}):
        with pytest.raises(ReviewNotSaved):
            read(wrong, characters=None)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda one: (
        st.lists(one, max_size=3)
        | st.dictionaries(st.sampled_from([*TIMES, "draft", "characters", "zooms"]), one, max_size=4)
    ),
    max_leaves=6,
)


@given(json_values)
def test_any_json_is_read_or_refused(said: Any) -> None:
    """Never anything else."""
    with suppress(ReviewNotSaved):
        read(said)


def test_flags_say_what_they_are_called() -> None:
    """Faster than 300 words a minute from the draft's end; all by one key; the film never enlarged."""
    at_once = corrected(DRAFT, **dict.fromkeys(("findings:0", "findings:21", "impression:0"), DecidedBy.REST))
    whole = {
        "final": DRAFT,
        "characters": {**dict.fromkeys(Origin, 0), Origin.KEPT: sum(map(len, (DRAFT.findings, DRAFT.impression)))},
    }
    times = TIMES | {"draft_ended_seconds": 10, "first_word_seconds": 8}
    words = 9  # of the draft, which nobody reads within 1.8 seconds
    for decided, faster in ((10.2, True), (10 + words / 5 - 0.1, True), (10 + words / 5 + 0.1, False), (50, False)):
        said = times | {"sentence_seconds": {"findings:0": 10.1}, "verdict_seconds": decided}
        reading = read(said, corrected=at_once, **whole)
        assert reading is not None
        assert reading.accepted_faster_than_readable is faster
        assert (reading.accepted_all_at_once, reading.never_zoomed) == (True, True)
    quick = times | {"verdict_seconds": 10.2}
    for changes in ({"verdict": Verdict.MINOR_EDITS}, {"was_open_before": True}):
        reading = read(quick, **changes)
        assert reading is not None
        assert not reading.accepted_faster_than_readable
        assert not reading.accepted_all_at_once
    reading = read(quick | {"interrupted": True})
    assert reading is not None
    assert (reading.interrupted, reading.never_zoomed, reading.accepted_faster_than_readable) == (True, False, False)


@pytest.fixture
def page(walked: WalkedPage, film_bytes: bytes) -> WalkedPage:
    """A page with a draft, rated."""
    walked.upload(film_bytes)
    walked.draft()
    walked.rate()
    return walked


def save(page: WalkedPage, *, tick: bool, consent: bool = False, overall: int = 4, **said: Any) -> None:
    """Save as the page does: what it knows of the reading is in the form only with the tick."""
    review = page.components.review
    page.rate(overall, consent=consent)
    reading = json.dumps(TIMES | {"draft": page.value(page.components.ai_draft.draft_id)} | said)
    page.values |= {review.reading_consent: tick, review.reading: reading}
    page.save()


def test_without_the_tick_nothing_of_it_is_kept(page: WalkedPage, store: ReviewStore) -> None:
    """Even where the page would send it; with the tick it is, and what the history knows of the characters."""
    save(page, tick=False)
    (row,) = store.reviews()
    assert (row.reading, row.reading_consented) == (None, False)
    page.type(page.components.report.findings, page.value(page.components.report.findings) + " Mine.")
    save(page, tick=True)
    row = list(store.reviews())[-1]
    assert row.reading is not None
    assert (row.reading_consented, row.consented) == (True, False)
    final = page.value(page.components.report.findings) + page.value(page.components.report.impression)
    assert row.reading.characters_typed == len(" Mine.")
    assert row.reading.characters_kept == len(final) - len(" Mine.")
    assert len(row.reading.sentence_seconds) == len(row.sentences)


def test_it_is_erased_when_its_consent_is_withdrawn(page: WalkedPage, store: ReviewStore) -> None:
    """Of all versions, and that is said; the words that are still consented to are kept with the new version."""
    save(page, tick=True, consent=True)
    save(page, tick=True, consent=True, overall=3)
    save(page, tick=False, consent=True, overall=3)
    rows = list(store.reviews())
    assert [row.reading for row in rows] == [None] * 3
    assert [row.texts is not None for row in rows] == [False, False, True]
    said = wording.SAVED_WITHOUT_READING.format(id=rows[2].id, replaces=rows[1].id)
    assert said in str(page.value(page.components.review.saved))


def test_saved_again_unchanged_it_is_the_reading_of_the_first_time(page: WalkedPage, store: ReviewStore) -> None:
    """Time goes on, the review is the same."""
    save(page, tick=True)
    save(page, tick=True, saved_seconds=90)
    (row,) = store.reviews()
    assert row.reading is not None
    assert row.reading.saved_seconds == 60


def test_a_save_that_is_tried_again_is_of_the_first_time(
    page: WalkedPage, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have reached the disk: then it is the same review, and no other one under its name."""
    add = ReviewStore.add

    def kept_and_lost(self: ReviewStore, review: Any) -> str:
        add(self, review)
        raise ReviewNotSaved("The review was not saved (the server was ended).")

    with monkeypatch.context() as failing:
        failing.setattr(ReviewStore, "add", kept_and_lost)
        save(page, tick=True)
    save(page, tick=True, saved_seconds=75)
    (row,) = store.reviews()
    assert row.reading is not None
    assert row.reading.saved_seconds == 60


def test_what_does_not_fit_is_refused_and_nothing_is_lost(page: WalkedPage, store: ReviewStore) -> None:
    """One sentence; without the tick the review is saved."""
    save(page, tick=True, active_seconds=100)
    assert wording.READING_UNREADABLE in page.text
    assert list(store.reviews()) == []
    save(page, tick=False, active_seconds=100)
    assert len(list(store.reviews())) == 1


def test_a_study_that_is_opened_again_is_marked(walked: WalkedPage, store: ReviewStore) -> None:
    """What was read of it before is not in the times."""
    for number in (1, 2, 1):
        walked.list("open", number=number)
    walked.draft()
    save(walked, tick=True)
    (row,) = store.reviews()
    assert row.reading is not None
    assert row.reading.interrupted


def test_it_stands_in_no_box_of_the_session(page: WalkedPage, tmp_path: Path) -> None:
    """What is remembered of the form that was saved has no times."""
    save(page, tick=True)
    assert page.session.report.last_saved is not None
    assert page.session.report.last_saved.reading == ""
    assert page.session.report.last_saved == replace(page.session.report.last_saved, reading_consent=True)
    assert "reading" not in page.session.boxes.values
