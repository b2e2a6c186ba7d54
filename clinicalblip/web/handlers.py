"""What the page does when a reader presses something: plain functions that know nothing of Gradio.

What a reader can put right is raised as an error of the family, with a sentence for them.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.draft import Draft, Reporter
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import phi, texts
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.screening.wording import PAGE, Door
from clinicalblip.web import films, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.session import FinishedDraft, Session

_BETWEEN_UPDATES = 0.07  # seconds: more updates than the eye can follow would slow the model


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


def start_new_study(session: Session, final: Report) -> bool:
    """Empty the session for a new study. An unsaved report is kept the first time, and False returned."""
    with session.lock:
        if session.report.unsaved(final) and not session.report.discard_warned:
            session.report.discard_warned = True
            return False
        session.films.clear()
        session.used_as_is.clear()
        session.draft.context = ClinicalContext()
        session.report.clear()
        return True


def phi_in_context(app: AppContext, session: Session, context: ClinicalContext) -> tuple[PhiMatch, ...]:
    """What may identify a person in the context, without the texts that the reader wants used as they are."""
    return texts.phi_in_context(context, app.settings.privacy, as_is=session.used_as_is)


def use_as_is(app: AppContext, session: Session, context: ClinicalContext) -> None:
    """Remember that the reader wants exactly these texts used as they are."""
    session.used_as_is.update(match.text for match in phi_in_context(app, session, context))


def request_draft(app: AppContext, session: Session, context: ClinicalContext, *, door: Door = PAGE) -> int:
    """Take a place in the line for the model, and return how many readers are ahead.

    Raises RadiographError and BurnedInAnnotation for films that cannot be drafted from, or not yet; IdentifiableText
    for a text that may name somebody, in the words of `door`; and ClinicalBlipError for a text that is too long,
    while the session's last draft is still being written, and when the line is full.
    """
    texts.check_context(context, app.settings.limits)
    if session.draft.busy:
        raise ClinicalBlipError(wording.BUSY)
    films.screen_films(app, session)
    films.check_films(session)
    phi.refuse_phi(phi_in_context(app, session, context), door)
    waiting = app.sessions.waiting()
    with session.lock:
        if session.draft.busy:
            raise ClinicalBlipError(wording.BUSY)
        if waiting >= app.settings.limits.waiting_readers:
            raise ClinicalBlipError(wording.LINE_FULL.format(count=waiting))
        session.draft.stop.clear()
        session.draft.waiting, session.draft.requested_at, session.draft.context = True, time.monotonic(), context
    return app.sessions.ahead_of(session)


def stream_draft(app: AppContext, session: Session, context: ClinicalContext, final: Report) -> Iterator[DraftProgress]:
    """Have the draft written, and yield it as it grows; the last step is `finished`. Stopped in line it has no steps.

    `final` is what the report's boxes hold. They follow the draft only if the reader has not edited them.
    Whatever happens, the session can ask for a draft again afterwards. Raises ModelError, and RadiographError or
    PrivacyError for films that changed while it waited.
    """
    with session.lock:
        session.draft.waiting, session.draft.running = False, True
        fill = not session.report.edited(final)
    started = time.monotonic()
    try:
        if session.draft.stop.is_set():
            return
        yield DraftProgress(Report(), 0.0, fill)
        films.screen_films(app, session)
        with session.lock:
            films.check_films(session)
            radiographs, doubts = session.radiographs(), films.doubt_warnings(session)
        for written in _paced(app.reporter, radiographs, context, session, started):
            if isinstance(written, Draft):
                written = replace(written, warnings=tuple(dict.fromkeys((*written.warnings, *doubts))))
                finished = FinishedDraft(written, context)
                with session.lock:
                    session.report.keep(finished)
                    session.report.shown = finished
                    if fill:
                        session.report.filled = written.report
                yield DraftProgress(written.report, written.seconds, fill, finished)
            else:
                yield DraftProgress(written, time.monotonic() - started, fill)
    finally:
        with session.lock:
            session.draft.running = session.draft.waiting = False
            session.draft.stop.clear()


def _paced(
    reporter: Reporter, radiographs: tuple[Radiograph, ...], context: ClinicalContext, session: Session, started: float
) -> Iterator[Report | Draft]:
    last = 0.0
    stream = reporter.stream(radiographs, context, stop=session.draft.stop.is_set)
    try:
        for written in stream:
            now = time.monotonic() - started
            if isinstance(written, Draft) or now - last >= _BETWEEN_UPDATES:
                last = now
                yield written
    finally:
        session.draft.stop.set()  # a page that was closed in the middle frees the model
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def stop_draft(session: Session) -> None:
    """End the generation of this session's draft, or leave the line for the model."""
    with session.lock:
        if session.draft.busy:
            session.draft.stop.set()


def leave_queue(session: Session) -> None:
    """Leave the line for the model without a draft."""
    with session.lock:
        session.draft.waiting = False


def use_draft(session: Session, final: Report) -> Report:
    """The AI draft for the report's boxes; the reader's edits in them are remembered."""
    with session.lock:
        if session.report.shown is None:
            raise ClinicalBlipError(wording.NOTHING_TO_SAVE)
        session.report.replaced = final if session.report.edited(final) else None
        session.report.filled = session.report.shown.draft.report
        return session.report.filled


def restore_text(session: Session) -> Report | None:
    """The text that `use_draft` replaced, if any."""
    with session.lock:
        text, session.report.replaced = session.report.replaced, None
        return text
