"""Who read what: readers, readings by kind and arm, and what is left out of comparisons, with the reason."""

from collections.abc import Iterator

from clinicalblip.reader_study.assignment.assignment import AssignedReading, CaseKind
from clinicalblip.reader_study.results.markdown import ABSENT, Section, Table
from clinicalblip.reader_study.results.reading_row import ReviewState
from clinicalblip.reader_study.results.study_data import StudyData


def conduct(data: StudyData) -> Section:
    """The section on who read what."""
    left_out = [(reason, str(count)) for reason, count in exclusions(data) if count]
    return Section(
        "Who read what",
        (_state(data),),
        (
            Table(
                "Readings by reader",
                ("reader", "assigned", "read", "training", "main", "gold", "read again", "choices", "left"),
                tuple(_readers(data)),
            ),
            Table(
                "Readings by arm",
                ("arm", "assigned", "read", "main, once", "gold, once", "readers", "cases"),
                tuple(_arms(data)),
                ("Assigned are those of readers who enrolled.",),
            ),
            Table(
                "Not in comparisons of arms, and why",
                ("why", "readings"),
                tuple(left_out),
                (f"In comparisons: {len(data.compared)} of {len(data.rows)} readings.",),
            ),
        ),
    )


def exclusions(data: StudyData) -> Iterator[tuple[str, int]]:
    """Why readings are not in comparisons, or not with all of their values, and how many; one may be in several."""
    rows = data.rows
    yield "training case", sum(row.kind is CaseKind.TRAINING for row in rows)
    yield "gold case: its errors are known and were put in", sum(row.kind is CaseKind.GOLD for row in rows)
    yield "read again by the same reader, to see how far they agree with themselves", sum(row.repeat for row in rows)
    compared = data.compared
    yield (
        "in comparisons, but not of what rests on a consent: the review was withdrawn",
        sum(row.review is ReviewState.WITHDRAWN for row in compared),
    )
    yield (
        "in comparisons, but not of what a review has: it is not in the reviews file",
        sum(row.review is ReviewState.MISSING for row in compared),
    )
    yield "in comparisons, but not of times: none are kept", sum(row.active_seconds is None for row in compared)
    yield (
        "in comparisons, but not of agreement: the reference names no finding, or has no words",
        sum(row.agreement is None and row.final_findings is not None for row in compared),
    )
    yield (
        "in comparisons, with the decision and the words of the latest version: the review was corrected",
        sum(row.review is ReviewState.CORRECTED for row in compared),
    )


def assigned(data: StudyData) -> tuple[AssignedReading, ...]:
    """The readings that were assigned to readers who enrolled."""
    rows = {enrolment.row for enrolment in data.enrolments}
    return tuple(reading for reading in data.assignment.readings if reading.row in rows)


def _state(data: StudyData) -> str:
    begun = sum(any(row.reader == each.reader for row in data.rows) for each in data.enrolments)
    left = sum(each.left is not None for each in data.enrolments)
    ended = "The study has ended." if data.ended else "The study has not ended: these are results so far."
    return (
        f"{ended} {len(data.enrolments)} of {data.assignment.rows} places were taken, {begun} of them by readers who "
        f"read a case; {left} left before their end, and what they read until then is counted. {len(data.rows)} of "
        f"{len(assigned(data))} readings that were assigned to them were made. Training cases, gold cases and second "
        f"readings of a case by the same reader are left out of all comparisons of arms."
    )


def _readers(data: StudyData) -> Iterator[tuple[str, ...]]:
    for enrolment in data.enrolments:
        own = [row for row in data.rows if row.reader == enrolment.reader]
        first = [row for row in own if not row.repeat]
        counts = (
            sum(reading.row == enrolment.row for reading in data.assignment.readings),
            len(own),
            *(sum(row.kind is kind for row in first) for kind in (CaseKind.TRAINING, CaseKind.MAIN, CaseKind.GOLD)),
            sum(row.repeat for row in own),
            sum(choice.reader == enrolment.reader for choice in data.choices),
        )
        yield enrolment.reader, *map(str, counts), "yes" if enrolment.left else ABSENT


def _arms(data: StudyData) -> Iterator[tuple[str, ...]]:
    for arm in data.arms:
        own = [row for row in data.rows if row.arm == arm]
        main = [row for row in own if row.compared]
        counts = (
            sum(reading.arm == arm for reading in assigned(data)),
            len(own),
            len(main),
            sum(row.kind is CaseKind.GOLD and not row.repeat for row in own),
            len({row.reader for row in main}),
            len({row.case for row in main}),
        )
        yield arm, *map(str, counts)
