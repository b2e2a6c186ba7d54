"""ServedStudy: what a page knows of the reader study that it serves, made of its folder and its records."""

from __future__ import annotations

import hmac
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.reader_study.assignment.assignment import AssignedPair, AssignedReading, CaseKind
from clinicalblip.reader_study.records.records import CaseReading, EventKind, PairwiseChoice
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.open_case import OpenCase
from clinicalblip.web.served_study.questionnaires import Questionnaire, questionnaire
from clinicalblip.web.served_study.washout import washout_until
from clinicalblip.worklist.work_list import ListedStudy, WorkList, list_studies

if TYPE_CHECKING:
    from clinicalblip.reader_study.design.design import ReaderStudyDesign
    from clinicalblip.reader_study.records.record_store import RecordStore
    from clinicalblip.reader_study.records.records import Enrolment

_Key = tuple[int, int, bool]
"""A reading of one reader: period, case, whether it is a repeat."""

_REST_SECONDS: Final = 600.0
"""Whoever saved nothing for so long has had a break."""


@dataclass(frozen=True)
class _ReaderList:
    """One reader's readings in their order, and the studies that the page lists for them, number by number."""

    readings: Sequence[AssignedReading]
    work_list: WorkList


@dataclass
class _Pace:
    """Since when a reader reads without a break, and when they saved last, in seconds of the monotonic clock."""

    since: float
    last: float


@dataclass
class ServedStudy:
    """A study that is read. `key`: of the digests that name readers and cases in reviews.

    Cases are listed for each reader under numbers of their own, from 1 over all periods, in the order of the
    assignment. `carried`: what readers had typed in a browser that they left (reading_study/takeover.py). Safe to use
    from several threads: `saving` is held while a reader's case is saved.
    """

    folder: StudyFolder
    key: bytes
    carried: dict[str, object] = field(default_factory=dict)
    _lists: dict[str, _ReaderList] = field(default_factory=dict)
    _done: dict[str, dict[_Key, CaseReading]] = field(default_factory=dict)
    _paces: dict[str, _Pace] = field(default_factory=dict)
    _saving: defaultdict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def design(self) -> ReaderStudyDesign:
        """What the study is."""
        return self.folder.design

    @property
    def records(self) -> RecordStore:
        """What readers did."""
        return self.folder.records

    @property
    def is_ended(self) -> bool:
        """Whether the owner has ended it, and has not gone on since."""
        return self.records.has_ended

    def begin(self) -> None:
        """Record that the study is served for the first time; before that nobody can have read it."""
        if all(event.kind is not EventKind.BEGUN for event in self.records.events()):
            self.folder.record(EventKind.BEGUN)

    def reader_key(self, reader: str) -> str:
        """The key that a reader's reviews carry."""
        return self._digest(f"reader {reader}")

    def saving(self, reader: str) -> threading.RLock:
        """The lock under which this reader's cases are saved, one after another."""
        with self._lock:
            return self._saving[reader]

    def enrolment(self, reader: str) -> Enrolment | None:
        """The enrolment under this pseudonym, None where there is none."""
        return next((each for each in self.records.enrolments() if each.reader == reader), None)

    def may_read(self, reader: str) -> bool:
        """Whether this reader is enrolled, has agreed and has not left."""
        enrolment = self.enrolment(reader)
        return enrolment is not None and enrolment.consented is not None and enrolment.left is None

    def leave(self, reader: str) -> None:
        """The reader leaves for good, which is recorded; what they saved stays."""
        self.records.leave(reader)
        self.folder.record(EventKind.READER_LEFT, reader)

    # Cases

    def list_for(self, reader: str) -> WorkList:
        """What this reader goes through; nothing for whoever is no reader, or chooses between drafts alone."""
        return self._of(reader).work_list

    def reading_of(self, reader: str, number: int) -> AssignedReading:
        """The reading under a number of the reader's list."""
        return self._of(reader).readings[number - 1]

    def done(self, reader: str) -> Mapping[_Key, CaseReading]:
        """What this reader has read to its end."""
        with self._lock:
            if reader not in self._done:
                read = [each for each in self.records.readings() if each.reader == reader]
                self._done[reader] = {(each.period, each.case, each.repeat): each for each in read}
            return self._done[reader]

    def is_done(self, reader: str, number: int) -> bool:
        """Whether the case under this number was read to its end."""
        return _key(self.reading_of(reader, number)) in self.done(reader)

    def next_number(self, reader: str) -> int | None:
        """The case that this reader reads next; None where all are read. One whose film is missing is left out."""
        return next(
            (
                study.number
                for study in self.list_for(reader).studies
                if not study.fault and not self.is_done(reader, study.number)
            ),
            None,
        )

    def done_count(self, reader: str) -> int:
        """How many cases this reader has read."""
        return sum(self.is_done(reader, study.number) for study in self.list_for(reader).studies)

    def waits_until(self, reader: str, number: int) -> datetime | None:
        """When the case under this number may be read, where that is later than now: after the washout."""
        period = self.reading_of(reader, number).period
        before = [each for each in self.done(reader).values() if each.period < period]
        return washout_until(self.folder, reader, before, self.design.reading.washout_days)

    def open(self, reader: str, number: int) -> OpenCase:
        """The case under this number as this reader reads it. Raises ClinicalBlipError where they may not now."""
        listed = self.list_for(reader)
        if number not in listed.by_number:
            raise ClinicalBlipError(wording.NO_SUCH_CASE)
        if not self.may_read(reader):
            raise ClinicalBlipError(wording.CONSENT_FIRST)
        if self.is_done(reader, number):
            if not self.design.reading.read_again:
                raise ClinicalBlipError(wording.DONE_CASE.format(number=number))
            return replace(self.case(reader, number), is_saved=True)
        if self.is_ended:
            raise ClinicalBlipError(wording.ENDED)
        then = self.waits_until(reader, number)
        if then is not None:
            raise ClinicalBlipError(wording.WASHOUT.format(day=f"{then:%Y-%m-%d %H:%M}"))
        following = self.next_number(reader)
        if number != following:
            raise ClinicalBlipError(wording.IN_ORDER.format(number=following))
        return self.case(reader, number)

    def case(self, reader: str, number: int) -> OpenCase:
        """The case under this number, without asking whether it may be read now."""
        reading = self.reading_of(reader, number)
        return OpenCase(
            assigned=reading,
            number=number,
            count=len(self.list_for(reader).studies),
            arm=self.design.arm(reading.arm),
            digest=self._digest(f"case {self.folder.studies[reading.case].study_id}"),
            prepared=self.folder.drafts.get((reading.case, reading.arm)),
            is_training=self._kinds[reading.case] is CaseKind.TRAINING,
            commits_first=self.design.reading.reader_first,
        )

    def add_reading(self, reading: CaseReading) -> bool:
        """Record that a case was read; False where that was recorded before, and nothing changes."""
        added = self.records.add_reading(reading)
        with self._lock:
            self.done(reading.reader)
            self._done[reading.reader].setdefault((reading.period, reading.case, reading.repeat), reading)
        return added

    # Pairs of drafts

    def pairs(self, reader: str) -> Sequence[AssignedPair]:
        """The pairs that this reader chooses from, in their order."""
        enrolment = self.enrolment(reader)
        own = [pair for pair in self.folder.assignment.pairs if enrolment is not None and pair.row == enrolment.row]
        return sorted(own, key=lambda pair: pair.position)

    def next_pair(self, reader: str) -> AssignedPair | None:
        """The pair that this reader is at; None before the cases are read, and once all are chosen from."""
        if self.next_number(reader) is not None:
            return None
        chosen = {choice.position for choice in self.choices(reader)}
        return next((pair for pair in self.pairs(reader) if pair.position not in chosen), None)

    def choices(self, reader: str) -> list[PairwiseChoice]:
        """What this reader has chosen."""
        return [choice for choice in self.records.choices() if choice.reader == reader]

    # Questions at the end

    def next_questionnaire(self, reader: str) -> Questionnaire | None:
        """What this reader is asked next at the end; None before that, and once all is answered."""
        if self.next_number(reader) is not None or self.next_pair(reader) is not None:
            return None
        answered = {each.questionnaire for each in self.records.answers() if each.reader == reader}
        asked = (questionnaire(each) for each in self.design.questions.end)
        return next((each for each in asked if each.name not in answered), None)

    # Breaks

    def note_work(self, reader: str) -> None:
        """The reader opened or saved a case now."""
        now = time.monotonic()
        with self._lock:
            pace = self._paces.get(reader)
            if pace is None or now - pace.last > _REST_SECONDS:
                self._paces[reader] = _Pace(now, now)
            else:
                pace.last = now

    def is_break_due(self, reader: str) -> bool:
        """Whether the reader has read for so long that a break is proposed."""
        with self._lock:
            pace = self._paces.get(reader)
        return (
            pace is not None
            and time.monotonic() - pace.last <= _REST_SECONDS
            and pace.last - pace.since >= self.design.reading.break_minutes * 60
        )

    def take_break(self, reader: str) -> None:
        """The reader pauses, which is recorded."""
        with self._lock:
            self._paces.pop(reader, None)
        self.folder.record(EventKind.PAUSED, reader)

    def _of(self, reader: str) -> _ReaderList:
        with self._lock:
            if reader not in self._lists:
                enrolment = self.enrolment(reader)
                if enrolment is None:
                    return _ReaderList((), WorkList())
                if enrolment.row > self.folder.assignment.rows:
                    self._take_longer_assignment()
                readings = self.folder.assignment.of_row(enrolment.row)
                self._lists[reader] = _ReaderList(readings, WorkList(tuple(self._listed(readings))))
            return self._lists[reader]

    def _take_longer_assignment(self) -> None:
        """A reader was added by another process; the rows before stay as they are."""
        with StudyFolder.open(self.folder.path) as longer:
            self.folder = replace(self.folder, assignment=longer.assignment)
            self.records.offer(longer.assignment.rows)

    def add_reader(self) -> Enrolment:
        """Enrol the next reader, with a further row of the assignment where none is free. Raises ReaderStudyError."""
        with self._lock:
            taken = {each.row for each in self.records.enrolments()}
            free = next((row for row in range(1, self.folder.assignment.rows + 1) if row not in taken), None)
            if free is not None:
                enrolled = self.records.enrol(free)
                self.folder.record(EventKind.READER_ADDED, enrolled.reader)
                return enrolled
            self.folder, enrolled = self.folder.add_reader()
            return enrolled

    def make_link(self, reader: str) -> str:
        """The token of a new link for this reader, which is recorded. Raises ReaderStudyError."""
        token = self.records.make_link(reader)
        self.folder.record(EventKind.LINK_MADE, reader)
        return token

    def _listed(self, readings: Sequence[AssignedReading]) -> list[ListedStudy]:
        """The readings as studies of a list, which have no reference: that reaches no reader's page."""
        numbers = sorted(self.folder.studies)
        found = list_studies([self.folder.studies[number] for number in numbers], self.key)
        by_case = dict(zip(numbers, found, strict=True))
        return [
            replace(
                by_case[reading.case],
                number=number,
                digest=self._digest(f"reading {reading.period} {reading.case} {reading.repeat}"),
                context=replace(
                    by_case[reading.case].context,
                    hints="",
                    **({} if self.design.arm(reading.arm).show.prior_report else {"prior_report": ""}),
                ),
                reference=type(by_case[reading.case].reference)(),
                title=wording.TRAINING if self._kinds[reading.case] is CaseKind.TRAINING else "",
            )
            for number, reading in enumerate(readings, start=1)
        ]

    @property
    def _kinds(self) -> Mapping[int, CaseKind]:
        return {case.number: case.kind for case in self.folder.assignment.cases}

    def _digest(self, text: str) -> str:
        return hmac.new(self.key, f"study\0{text}".encode(), "sha256").hexdigest()


def _key(reading: AssignedReading) -> _Key:
    return reading.period, reading.case, reading.repeat
