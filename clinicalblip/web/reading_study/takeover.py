"""A reader goes on in another browser: the one before saves nothing any more, and what was typed in it goes along."""

from dataclasses import dataclass

from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import ReportState
from clinicalblip.web.kept_boxes import KeptBoxes
from clinicalblip.web.served_study.open_case import OpenCase
from clinicalblip.web.served_study.served_study import ServedStudy
from clinicalblip.web.session import Session


@dataclass(frozen=True)
class Carried:
    """What stood on the page of the browser before, of a case that is not saved."""

    case: OpenCase
    boxes: KeptBoxes
    report: ReportState


def enter(app: AppContext, study: ServedStudy, reader: str) -> str:
    """Sign in a reader whose link was used, and return the new token of their browser.

    Browsers in which they read before are signed out; that there was one is recorded.
    """
    token, before = app.access.begin_reader(reader, study.reader_key(reader))
    with study.saving(reader):  # a case that is being saved there is saved first
        for key in before:
            for session in app.sessions.of_browser(key):
                case = session.case
                if case is not None and not case.is_saved and session.reader == reader:
                    study.carried[reader] = Carried(case, session.boxes, session.report)
            app.sessions.end(key)
    if before:
        study.folder.record(EventKind.TOOK_OVER, reader)
    return token


def take_carried(study: ServedStudy, reader: str, number: int) -> Carried | None:
    """What this reader had typed elsewhere in the case under this number, once."""
    carried = study.carried.pop(reader, None)
    return carried if isinstance(carried, Carried) and carried.case.number == number else None


def go_on(session: Session, carried: Carried) -> None:
    """Put it on this session's page; the films are the same ones, read again."""
    opened, session.case = session.case, carried.case
    assert opened is not None  # noqa: S101 - it was just opened
    session.boxes, session.report = carried.boxes, carried.report
    session.case.is_carried = session.report.edited(session.boxes.report)
    for finished in session.report.drafts.values():
        finished.film_digests = session.film_digests()
