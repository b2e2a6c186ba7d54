"""What a reader does with the work list: opens, saves and skips studies, under a pseudonym."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.screening.pseudonyms import check_pseudonym
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import films, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.session import Session, StudyAhead, StudyChange
from clinicalblip.worklist.reading_progress import ReadingState, SkipReason
from clinicalblip.worklist.work_list import ListedStudy

_READING_SECONDS = 30.0
_TO_READ = (ReadingState.NEW, ReadingState.BEGUN)


@dataclass(frozen=True)
class OpenedStudy:
    """A study whose films are now the session's, what became of those before, and what is to be said."""

    study: ListedStudy
    change: StudyChange
    faults: str = ""


def needs_pseudonym(app: AppContext, session: Session) -> bool:
    """Whether the reader has to choose a pseudonym before a study can be opened; nothing is kept of the samples."""
    return app.study is None and not (app.work_list.is_sample or session.reader)


def choose_pseudonym(app: AppContext, session: Session, text: str) -> None:
    """Go on as the reader of this pseudonym. Raises ClinicalBlipError where one is chosen, or this is none."""
    if app.study is not None or app.work_list.is_sample or session.reader:
        raise ClinicalBlipError(wording.PSEUDONYM_CHOSEN)
    reader = check_pseudonym(text)
    with session.lock:
        session.reader, session.record = reader, app.progress.of(reader)


def take_pseudonym(app: AppContext, session: Session) -> None:
    """Go on under the pseudonym that the sign-in gives, if it gives one; no other can be chosen then."""
    if session.signed_in is not None and session.signed_in.pseudonym:
        session.reader = session.signed_in.pseudonym
        session.record = app.progress.of(session.reader)


def open_study(app: AppContext, session: Session, number: int) -> OpenedStudy:
    """Put a study's films in their places, and leave the other places empty.

    A lateral or prior film that cannot be read is left out, and `faults` says so. Raises ClinicalBlipError for a study
    that is not in the list or cannot be opened, and without a pseudonym; Overloaded where there is no memory.
    """
    if needs_pseudonym(app, session):
        raise ClinicalBlipError(wording.PSEUDONYM_FIRST)
    study = app.list_for(session.reader).by_number.get(number) if isinstance(number, int) else None
    if study is None:
        raise ClinicalBlipError(wording.UNKNOWN_STUDY)
    if study.fault:
        raise ClinicalBlipError(wording.STUDY_FAULT.format(number=number, fault=study.fault))
    with app.sessions.room_for(session) as room:
        ahead = _take_ahead(session, study)
        read, unread = (ahead.holder.films, ahead.unread) if ahead else films.read_listed_films(app, study, room)
        said = [wording.FILM_FAULT.format(role=wording.VIEWER[role], why=why) for role, why in unread.items()]
        with session.lock:
            session.used_as_is.clear()
            change = session.change_films(read, wording.DRAFT_DROPPED, study=study, new_study=True)
            session.report.filled_reference = study.reference
            session.opened_at = time.monotonic()
            if said:
                session.faults[number] = said[0]
            if ahead and ahead.holder.report.shown and not ahead.holder.report.shown.draft.stopped:
                _show_draft(session, ahead.holder.report.shown)
    session.opened_before = session.record.of(study).state is not ReadingState.NEW
    session.record.begin(study)
    faults = " ".join((*study.missing, *said))
    return OpenedStudy(study, change, wording.STUDY_FAULT.format(number=number, fault=faults) if faults else "")


def reopen_films(app: AppContext, session: Session) -> bool:
    """Read the films of a listed study again that the server no longer has, and say whether they are there again.

    Where one cannot be read, or there is no memory for them, they stay lost.
    """
    study = session.lost_study
    if study is None:
        return False
    try:
        with app.sessions.room_for(session) as room:
            read, unread = films.read_listed_films(app, study, room)
            with session.lock:
                same = {role: loaded.radiograph.digest for role, loaded in read.items()} == session.lost_films
                if session.lost_study is study and same and not unread:
                    session.take_back_films(read, study)
                    session.opened_at = time.monotonic()
                    return True
    except ClinicalBlipError:
        pass
    return False


def _take_ahead(session: Session, study: ListedStudy) -> StudyAhead | None:
    """What was prepared of a study, with all of its films; None where it has to be read now."""
    ahead = session.ahead
    if ahead is None or ahead.study is not study:
        session.drop_ahead()
        return None
    ahead.read.wait(_READING_SECONDS)
    session.drop_ahead()
    return ahead if ahead.is_whole else None


def _show_draft(session: Session, finished: FinishedDraft) -> None:
    """A draft that was written ahead is there from now on."""
    finished.finished_at = datetime.now(UTC)
    session.report.keep(finished)
    session.report.shown, session.report.filled = finished, finished.draft.report
    session.boxes.fill(finished.draft.report, Origin.KEPT)


def neighbour(app: AppContext, session: Session, step: int) -> ListedStudy:
    """The study after the session's (`step` 1) that is still to be read, or the one before it (-1), in its order.

    After the last the first that is still to be read. Raises ClinicalBlipError where there is none.
    """
    order = [
        study
        for study in app.list_for(session.reader).order_for(session.reader)
        if not study.fault or study is session.study
    ]
    at = next((place for place, study in enumerate(order) if study is session.study), -1 if step > 0 else 0)
    if step < 0:
        if at <= 0:
            raise ClinicalBlipError(wording.FIRST_STUDY)
        return order[at - 1]
    for study in _to_read(session, (*order[at + 1 :], *order[: max(at, 0)])):
        return study
    raise ClinicalBlipError(wording.ALL_READ)


def _to_read(session: Session, studies: Sequence[ListedStudy]) -> list[ListedStudy]:
    return [study for study in studies if not study.fault and session.record.of(study).state in _TO_READ]


def skip_study(session: Session, reason: SkipReason) -> None:
    """Leave the session's study out, for a reason. Raises ClinicalBlipError where it shows none of the list."""
    if session.study is None:
        raise ClinicalBlipError(wording.NOTHING_TO_SKIP)
    session.record.skip(session.study, reason)


def note_saved(session: Session) -> None:
    """The review of the session's study is on disk."""
    if session.study is not None:
        session.record.save(session.study, time.monotonic() - session.opened_at)
