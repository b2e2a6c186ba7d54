"""What is kept of a session: texts, drafts, ratings and the place in the list; of films their digests."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import Report
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.journal.files import JournalFiles, UnreadableJournal
from clinicalblip.web.report_history import ReportHistory, Step
from clinicalblip.web.report_origins import ReportOrigins, Runs
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session
from clinicalblip.web.ticked_report import TickedReport

_LOG = logging.getLogger(__name__)
VERSION: Final = 1


@dataclass(frozen=True)
class Snapshot:
    """A session without its films. `study`: the number of the listed one; `shown`: the id of the draft on the page.

    `steps`, of which `done` stand in the report, are its history, `document` its findings as they were ticked, and
    `origins` how its characters came in. Of a reader study, `case_opened` is when its case was, and `first` the
    impression that was committed, after `first_seconds`.
    """

    version: int
    id: str
    films_mark: str
    film_digests: dict[FilmRole, str]
    reader: str = ""
    study: int | None = None
    boxes: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    drafts: list[FinishedDraft] = field(default_factory=list)
    shown: str = ""
    filled: Report = field(default_factory=Report)
    filled_reference: Report = field(default_factory=Report)
    last_saved: ReviewForm | None = None
    replaced: Report | None = None
    used_as_is: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    done: int = 0
    document: dict[str, Any] | None = None
    origins: Runs = ("", "")
    opened_before: bool = False
    case_opened: datetime | None = None
    first: Report | None = None
    first_seconds: float | None = None


_SNAPSHOTS: Final = TypeAdapter(Snapshot)


def take_snapshot(session: Session) -> Snapshot | None:
    """What is kept of a session now; None where nothing is: it holds nothing, is over, or its review is saved.

    Of a reader whose review is saved the pseudonym and the place in the list stay.
    """
    if session.is_over:
        return None
    with session.lock:
        report, form, case = session.report, session.boxes.form, session.case
        study = session.study.number if session.study else None
        done = report.shown is not None and report.shown.saved is not None and not session.unsaved(form)
        done = done or (case is not None and case.is_saved)
        there = report.shown or session.films or session.lost_films or not session.boxes.empty
        if done or not there:
            return Snapshot(VERSION, session.id, "", {}, session.reader, study) if session.reader else None
        return Snapshot(
            VERSION,
            session.id,
            session.films_mark,
            session.film_digests(),
            session.reader,
            study,
            dict(session.boxes.values),
            dict(session.boxes.numbers),
            list(report.drafts.values()),
            report.shown.id if report.shown else "",
            report.filled,
            report.filled_reference,
            report.last_saved,
            report.replaced,
            sorted(session.used_as_is),
            list(session.boxes.history.steps),
            session.boxes.history.done,
            session.boxes.ticked.to_json(),
            session.boxes.history.origins.runs,
            session.opened_before,
            case.opened if case else None,
            case.first if case else None,
            case.first_seconds if case else None,
        )


class Journal:
    """Keeps the sessions of one server in files, and brings them back after a restart."""

    def __init__(self, files: JournalFiles) -> None:
        self._files = files

    def keep(self, session: Session) -> None:
        """Write down what a session holds now, if it has changed; what is not a reader's tab is not kept.

        A disk that takes nothing is logged: the session goes on in memory.
        """
        if not session.secret:
            return
        snapshot = take_snapshot(session)
        data = _SNAPSHOTS.dump_json(snapshot) if snapshot else b""
        with session.journal_lock:
            if hash(data) == session.journaled:
                return
            try:
                if snapshot:
                    self._files.write(session.secret, data)
                else:
                    self._files.remove(session.secret)
                session.journaled = hash(data)
            except OSError as error:
                _LOG.error("a session could not be kept on the disk: %s", type(error).__name__)

    def restore(self, session: Session, app: AppContext) -> None:
        """Fill a session that was just made with what was kept of it; `journal_fault` says that it cannot be read."""
        if not session.secret:
            return
        try:
            data = self._files.read(session.secret)
            if data is None:
                return
            snapshot = _SNAPSHOTS.validate_json(data)
            if snapshot.version != VERSION:
                raise UnreadableJournal
            ticked = TickedReport.from_json(snapshot.document)
        except (UnreadableJournal, ValidationError, ValueError):
            session.journal_fault = True
            return
        _restore(session, snapshot, app)
        session.boxes.ticked = ticked

    def sweep(self) -> None:
        """Remove what is too old."""
        self._files.sweep()


def _restore(session: Session, snapshot: Snapshot, app: AppContext) -> None:
    session.id, session.films_mark = snapshot.id, snapshot.films_mark
    session.lost_films, session.opened_before = dict(snapshot.film_digests), snapshot.opened_before
    listed = app.list_for(snapshot.reader)
    session.lost_study = listed.by_number.get(snapshot.study) if snapshot.study is not None else None
    if snapshot.reader:
        session.reader, session.record = snapshot.reader, app.progress.of(snapshot.reader)
    if app.study is not None and session.lost_study is not None and snapshot.case_opened is not None:
        session.case = app.study.case(snapshot.reader, session.lost_study.number)
        session.case.opened = snapshot.case_opened
        session.case.first, session.case.first_seconds = snapshot.first, snapshot.first_seconds
    session.boxes.values, session.boxes.numbers = dict(snapshot.boxes), dict(snapshot.numbers)
    origins = ReportOrigins.from_runs(session.boxes.report, snapshot.origins)
    session.boxes.history = ReportHistory(list(snapshot.steps), snapshot.done, origins=origins)
    report = session.report
    for finished in snapshot.drafts:
        report.keep(finished)
    report.shown = report.drafts.get(snapshot.shown)
    report.filled, report.filled_reference = snapshot.filled, snapshot.filled_reference
    report.last_saved, report.replaced = snapshot.last_saved, snapshot.replaced
    session.used_as_is.update(snapshot.used_as_is)
