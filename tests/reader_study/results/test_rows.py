"""Readings of a prepared study, joined with their reviews."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.feedback.comparison import count_edits
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.reader_study.assignment.assignment import AssignedReading, CaseKind
from clinicalblip.reader_study.injection.fates import ErrorFate
from clinicalblip.reader_study.records.records import Choice, PairwiseChoice
from clinicalblip.reader_study.results.reading_flags import with_very_fast
from clinicalblip.reader_study.results.reading_row import Flag, ReadingRow, ReviewState
from clinicalblip.reader_study.results.rows import reading_rows
from clinicalblip.reader_study.results.study_data import read_study
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.reader_study import ASSISTED, NONE, OFFERED, PNEUMOTHORAX, open_small_study
from tests.reader_study.results.read_cases import OPENED, OWN, read_case, read_everything, review_of


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StudyFolder]:
    """A study that nobody has read."""
    with open_small_study(tmp_path) as opened:
        yield opened


@pytest.fixture
def reviews(folder: StudyFolder) -> Iterator[ReviewStore]:
    """Its reviews."""
    with ReviewStore(folder.reviews) as store:
        yield store


def find(folder: StudyFolder, kind: CaseKind, arm: str) -> tuple[str, AssignedReading]:
    """Some reader's reading of a kind of case under an arm; that reader enrols."""
    kinds = {case.number: case.kind for case in folder.assignment.cases}
    reading = next(
        each for each in folder.assignment.readings if kinds[each.case] is kind and each.arm == arm and not each.repeat
    )
    return folder.records.enrol(reading.row).reader, reading


def only(folder: StudyFolder, reviews: ReviewStore) -> ReadingRow:
    """The one row that there is."""
    (row,) = reading_rows(folder, reviews)
    return row


def test_a_reading_without_a_draft(folder: StudyFolder, reviews: ReviewStore) -> None:
    """It has times and findings, and nothing that is said of a draft."""
    reader, assigned = find(folder, CaseKind.MAIN, NONE)
    read_case(folder, reviews, reader, assigned)
    row = only(folder, reviews)
    assert (row.review, row.kind, row.compared) == (ReviewState.NO_DRAFT, CaseKind.MAIN, True)
    assert (row.seconds, row.active_seconds, row.idle_seconds) == (50.0, 40.0, 10.0)
    assert (row.edit_distance, row.decision, row.named, row.draft_findings) == (None, None, None, None)
    assert row.final_findings == {Observation.CARDIOMEGALY}
    assert row.answers == {"sure": 4}


def test_an_edited_draft(folder: StudyFolder, reviews: ReviewStore) -> None:
    """Edit distance, decision and the errors that are the reader's; a discarded one is not."""
    reader, assigned = find(folder, CaseKind.MAIN, ASSISTED)
    saved = read_case(folder, reviews, reader, assigned, OWN)
    row = only(folder, reviews)
    edits = count_edits(folder.drafts[assigned.case, ASSISTED].draft.report, OWN)
    assert row.edit_distance == edits.words_added + edits.words_removed > 0
    assert (row.review, row.decision) == (ReviewState.KEPT, list(Verdict).index(Verdict.MINOR_EDITS))
    assert row.content_errors == 1
    assert row.active_seconds == 40.0
    assert saved.reading is None  # its times are the review's


def test_the_reference_offered_agrees_with_itself(folder: StudyFolder, reviews: ReviewStore) -> None:
    """F1 is 1 before and after, and nothing was changed."""
    reader, assigned = find(folder, CaseKind.MAIN, OFFERED)
    read_case(folder, reviews, reader, assigned)
    row = only(folder, reviews)
    assert (row.edit_distance, row.agreement, row.draft_agreement, row.wrongly_corrected) == (0, 1.0, 1.0, 0)


@pytest.mark.parametrize("taken_out", [True, False])
def test_what_became_of_an_error(folder: StudyFolder, reviews: ReviewStore, taken_out: bool) -> None:
    """Of a gold case's draft, whose key is kept apart."""
    reader, assigned = find(folder, CaseKind.GOLD, OFFERED)
    draft = folder.drafts[assigned.case, OFFERED].draft.report
    final = replace(draft, findings=draft.findings.replace(PNEUMOTHORAX, "").strip()) if taken_out else draft
    read_case(folder, reviews, reader, assigned, final)
    row = only(folder, reviews)
    assert not row.compared
    assert row.injected is not None
    assert [outcome.fate for outcome in row.injected] == [ErrorFate.CAUGHT if taken_out else ErrorFate.MISSED]
    assert (row.with_fate(ErrorFate.CAUGHT), row.with_fate(ErrorFate.MISSED)) == (int(taken_out), int(not taken_out))


def test_what_was_right_and_is_wrong_now(folder: StudyFolder, reviews: ReviewStore) -> None:
    """A right finding of a draft that the reader denies is counted."""
    reader, assigned = find(folder, CaseKind.MAIN, OFFERED)
    draft = folder.drafts[assigned.case, OFFERED].draft.report
    final = Report("There is no cardiomegaly, effusion, pneumonia, edema, atelectasis or consolidation.", "Normal.")
    read_case(folder, reviews, reader, assigned, final)
    said = {"effusion", "enlarged", "consolidation"} & set(draft.text.lower().replace(".", "").split())
    assert bool(only(folder, reviews).wrongly_corrected) is bool(said - {"effusion"} or "small" in draft.text)


def test_a_corrected_review(folder: StudyFolder, reviews: ReviewStore) -> None:
    """The latest version's words and decision count, with the times of the first; it is counted as corrected."""
    reader, assigned = find(folder, CaseKind.MAIN, ASSISTED)
    saved = read_case(folder, reviews, reader, assigned)
    later = replace(review_of(folder, replace(saved, final=OWN)), replaces=saved.review)
    slower = replace(later, reading=Reading(saved_seconds=900.0, active_seconds=900.0), verdict=Verdict.REJECTED)
    reviews.add(slower)
    row = only(folder, reviews)
    assert row.review is ReviewState.CORRECTED
    assert row.decision == list(Verdict).index(Verdict.REJECTED)
    assert row.final_findings == {Observation.CARDIOMEGALY}
    assert row.active_seconds == 40.0


def test_a_withdrawn_review(folder: StudyFolder, reviews: ReviewStore) -> None:
    """What rests on no consent stays; words, times and what follows from them are gone, from the records too."""
    reader, assigned = find(folder, CaseKind.GOLD, ASSISTED)
    saved = read_case(folder, reviews, reader, assigned, OWN)
    assert saved.review is not None
    reviews.forget(saved.review)
    row = only(folder, reviews)
    assert row.review is ReviewState.WITHDRAWN
    assert (row.seconds, row.final_findings, row.agreement, row.injected) == (None, None, None, None)
    assert row.decision == list(Verdict).index(Verdict.MINOR_EDITS)
    assert row.edit_distance


def test_a_review_that_is_not_there(folder: StudyFolder, reviews: ReviewStore, tmp_path: Path) -> None:
    """The reading's own report counts, and what the review had is not known."""
    reader, assigned = find(folder, CaseKind.MAIN, ASSISTED)
    with ReviewStore(tmp_path / "elsewhere.sqlite3") as elsewhere:
        read_case(folder, elsewhere, reader, assigned, OWN)
    row = only(folder, reviews)
    assert (row.review, row.decision, row.active_seconds) == (ReviewState.MISSING, None, None)
    assert row.final_findings == {Observation.CARDIOMEGALY}


def test_flags_are_those_of_the_reading(folder: StudyFolder, reviews: ReviewStore) -> None:
    """And mostly idle follows from its seconds."""
    reader, assigned = find(folder, CaseKind.MAIN, ASSISTED)
    reading = Reading(saved_seconds=100.0, active_seconds=49.0, accepted_all_at_once=True, interrupted=True)
    read_case(folder, reviews, reader, assigned, reading=reading)
    assert only(folder, reviews).flags == (Flag.ALL_AT_ONCE, Flag.MOSTLY_IDLE, Flag.INTERRUPTED)


def test_very_fast_is_beside_the_same_readers_others(folder: StudyFolder, reviews: ReviewStore) -> None:
    """Below a quarter of their median under the arm, of five readings or more."""
    reader, assigned = find(folder, CaseKind.MAIN, NONE)
    read_case(folder, reviews, reader, assigned)
    row = only(folder, reviews)
    rows = [replace(row, active_seconds=seconds) for seconds in (40.0, 40.0, 40.0, 9.9, 10.0)]
    assert [each.flags for each in with_very_fast(rows)] == [(), (), (), (Flag.VERY_FAST,), ()]
    assert not any(each.flags for each in with_very_fast(rows[1:]))


def test_all_readings_in_order(folder: StudyFolder, reviews: ReviewStore) -> None:
    """One row each, whoever saved first, with the kinds that the assignment gave them."""
    read_everything(folder, reviews)
    rows = reading_rows(folder, reviews)
    assert len(rows) == len(folder.assignment.readings)
    assert [(row.reader, row.period, row.position) for row in rows] == sorted(
        (row.reader, row.period, row.position) for row in rows
    )
    assert {row.kind for row in rows} == set(CaseKind)


@pytest.mark.parametrize("named", ["by draft", "by arm"])
def test_choices_are_told_by_arm(folder: StudyFolder, reviews: ReviewStore, named: str) -> None:
    """Whether a record names drafts by their ids or by their arms."""
    pair = folder.assignment.pairs[0]
    reader = folder.records.enrol(pair.row).reader
    sides = [pair.left, pair.right]
    if named == "by draft":
        sides = [folder.drafts[pair.case, side].id for side in sides]
    folder.records.add_choice(
        PairwiseChoice(reader, pair.position, pair.case, sides[0], sides[1], Choice.RIGHT, "shorter", 9.0, OPENED)
    )
    (choice,) = read_study(folder, reviews).choices
    assert (choice.left, choice.right, choice.chosen) == (pair.left, pair.right, pair.right)


def test_drafts_name_who_wrote_them(folder: StudyFolder, reviews: ReviewStore) -> None:
    """Arm by arm, with how many there are; the arm without a draft has nobody."""
    makers = read_study(folder, reviews).makers
    assert set(makers) == {ASSISTED, OFFERED}
    assert sum(maker.drafts for maker in makers[ASSISTED]) == len(folder.assignment.cases)
