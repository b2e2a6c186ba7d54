"""Flags of readings, and what leaving flagged ones out changes."""

from collections.abc import Sequence
from dataclasses import replace

from clinicalblip.reader_study.results.estimates import ByArm, Estimates, measure
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, notes_of, percent
from clinicalblip.reader_study.results.reading_flags import FAST_SHARE, IDLE_SHARE, LEAST_FOR_FAST
from clinicalblip.reader_study.results.reading_row import Flag, ReadingRow
from clinicalblip.reader_study.results.sections.times import active_seconds
from clinicalblip.reader_study.results.study_data import StudyData
from clinicalblip.reader_study.statistics.estimate import Estimate


def flags(data: StudyData, ask: Estimates) -> Section:
    """The section on flags."""
    counts = (
        *((str(flag), *(str(data.flagged(flag, arm)) for arm in data.arms)) for flag in Flag),
        ("any", *(str(sum(bool(row.flags) for row in data.compared if row.arm == arm)) for arm in data.arms)),
    )
    return Section(
        "Flags",
        (
            "Flagged readings are counted in all tables but those that say otherwise. Mostly idle: more than "
            f"{percent(IDLE_SHARE)} of a reading's seconds. Very fast: under {percent(FAST_SHARE)} of the median of "
            f"the same reader's readings of the arm, of {LEAST_FOR_FAST} or more. Interrupted: the page was loaded "
            "again, so that times are since then.",
        ),
        (
            Table("Flagged readings in comparisons, by arm", ("flag", *data.arms), counts),
            _changes(data, ask),
        ),
    )


def _changes(data: StudyData, ask: Estimates) -> Table:
    lines: list[tuple[str, ...]] = []
    found: list[Estimate] = []

    def add(outcome: str, arms: Sequence[str], against: str, digits: int, every: ByArm, without: ByArm) -> None:
        found.extend(replace(each, name=outcome) for each in (*every.values(), *without.values()))
        lines.extend(
            (outcome, arm, against, estimate(every.get(arm), digits), estimate(without.get(arm), digits))
            for arm in arms
            if arm != against
        )

    def ratios(rows: Sequence[ReadingRow]) -> ByArm:
        return ask.time_ratios(measure(rows, active_seconds), data.baseline)

    add("active seconds, ratio", data.arms, data.baseline, 2, ratios(data.compared), ratios(data.unflagged))
    if data.drafted:
        first = data.drafted[0]
        edits = [
            ask.differences(measure(rows, lambda row: row.edit_distance), first)
            for rows in (data.compared, data.unflagged)
        ]
        odds = [
            ask.decision_odds(measure(rows, lambda row: row.decision), first)
            for rows in (data.compared, data.unflagged)
        ]
        add("edit distance, difference", data.drafted, first, 1, *edits)
        add("decision, odds ratio", data.drafted, first, 2, *odds)
    scores = [
        ask.differences(measure(rows, lambda row: row.agreement), data.baseline)
        for rows in (data.compared, data.unflagged)
    ]
    add("F1 with the reference, difference", data.arms, data.baseline, 3, *scores)
    return Table(
        "What leaving flagged readings out changes",
        ("outcome", "arm", "compared with", "all readings", "without flagged"),
        tuple(lines),
        notes_of(found),
        words=3,
    )
