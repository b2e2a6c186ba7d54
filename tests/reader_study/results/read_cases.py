"""Readings of the small study, saved as the page saves them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clinicalblip.feedback.comparison import count_edits
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, ReportError, Significance
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.reader_study.assignment.assignment import AssignedReading
from clinicalblip.reader_study.records.records import CaseReading
from clinicalblip.reader_study.study_folder import StudyFolder

OPENED = datetime(2026, 10, 1, 9, tzinfo=UTC)
READING = Reading(saved_seconds=50.0, active_seconds=40.0)
OWN = Report("The heart is enlarged. Both lungs are clear.", "Cardiomegaly.")


def read_case(
    folder: StudyFolder,
    reviews: ReviewStore,
    reader: str,
    assigned: AssignedReading,
    final: Report | None = None,
    reading: Reading = READING,
    **changes: object,
) -> CaseReading:
    """Read a case to its end: the draft as it is, or `final`; without a draft a report of the reader's own."""
    draft = folder.drafts.get((assigned.case, assigned.arm))
    opened = OPENED + timedelta(minutes=assigned.position, hours=int(reader[1:]))
    saved = CaseReading(
        reader=reader,
        case=assigned.case,
        arm=assigned.arm,
        period=assigned.period,
        position=assigned.position,
        repeat=assigned.repeat,
        opened=opened,
        saved=opened + timedelta(seconds=reading.saved_seconds),
        final=final or (draft.draft.report if draft else OWN),
        reading=None if draft else reading,
        draft=draft.id if draft else None,
        answers={"sure": 4},
    )
    if draft is not None:
        review = review_of(folder, saved, reading)
        saved = replace(saved, review=reviews.add(replace(review, **changes)))  # type: ignore[arg-type]
    assert folder.records.add_reading(saved)
    return saved


def review_of(folder: StudyFolder, saved: CaseReading, reading: Reading = READING) -> Review:
    """The review that stands beside a reading with a draft."""
    draft = folder.drafts[saved.case, saved.arm].draft
    edits = count_edits(draft.report, saved.final)
    return Review(
        draft=draft,
        verdict=Verdict.ACCEPTED if saved.final == draft.report else Verdict.MINOR_EDITS,
        created=saved.saved,
        words_added=edits.words_added,
        words_removed=edits.words_removed,
        editing_seconds=reading.active_seconds,
        texts=ReviewTexts(ClinicalContext(), draft.report, saved.final, folder.studies[saved.case].reference),
        reader=saved.reader,
        errors=(
            ReportError(
                ErrorCategory.FALSE_FINDING,
                Section.FINDINGS,
                0,
                5,
                ErrorOrigin.BY_HAND,
                ErrorState.CONFIRMED,
                Significance.URGENT,
                Observation.EDEMA,
            ),
            ReportError(ErrorCategory.LOCATION, Section.FINDINGS, 0, 5, ErrorOrigin.PROPOSED, ErrorState.DISCARDED),
        ),
        reading=reading,
    )


def read_everything(folder: StudyFolder, reviews: ReviewStore) -> Mapping[tuple[str, int], CaseReading]:
    """All readings of all readers, each draft accepted as it is."""
    return {
        (each.reader, assigned.case): read_case(folder, reviews, each.reader, assigned)
        for each in (folder.records.enrol() for _ in range(folder.assignment.rows))
        for assigned in folder.of_reader(each.reader)
    }
