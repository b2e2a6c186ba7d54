"""What the page does when a reader presses something: plain functions that know nothing of Gradio.

What a reader can put right is raised as an error of the family, with a sentence for them.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from clinicalblip.errors import ClinicalBlipError, Overloaded
from clinicalblip.radiology.draft import Draft, Reporter
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import phi, texts
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.screening.wording import PAGE, Door
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import films, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.draft_writer import DraftWriter
from clinicalblip.web.drafts import DraftRequest, FinishedDraft
from clinicalblip.web.metrics import Outcome, count_draft, count_waiting
from clinicalblip.web.rates import Visitor
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session, StudyChange

WRITING = "writing"
"""What the page has in the place of a draft's id while one is being written into the reader's boxes."""

_BETWEEN_UPDATES = 0.07  # seconds: more updates than the eye can follow would slow the model


class DraftDropped(ClinicalBlipError):
    """The films changed while a draft was written, so that it is not kept; the message says so."""


@dataclass(frozen=True)
class DraftProgress:
    """How far a draft is. With `fill` the report's boxes follow it; `finished` is set in the last one."""

    report: Report
    seconds: float
    fill: bool
    finished: FinishedDraft | None = None

    @property
    def words(self) -> int:
        """How many words are written."""
        return len(self.report.findings.split()) + len(self.report.impression.split())


def refuse_to_discard(session: Session, form: ReviewForm, role: FilmRole | None = None) -> None:
    """Refuse a change of this film, or of the whole study, that would take away work of the reader's not yet saved.

    Raises ClinicalBlipError.
    """
    with session.lock:
        concerns_report = role is None or role in session.films or session.report.shown is not None
        if concerns_report and session.unsaved(form):
            raise ClinicalBlipError(wording.UNSAVED)


def start_new_study(session: Session) -> StudyChange:
    """Empty the session for a new study."""
    with session.lock:
        session.used_as_is.clear()
        session.boxes.clear_context()
        return session.change_films({}, wording.DRAFT_DROPPED_NEW_STUDY, new_study=True)


def phi_in_context(app: AppContext, session: Session, context: ClinicalContext) -> tuple[PhiMatch, ...]:
    """What may identify a person in the context, without the texts that the reader wants used as they are."""
    return texts.phi_in_context(context, app.settings.privacy, as_is=session.used_as_is)


def use_as_is(app: AppContext, session: Session, context: ClinicalContext) -> None:
    """Remember that the reader wants exactly these texts used as they are."""
    session.used_as_is.update(match.text for match in phi_in_context(app, session, context))


def refuse_while_busy(session: Session) -> None:
    """Refuse what cannot be done while the session's last draft is asked for or written. Raises ClinicalBlipError."""
    if session.draft.busy:
        raise ClinicalBlipError(wording.BUSY_ENDING if session.draft.dropped else wording.BUSY)


def refuse_other_films(session: Session, mark: str) -> None:
    """Refuse what a page asks about films that are not the session's any more: `mark` is of those that it shows.

    Raises ClinicalBlipError.
    """
    if mark != session.films_mark:
        gone = mark != "" and not mark.startswith(f"{session.id}:")
        raise ClinicalBlipError(wording.SESSION_GONE if gone else wording.FILMS_BEHIND)


def request_draft(
    app: AppContext, session: Session, context: ClinicalContext, *, door: Door = PAGE, mark: str | None = None
) -> int:
    """Take a place in the line for the model, and return how many readers are ahead.

    The films as they are now and `context` belong together from here on. `mark`: of the films that the page shows.
    Raises RadiographError and BurnedInAnnotation for films that cannot be drafted from, or not yet; IdentifiableText
    for a text that may name somebody, in the words of `door`; and ClinicalBlipError for a text that is too long,
    while the session's last draft is still being written, when the line is full, and when the films are others than
    `mark` says; OverLimit is one of them.
    """
    if app.sessions.is_ending:
        raise ClinicalBlipError(wording.ENDING)
    texts.check_context(context, app.settings.limits)
    refuse_while_busy(session)
    if mark is not None:
        refuse_other_films(session, mark)
    asked = session.films_mark
    films.screen_films(app, session)
    films.check_films(session)
    phi.refuse_phi(phi_in_context(app, session, context), door)
    with app.sessions.line, session.lock:
        if app.sessions.is_ending:
            raise ClinicalBlipError(wording.ENDING)
        refuse_while_busy(session)
        refuse_other_films(session, asked)
        if not all(loaded.screened for loaded in session.films.values()):
            raise ClinicalBlipError(wording.FILMS_BEHIND)  # another window was chosen, which may show text
        films.check_films(session)
        places = app.settings.limits.waiting_readers
        near = app.sessions.waiting(session.address) if session.address else 0
        if app.sessions.waiting() >= places or near >= max(1, places // 2):
            raise ClinicalBlipError(wording.LINE_FULL)
        app.rates.draft(Visitor(session.reader_key, session.address))
        session.draft.ask(DraftRequest(session.radiographs(), context, films.doubt_warnings(session)))
    return ahead_in_line(app, session)


def ahead_in_line(app: AppContext, session: Session) -> int:
    """How many readers' drafts have to end before this one's begins: none while the model can write one more."""
    return max(0, app.sessions.ahead_of(session) - app.settings.generation.batch_size + 1)


def stream_draft(app: AppContext, session: Session, final: Report) -> Iterator[DraftProgress]:
    """Have what was asked for written, and yield the draft as it grows; the last step is `finished`.

    What is being written already, for a page that was reloaded meanwhile, is followed from where it is. There are no
    steps where nothing is in line any more. `final` is what the report's boxes hold. They follow the draft
    only if the reader has not edited them. Whatever happens, the session can ask for a draft again afterwards.
    Raises ModelError, DraftDropped once the films are other ones than those it is made of, and Overloaded where the
    place in line was lost.
    """
    with session.lock:
        if lost_place(session):
            raise Overloaded(wording.PLACE_LOST)
        writer = session.draft.writer if session.draft.running else None
        if writer is None:
            # What was typed while the draft was in line is newer than what the page sent as it asked.
            fill = not (session.report.edited(final) or session.report.edited(session.boxes.report))
            request = session.draft.begin(final, fill=fill)
            if request is None:
                return
            writer = session.draft.writer = DraftWriter(_write(app, session, request, fill=fill))
    try:
        for progress in writer.follow():
            if not session.draft.dropped:  # not one word more is shown of other films
                yield progress
    except Exception:
        session.draft.writer = None  # it is said now
        raise


def _write(app: AppContext, session: Session, request: DraftRequest, *, fill: bool) -> Iterator[DraftProgress]:
    started = time.monotonic()
    count_waiting(started - request.requested_at)
    try:
        yield DraftProgress(Report(), 0.0, fill)
        with closing(_paced(app.reporter, request, session, started)) as parts:
            for written in parts:
                yield _progress(session, request, written, started, fill=fill)
    except Exception as error:
        count_draft(Outcome.DROPPED if session.draft.dropped else Outcome.FAILED)
        if session.draft.dropped and not isinstance(error, DraftDropped):
            raise DraftDropped(session.draft.dropped) from error  # how it failed is of no interest any more
        raise
    finally:
        with session.lock:
            session.draft.end(request)
        app.sessions.keep(session)


def _progress(
    session: Session, request: DraftRequest, written: Report | Draft, started: float, *, fill: bool
) -> DraftProgress:
    with session.lock:
        if session.draft.dropped:
            raise DraftDropped(session.draft.dropped)
        if isinstance(written, Report):
            return DraftProgress(written, time.monotonic() - started, fill)
        finished = _finish(session, request, written)
        outcome = Outcome.STOPPED if written.stopped else Outcome.FINISHED
        count_draft(outcome, tokens=written.tokens, seconds=time.monotonic() - started)
        return DraftProgress(finished.draft.report, finished.draft.seconds, fill, finished)


def _finish(session: Session, request: DraftRequest, draft: Draft) -> FinishedDraft:
    draft = replace(draft, warnings=tuple(dict.fromkeys((*draft.warnings, *request.doubts))))
    said = tuple(warning for film in request.radiographs.values() for warning in film.warnings)
    finished = FinishedDraft(draft, request.context, request.film_digests, said)
    session.report.keep(finished)
    session.report.shown = finished
    if session.draft.filling:
        session.report.filled = draft.report
        session.boxes.fill(draft.report, Origin.KEPT)
    session.draft.end(request)
    return finished


def _paced(reporter: Reporter, request: DraftRequest, session: Session, started: float) -> Generator[Report | Draft]:
    last, stop = 0.0, session.draft.stop
    stream = reporter.stream(tuple(request.radiographs.values()), request.context, stop=stop.is_set)
    try:
        for written in stream:
            now = time.monotonic() - started
            if isinstance(written, Draft) or now - last >= _BETWEEN_UPDATES:
                last = now
                yield written
    finally:
        stop.set()  # a page that was closed in the middle frees the model
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def stop_draft(session: Session) -> None:
    """End the generation of this session's draft, or leave the line for the model."""
    with session.lock:
        if session.draft.leave_line():
            session.draft.outcome = wording.STOPPED_BEFORE
        elif session.draft.running:
            session.draft.stop.set()


def lost_place(session: Session) -> bool:
    """Whether a draft was asked for and its place in line was lost; says so once."""
    with session.lock:
        return session.draft.expired and session.draft.leave_line()


def leave_queue(session: Session) -> None:
    """Leave the line for the model without a draft."""
    with session.lock:
        session.draft.leave_line()


def draft_on_page(session: Session, draft_id: str) -> FinishedDraft:
    """The draft that the page shows. Raises ClinicalBlipError where it shows none, or none of this session's."""
    if draft_id in ("", WRITING):
        raise ClinicalBlipError(wording.SAVE_WHILE_WRITING if draft_id else wording.NOTHING_TO_SAVE)
    finished = session.report.drafts.get(draft_id)
    if finished is None:
        raise ClinicalBlipError(wording.SESSION_GONE)
    return finished


def use_draft(session: Session, draft_id: str, final: Report) -> Report:
    """The AI draft for the report's boxes; the reader's edits in them are remembered."""
    with session.lock:
        finished = draft_on_page(session, draft_id)
        session.report.replaced = final if session.report.edited(final) else None
        session.report.filled = finished.draft.report
        session.boxes.fill(final, Origin.TYPED)  # as the button was pressed, so that undo brings all of it back
        session.boxes.fill(session.report.filled, Origin.KEPT)
        return session.report.filled


def restore_text(session: Session) -> Report | None:
    """The text that `use_draft` replaced, if any."""
    with session.lock:
        text, session.report.replaced = session.report.replaced, None
        if text is not None:
            session.boxes.fill(text, Origin.TYPED)
        return text
