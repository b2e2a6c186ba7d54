"""How far a study is: by reader and by arm; outcomes by arm only where the design allows it, and then on record."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.assignment.assignment import AssignedReading, CaseKind
from clinicalblip.reader_study.records.records import CaseReading, Enrolment, EventKind
from clinicalblip.reader_study.results.findings_agreement import positive_findings
from clinicalblip.reader_study.results.reading_flags import flags_of
from clinicalblip.reader_study.results.reading_row import Flag
from clinicalblip.reader_study.study_folder import StudyFolder


@dataclass(frozen=True)
class ReaderProgress:
    """How far a reader is: `done` of `assigned` readings, `chosen` of `pairs`.

    `last_day`: of the reading that was saved last, in UTC. `active_seconds`: the median of a reading, without idle
    time. `flags`: how many readings have each. `repeated_alike`: in how many of the `repeated` cases the same findings
    were reported as the first time.
    """

    enrolment: Enrolment
    done: int
    assigned: int
    chosen: int
    pairs: int
    last_day: date | None
    active_seconds: float | None
    flags: Mapping[str, int]
    repeated: int
    repeated_alike: int


@dataclass(frozen=True)
class ArmProgress:
    """How many readings of an arm are done, of those that enrolled readers have, and their mean place."""

    arm: str
    done: int
    assigned: int
    mean_position: float | None


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is, without an outcome of any arm. `rows`: for how many readers the assignment is made."""

    readers: Sequence[ReaderProgress]
    arms: Sequence[ArmProgress]
    rows: int
    has_ended: bool


@dataclass(frozen=True)
class ArmOutcome:
    """What came of an arm so far, over the cases that are compared."""

    arm: str
    readings: int
    active_seconds: float | None


def study_progress(folder: StudyFolder) -> StudyProgress:
    """Count what is done. Raises ReaderStudyError where the records cannot be read."""
    enrolments, readings = folder.records.enrolments(), folder.records.readings()
    choices = Counter(choice.reader for choice in folder.records.choices())
    pairs = Counter(pair.row for pair in folder.assignment.pairs)
    assigned = [each for each in folder.assignment.readings if each.row in {one.row for one in enrolments}]
    rows = Counter(each.row for each in assigned)
    readers = [
        _of_reader(
            enrolment,
            [reading for reading in readings if reading.reader == enrolment.reader],
            rows[enrolment.row],
            (choices[enrolment.reader], pairs[enrolment.row]),
        )
        for enrolment in enrolments
    ]
    arms = [_of_arm(arm.name, readings, assigned) for arm in folder.design.arms]
    return StudyProgress(readers, arms, folder.assignment.rows, folder.records.has_ended)


def unblind(folder: StudyFolder) -> tuple[ArmOutcome, ...]:
    """The outcomes by arm; that they were looked at before the end is recorded.

    Raises ReaderStudyError before the end where the design does not allow it.
    """
    if not folder.records.has_ended:
        if not folder.design.owner.unblinded_before_end:
            raise ReaderStudyError(
                "The design does not let its owner see outcomes by arm before the end (owner.unblinded_before_end); "
                "end the study first."
            )
        folder.record(EventKind.UNBLINDED)
    main = {case.number for case in folder.assignment.cases if case.kind is CaseKind.MAIN}
    readings = [each for each in folder.records.readings() if each.case in main and not each.repeat]
    outcomes = []
    for arm in folder.design.arms:
        own = [each for each in readings if each.arm == arm.name]
        outcomes.append(ArmOutcome(arm.name, len(own), _median_seconds(own)))
    return tuple(outcomes)


def _of_reader(
    enrolment: Enrolment, own: Sequence[CaseReading], assigned: int, pairs: tuple[int, int]
) -> ReaderProgress:
    flags = Counter(flag for each in own if each.reading for flag in flags_of(each.reading))
    first = {(each.period, each.case): each.final for each in own if not each.repeat}
    again = [(first.get((each.period, each.case)), each.final) for each in own if each.repeat]
    repeated = [(before, after) for before, after in again if before is not None]
    return ReaderProgress(
        enrolment=enrolment,
        done=len(own),
        assigned=assigned,
        chosen=pairs[0],
        pairs=pairs[1],
        last_day=own[-1].saved.date() if own else None,
        active_seconds=_median_seconds(own),
        flags={flag.value: flags[flag] for flag in Flag if flags[flag]},
        repeated=len(repeated),
        repeated_alike=sum(positive_findings(before) == positive_findings(after) for before, after in repeated),
    )


def _of_arm(arm: str, readings: Sequence[CaseReading], assigned: Sequence[AssignedReading]) -> ArmProgress:
    positions = [each.position for each in readings if each.arm == arm]
    return ArmProgress(
        arm, len(positions), sum(each.arm == arm for each in assigned), fmean(positions) if positions else None
    )


def _median_seconds(readings: Iterable[CaseReading]) -> float | None:
    seconds = [each.reading.active_seconds for each in readings if each.reading is not None]
    return median(seconds) if seconds else None
