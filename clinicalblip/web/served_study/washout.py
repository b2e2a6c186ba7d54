"""When the wait before a second period begins, also where the server's clock was wrong while the first was read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from clinicalblip.reader_study.records.records import CaseReading, EventKind
from clinicalblip.reader_study.study_folder import StudyFolder


def washout_until(folder: StudyFolder, reader: str, before: Sequence[CaseReading], days: float) -> datetime | None:
    """When `days` have passed since the last of a reader's readings, where that is later than now.

    One that is dated later than now was saved before the clock was set back, nobody knows when: days are counted from
    when that was noticed, which is recorded, so that neither is the wait shorter than asked for nor without an end.
    """
    now, last = datetime.now(UTC), max((each.saved for each in before), default=None)
    if last is None:
        return None
    then = (last if last <= now else _noticed(folder, reader, now)) + timedelta(days=days)
    return then if then > now else None


def _noticed(folder: StudyFolder, reader: str, now: datetime) -> datetime:
    events = (event for event in folder.records.events() if event.kind is EventKind.CLOCK_BACK)
    noticed = [event.at for event in events if event.reader == reader and event.at <= now]
    if noticed:
        return max(noticed)
    folder.record(EventKind.CLOCK_BACK, reader)
    return now
