"""A study's readings joined with their reviews, one row a reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from clinicalblip.feedback.comparison import count_edits
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.assignment.assignment import StudyCase
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft
from clinicalblip.reader_study.injection.fates import fates, wrongly_corrected
from clinicalblip.reader_study.injection.injected_error import InjectedError
from clinicalblip.reader_study.records.records import CaseReading
from clinicalblip.reader_study.results.findings_agreement import f1, positive_findings
from clinicalblip.reader_study.results.reading_flags import flags_of, with_very_fast
from clinicalblip.reader_study.results.reading_row import (
    DECISIONS,
    InjectedOutcome,
    NamedError,
    ReadingRow,
    ReviewState,
)
from clinicalblip.reader_study.study_folder import StudyFolder


def reading_rows(folder: StudyFolder, reviews: ReviewStore) -> tuple[ReadingRow, ...]:
    """All readings of a study, by reader, period and position.

    Of a review that was corrected, decision, errors and final report are the latest version's, and times those of the
    first, which is when the case was read. Of one that was withdrawn only what is kept without consent is counted.
    Raises ReviewNotSaved where the reviews cannot be read.
    """
    cases = {case.number: case for case in folder.assignment.cases}
    readings = sorted(
        folder.records.readings(), key=lambda each: (each.reader, each.period, each.position, each.case, each.repeat)
    )
    rows = [
        _row(
            _Known(
                reading, cases[reading.case], _latest(reading, reviews), folder.drafts.get((reading.case, reading.arm))
            ),
            folder.studies[reading.case].reference,
            folder.key,
        )
        for reading in readings
    ]
    return with_very_fast(rows)


@dataclass(frozen=True)
class _Latest:
    state: ReviewState
    first: StoredReview | None = None
    review: StoredReview | None = None


@dataclass(frozen=True)
class _Known:
    reading: CaseReading
    case: StudyCase
    latest: _Latest
    draft: PreparedDraft | None

    @property
    def times(self) -> Reading | None:
        first = self.latest.first
        if self.latest.state is ReviewState.WITHDRAWN:
            return None
        return first.reading if first is not None and first.reading is not None else self.reading.reading

    @property
    def final(self) -> Report | None:
        """The final report, None where its words were withdrawn."""
        if self.latest.state is ReviewState.WITHDRAWN:
            return None
        review = self.latest.review
        if self.latest.state is ReviewState.CORRECTED and review is not None and review.texts is not None:
            return review.texts.final
        return self.reading.final


def _latest(reading: CaseReading, reviews: ReviewStore) -> _Latest:
    if reading.review is None:
        return _Latest(ReviewState.NO_DRAFT)
    first = reviews.find(reading.review)
    if first is None:
        return _Latest(ReviewState.MISSING)
    review = first
    while review.superseded_by is not None and (newer := reviews.find(review.superseded_by)) is not None:
        review = newer
    if review.withdrawn is not None or first.withdrawn is not None:
        return _Latest(ReviewState.WITHDRAWN, first, review)
    return _Latest(ReviewState.KEPT if review is first else ReviewState.CORRECTED, first, review)


def _row(known: _Known, reference: Report, key: Mapping[str, tuple[InjectedError, ...]]) -> ReadingRow:
    reading, draft, final, times = known.reading, known.draft, known.final, known.times
    true = None if reference.empty else positive_findings(reference)
    row = ReadingRow(
        reader=reading.reader,
        case=reading.case,
        arm=reading.arm,
        period=reading.period,
        position=reading.position,
        repeat=reading.repeat,
        kind=known.case.kind,
        stratum=known.case.stratum,
        review=known.latest.state,
        seconds=times.saved_seconds if times else None,
        active_seconds=times.active_seconds if times else None,
        first_seconds=reading.first_seconds,
        reference_findings=true,
        flags=flags_of(times) if times else (),
        answers=dict(reading.answers),
    )
    withdrawn = known.latest.state is ReviewState.WITHDRAWN
    row = _with_findings(row, draft.draft.report if draft else None, None if withdrawn else reading.first, final)
    row = _with_review(row, known.latest.review)
    if draft is None:
        return row
    if final is None:
        return replace(row, injected=None if draft.id in key else ())
    if not reference.empty:
        row = replace(row, wrongly_corrected=len(wrongly_corrected(draft.draft.report, final, reference)))
    return _with_errors(row, draft.draft.report, key.get(draft.id, ()), final)


def _with_findings(row: ReadingRow, draft: Report | None, first: Report | None, final: Report | None) -> ReadingRow:
    said = [None if report is None else positive_findings(report) for report in (draft, first, final)]
    true = row.reference_findings
    scores = [None if true is None or found is None else f1(found, true) for found in said]
    return replace(
        row,
        draft_findings=said[0],
        first_findings=said[1],
        final_findings=said[2],
        draft_agreement=scores[0],
        first_agreement=scores[1],
        agreement=scores[2],
    )


def _with_review(row: ReadingRow, review: StoredReview | None) -> ReadingRow:
    if review is None:
        return row
    return replace(
        row,
        edit_distance=review.words_added + review.words_removed,
        style_edits=review.style_edits,
        content_edits=review.content_edits,
        decision=DECISIONS.index(review.verdict),
        would_sign=review.would_sign,
        named=tuple(
            NamedError(error.category, error.significance, error.observation, error.origin, error.state)
            for error in review.errors
            if error.of_reader
        ),
    )


def _with_errors(row: ReadingRow, draft: Report, errors: Sequence[InjectedError], final: Report) -> ReadingRow:
    """The row with what became of the draft's words, right findings and errors in the final report."""
    edits = count_edits(draft, final)
    found = fates(_Injected(draft, errors), final)
    return replace(
        row,
        edit_distance=edits.words_added + edits.words_removed,
        injected=tuple(InjectedOutcome(error, fate) for error, fate in zip(errors, found, strict=True)),
    )


@dataclass(frozen=True)
class _Injected:
    """A draft with its key."""

    report: Report
    errors: Sequence[InjectedError]
