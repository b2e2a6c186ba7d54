"""How far a study is: counted by reader and by arm, and blinded unless the design says otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinicalblip.errors import ReaderStudyError
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.progress import study_progress, unblind
from clinicalblip.reader_study.records.records import CaseReading, Choice, EventKind, PairwiseChoice
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.reader_study import DESIGN, open_small_study

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def read(study: StudyFolder, reader: str, seconds: Sequence[float], final: str = "Normal chest.") -> list[CaseReading]:
    """A reader reads so many cases, each for so long."""
    made = []
    for assigned, active in zip(study.of_reader(reader), seconds, strict=False):
        reading = CaseReading(
            reader=reader,
            case=assigned.case,
            arm=assigned.arm,
            period=assigned.period,
            position=assigned.position,
            repeat=assigned.repeat,
            opened=NOW,
            saved=NOW + timedelta(days=assigned.position),
            final=Report(final),
            reading=Reading(100.0, active, accepted_all_at_once=active == 90),
        )
        assert study.records.add_reading(reading)
        made.append(reading)
    return made


def test_nobody_has_read_yet(small_study: StudyFolder) -> None:
    """Every arm is there, and nothing is divided by nothing."""
    progress = study_progress(small_study)
    assert (progress.readers, progress.rows, progress.has_ended) == ([], 3, False)
    assert [(arm.done, arm.assigned, arm.mean_position) for arm in progress.arms] == [(0, 0, None)] * 3


def test_readings_are_counted_by_reader_and_arm(small_study: StudyFolder) -> None:
    """With the median of active seconds, the day of the last, flags, choices and places in the list."""
    for _ in range(2):
        small_study.records.enrol()
    made = read(small_study, "R01", [40, 60, 90])
    pair = small_study.assignment.pairs[0]
    choice = PairwiseChoice("R01", 1, pair.case, "a" * 32, "b" * 32, Choice.LEFT, "", 5.0, NOW)
    small_study.records.add_choice(choice)
    small_study.records.leave("R02")
    first, second = study_progress(small_study).readers
    assert (first.done, first.assigned, first.chosen, first.pairs) == (3, 5, 1, 2)
    assert (first.active_seconds, str(first.last_day)) == (60, "2026-12-03")
    assert first.flags == {"accepted all at once": 1, "mostly idle": 1}
    assert (second.done, second.last_day, second.active_seconds) == (0, None, None)
    assert second.enrolment.left is not None
    arms = {arm.arm: arm for arm in study_progress(small_study).arms}
    for name, arm in arms.items():
        own = [each.position for each in made if each.arm == name]
        assert (arm.done, arm.mean_position) == (len(own), sum(own) / len(own) if own else None)
    assert sum(arm.assigned for arm in arms.values()) == 10


def test_repeated_cases_say_how_far_a_reader_agrees_with_themselves(tmp_path: Path) -> None:
    """By the findings that were reported, whatever the words."""
    design = DESIGN.replace("  training: 1\n", "  training: 1\n  repeated: 2\n")
    with open_small_study(tmp_path, design=design) as study:
        study.records.enrol()
        assigned = study.of_reader("R01")
        assert sum(each.repeat for each in assigned) == 2
        made = read(study, "R01", [50] * (len(assigned) - 2), "There is a pleural effusion.")
        for each, said in zip(assigned[-2:], ("A pleural effusion is seen.", "Normal chest."), strict=True):
            study.records.add_reading(
                replace(made[0], case=each.case, arm=each.arm, position=each.position, repeat=True, final=Report(said))
            )
        (reader,) = study_progress(study).readers
        assert (reader.repeated, reader.repeated_alike) == (2, 1)


def test_outcomes_by_arm_wait_for_the_end(small_study: StudyFolder) -> None:
    """They are refused before it; after it nothing has to be recorded."""
    small_study.records.enrol()
    made = read(small_study, "R01", [40, 40, 40, 40, 40])
    with pytest.raises(ReaderStudyError, match=r"does not let its owner see outcomes .* end the study first\.$"):
        unblind(small_study)
    small_study.record(EventKind.ENDED)
    main = {case.number for case in small_study.assignment.cases if case.kind is CaseKind.MAIN}
    counts = {outcome.arm: outcome.readings for outcome in unblind(small_study)}
    assert counts == {arm: sum(each.arm == arm and each.case in main for each in made) for arm in counts}
    assert sum(counts.values()) == 3
    assert [event.kind for event in small_study.records.events()] == [EventKind.ENDED]


def test_looking_before_the_end_is_recorded_where_it_is_allowed(tmp_path: Path) -> None:
    """Each time."""
    with open_small_study(tmp_path, design=DESIGN + "owner: {unblinded_before_end: true}\n") as study:
        assert [outcome.active_seconds for outcome in unblind(study)] == [None] * 3
        unblind(study)
        assert [event.kind for event in study.records.events()] == [EventKind.UNBLINDED] * 2
