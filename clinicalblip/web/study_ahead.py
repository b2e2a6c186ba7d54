"""The next study of the list, read and drafted while the reader edits the one before."""

import logging
import threading
import time

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.fair_queue import queued_as
from clinicalblip.radiology.report import Report
from clinicalblip.web import films, handlers, listed_studies
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.session import Session, StudyAhead

_LOG = logging.getLogger(__name__)
_LOOKS_AGAIN = 0.1


def prepare_next(app: AppContext, session: Session) -> None:
    """Begin to read the study that comes next for this session; nothing is prepared of the samples.

    With `worklist.draft_ahead` its draft is written too, once the study that is shown has one and nobody waits for the
    model; in a reader study there is nothing to write. Where something about it has to be asked first, or there is no
    memory, that is left for when it is opened.
    """
    if app.work_list.is_sample or session.study is None:
        return
    try:
        study = listed_studies.neighbour(app, session, 1)
    except ClinicalBlipError:  # it is the last one
        return
    with session.lock:
        if session.ahead is not None and session.ahead.study is study:
            return
        ahead = StudyAhead(study, Session(key=session.key, address=session.address, signed_in=session.signed_in))
        session.drop_ahead()
        session.ahead = ahead
    threading.Thread(target=_prepare, args=(app, session, ahead), name="study-ahead", daemon=True).start()


def _prepare(app: AppContext, session: Session, ahead: StudyAhead) -> None:
    try:
        with queued_as(session.id):
            _read(app, session, ahead)
            drafts = app.settings.worklist.draft_ahead and app.study is None
            if drafts and _wait_for_turn(app, session, ahead):
                _draft(app, session, ahead)
    except ClinicalBlipError as error:  # whoever opens the study is told
        _LOG.info("a study was not prepared: %s", type(error).__name__)
    except Exception as error:
        _LOG.error("unexpected %s while a study was prepared", type(error).__name__)
    finally:
        ahead.read.set()


def _read(app: AppContext, session: Session, ahead: StudyAhead) -> None:
    with app.sessions.room_for(session) as room:
        found, ahead.unread = films.read_listed_films(app, ahead.study, room)
        ahead.holder.change_films(found, "", study=ahead.study)
        ahead.is_whole = True
    ahead.read.set()
    films.screen_films(app, ahead.holder)


def _wait_for_turn(app: AppContext, session: Session, ahead: StudyAhead) -> bool:
    """Wait until the study that is shown is drafted and nobody waits; False once this one is not wanted any more."""
    while _is_wanted(app, session, ahead):
        if session.report.shown is not None and not session.draft.busy and not app.sessions.waiting():
            return True
        time.sleep(_LOOKS_AGAIN)
    return False


def _draft(app: AppContext, session: Session, ahead: StudyAhead) -> None:
    handlers.request_draft(app, ahead.holder, ahead.study.context)
    for _ in handlers.stream_draft(app, ahead.holder, Report()):
        if not _is_wanted(app, session, ahead):
            ahead.holder.draft.stop.set()


def _is_wanted(app: AppContext, session: Session, ahead: StudyAhead) -> bool:
    return session.ahead is ahead and session.key in app.sessions
