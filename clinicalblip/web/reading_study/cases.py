"""What a reader does with a case of a study: opens it, commits an impression, and saves it; for page and programs."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from clinicalblip.errors import ClinicalBlipError, ReviewNotSaved
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.records.records import CaseReading
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiAction, PhiMatch
from clinicalblip.screening.wording import PAGE, Door
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import listed_studies, reviews
from clinicalblip.web import wording as page_wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.listed_studies import OpenedStudy
from clinicalblip.web.reading import ReadingRefused, read_reading_alone
from clinicalblip.web.reading_study.takeover import go_on, take_carried
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.open_case import OpenCase
from clinicalblip.web.served_study.questions import read_answers
from clinicalblip.web.served_study.served_study import ServedStudy
from clinicalblip.web.session import Session


def study_of(app: AppContext) -> ServedStudy:
    """The study that is served."""
    assert app.study is not None  # noqa: S101 - nothing of this room is reached otherwise
    return app.study


def begin_session(app: AppContext, session: Session) -> None:
    """A session was made: its reader's list says what they have read, also where that was on another server."""
    study = study_of(app)
    for listed in study.list_for(session.reader).studies:
        if study.is_done(session.reader, listed.number):
            reading = study.done(session.reader)[_key(study, session.reader, listed.number)].reading
            session.record.save(listed, reading.saved_seconds if reading else 0.0)
    if session.case is None:  # what was kept of a session is a case that is saved, which is not shown again by itself
        session.lost_study, session.lost_films = None, {}


def _key(study: ServedStudy, reader: str, number: int) -> tuple[int, int, bool]:
    assigned = study.reading_of(reader, number)
    return assigned.period, assigned.case, assigned.repeat


def open_case(app: AppContext, session: Session, number: int) -> OpenedStudy | None:
    """Put a case of the reader's list on the page, with the draft of its arm; None where it stands there already.

    A case whose arm has a draft begins with it in the reader's report; where an impression comes first, only once that
    is committed. What the reader had typed in another browser goes on here. Raises ClinicalBlipError where the case may
    not be read now, Overloaded where there is no memory.
    """
    study = study_of(app)
    before = session.case
    is_open = before is not None and before.number == number and not before.is_saved
    if is_open and (session.films or listed_studies.reopen_films(app, session)):
        return None
    case = study.open(session.reader, number)
    opened = listed_studies.open_study(app, session, number)
    carried = None if case.is_saved else take_carried(study, session.reader, number)
    with session.lock:
        session.case = case
        if carried is not None:
            go_on(session, carried)
        elif case.is_saved:
            _look_back(study, session, case)
        else:
            _show_prepared(session, case, fill=True)
        session.boxes.show_context(opened.study.context)
    study.note_work(session.reader)
    app.sessions.keep(session)
    return opened


def _show_prepared(session: Session, case: OpenCase, *, fill: bool) -> None:
    """The draft of the case is on the page from now on, where it has one and none has to wait for."""
    if case.draft is None:
        return
    draft = case.draft.draft
    finished = FinishedDraft(
        draft,
        session.study.context if session.study else session.boxes.context,
        session.film_digests(),
        film_warnings=draft.warnings,  # what the model was warned of would tell drafts apart
        id=case.draft.id,
        scores=case.scores,
    )
    session.report.keep(finished)
    session.report.shown = finished
    if fill:
        session.report.filled = draft.report
        session.boxes.fill(draft.report, Origin.KEPT)


def _look_back(study: ServedStudy, session: Session, case: OpenCase) -> None:
    """A case that is done, as it was saved."""
    _show_prepared(session, case, fill=False)
    saved = study.done(session.reader)[case.assigned.period, case.assigned.case, case.assigned.repeat]
    case.first, case.first_seconds = saved.first, saved.first_seconds
    session.report.filled = saved.final
    session.boxes.fill(saved.final, Origin.TYPED)


def commit_first(app: AppContext, session: Session, report: Report, seconds: object) -> None:
    """Keep the reader's own impression, `seconds` after the case was opened; the draft, if there is one, appears.

    Raises ClinicalBlipError where none is asked for, or it is empty, too long or committed already.
    """
    study, first = study_of(app), Report(*map(replace_surrogates, (report.findings, report.impression)))
    with session.lock:
        case = _open_case(session)
        if not case.commits_first:
            raise ClinicalBlipError(wording.NO_IMPRESSION_ASKED)
        if not case.waits_for_first:
            raise ClinicalBlipError(wording.COMMITTED_BEFORE)
        if study.is_ended:
            raise ClinicalBlipError(wording.ENDED)
        reviews.check_reports(app, first, Report())
        if first.empty:
            raise ClinicalBlipError(wording.COMMIT_EMPTY)
        case.first, case.first_seconds = first, _seconds(seconds, session)
        session.boxes.fill(first, Origin.TYPED)
        _show_prepared(session, case, fill=False)
    app.sessions.keep(session)


def _seconds(given: object, session: Session) -> float:
    """Seconds of the page's clock; what is none is taken from this server's."""
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < math.inf:
        return float(given)
    return max(0.0, time.monotonic() - session.opened_at)


def save_case(
    app: AppContext,
    session: Session,
    draft_id: str,
    form: ReviewForm,
    answers: Mapping[str, object],
    action: PhiAction = PhiAction.ASK,
    *,
    door: Door = PAGE,
    origins: Mapping[Origin, int] | None = None,
) -> str:
    """Save the open case as it is read now, for good, and give the sentence that says so.

    With a draft a review is saved, whose texts and reading are kept by the study's own consent, and a reading that
    names it; without one a reading alone. `draft_id`: of the draft that the page shows, "" for none. `origins`: how the
    report's characters came in, None where the form's reading says it. Raises ClinicalBlipError; nothing is saved then.
    """
    study = study_of(app)
    with study.saving(session.reader), session.lock:
        case = _open_case(session)
        if session.is_over:
            raise ClinicalBlipError(wording.READ_ELSEWHERE)
        if case.is_saved or study.is_done(session.reader, case.number):
            raise ClinicalBlipError(wording.ALREADY_SAVED)
        if not study.may_read(session.reader):
            raise ClinicalBlipError(wording.CONSENT_FIRST)
        if study.is_ended:
            raise ClinicalBlipError(wording.ENDED)
        if case.waits_for_first:
            raise ClinicalBlipError(wording.COMMIT_FIRST)
        if draft_id != (case.draft.id if case.draft else ""):
            raise ClinicalBlipError(wording.OTHER_DRAFT)
        given = read_answers(study.design.questions.case, answers)
        form = _checked(app, form, action, door)
        reading, review = _save(app, session, case, form, door, origins)
        study.add_reading(
            CaseReading(
                reader=session.reader,
                case=case.assigned.case,
                arm=case.assigned.arm,
                period=case.assigned.period,
                position=case.assigned.position,
                repeat=case.assigned.repeat,
                opened=case.opened,
                saved=datetime.now(UTC),
                final=form.final,
                reading=reading,
                review=review,
                draft=case.draft.id if case.draft else None,
                first=case.first,
                first_seconds=case.first_seconds,
                answers=given,
            )
        )
        case.is_saved = True
        session.report.last_saved = ReviewForm(final=form.final, verdict=form.verdict)  # as the page's boxes have it
        listed_studies.note_saved(session)
    study.note_work(session.reader)
    app.sessions.keep(session)
    if study.next_number(session.reader) is None:
        return wording.SAVED_LAST
    if study.is_break_due(session.reader):
        return wording.SAVED_BREAK.format(minutes=study.design.reading.break_minutes)
    return wording.SAVED


def phi_in_final(app: AppContext, form: ReviewForm) -> tuple[PhiMatch, ...]:
    """What may identify a person in the reader's own report; draft and context were chosen by the study's owner."""
    if not app.settings.privacy.check_texts:
        return ()
    texts = {page_wording.FINDINGS: form.final.findings, page_wording.IMPRESSION: form.final.impression}
    return phi.find_phi(texts, as_is=frozenset())


def _checked(app: AppContext, form: ReviewForm, action: PhiAction, door: Door) -> ReviewForm:
    """The form as it is kept: with the study's consent, and masked where the reader wants that."""
    final = Report(*map(replace_surrogates, (form.final.findings, form.final.impression)))
    form = replace(form, final=final, reference=Report(), comment="", consent=True, reading_consent=True)
    reviews.check_reports(app, final, Report())
    if final.empty:
        raise ReviewNotSaved(wording.EMPTY_REPORT)
    if action is PhiAction.MASK:
        return replace(form, final=phi.mask_report(final))
    if action is PhiAction.ASK:
        phi.refuse_phi(phi_in_final(app, form), door)
    return form


def _save(
    app: AppContext,
    session: Session,
    case: OpenCase,
    form: ReviewForm,
    door: Door,
    origins: Mapping[Origin, int] | None,
) -> tuple[Reading | None, str | None]:
    """How the case was read, and the id of its review where it has a draft."""
    if case.draft is None:
        return _read_alone(session, form, origins), None
    finished = session.report.drafts[case.draft.id]
    try:
        identifier = reviews.save_review(
            app,
            finished,
            form,
            PhiAction.KEEP,  # what is kept as it is was asked before, of the reader's own words
            door=door,
            reader=session.reader,
            reader_key=session.reader_key or None,
            study=case.digest,
            origins=origins,
            was_open_before=session.opened_before,
            begun=lambda: app.sessions.keep(session),  # sent again after a restart it is the same review
        )
    except ReadingRefused as refused:
        raise ClinicalBlipError(wording.UNCLEAR.format(name="reading", why=refused.why)) from refused
    saved = app.store.find(identifier)
    return saved.reading if saved else None, identifier


def _read_alone(session: Session, form: ReviewForm, origins: Mapping[Origin, int] | None) -> Reading | None:
    try:
        return read_reading_alone(
            form.reading, final=form.final, characters=origins, was_open_before=session.opened_before
        )
    except ReadingRefused as refused:
        raise ClinicalBlipError(wording.UNCLEAR.format(name="reading", why=refused.why)) from refused


def _open_case(session: Session) -> OpenCase:
    if session.case is None or session.study is None:
        raise ClinicalBlipError(wording.NO_CASE_OPEN)
    return session.case
