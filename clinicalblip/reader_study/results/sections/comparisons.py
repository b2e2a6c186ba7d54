"""The comparisons that the design names: estimates, margins, Holm's p values, and what they show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.design.design import ComparisonPart, DraftSource, OutcomeName
from clinicalblip.reader_study.results.estimates import Estimates, Judgement, Question, measure
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, notes_of, number, p_value
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.sections.injected import injected_readings, measure_caught
from clinicalblip.reader_study.results.sections.preference import main_choices
from clinicalblip.reader_study.results.sections.times import active_seconds
from clinicalblip.reader_study.results.study_data import StudyData
from clinicalblip.reader_study.statistics.estimate import Estimate

RATIOS: Final = frozenset({OutcomeName.READING_SECONDS, OutcomeName.DECISION, OutcomeName.PREFERENCE})
"""Outcomes that are compared by a ratio; the others are by a difference."""

LARGER_IS_WORSE: Final = frozenset(
    {OutcomeName.READING_SECONDS, OutcomeName.EDIT_DISTANCE, OutcomeName.DECISION, OutcomeName.CONTENT_ERRORS}
)
"""Outcomes of which less is better."""

_MEASURES: Final = {
    OutcomeName.READING_SECONDS: "ratio of active seconds",
    OutcomeName.EDIT_DISTANCE: "difference of words",
    OutcomeName.DECISION: "odds ratio of more work",
    OutcomeName.CONTENT_ERRORS: "difference of errors named",
    OutcomeName.CAUGHT_ERRORS: "difference of shares",
    OutcomeName.AGREEMENT_WITH_REFERENCE: "difference of F1",
    OutcomeName.PREFERENCE: "odds of being preferred",
}

_MOST_OF_A_HALF: Final = 0.499

_VALUES: Final[dict[OutcomeName, Callable[[ReadingRow], float | None]]] = {
    OutcomeName.EDIT_DISTANCE: lambda row: row.edit_distance,
    OutcomeName.CONTENT_ERRORS: lambda row: row.content_errors,
    OutcomeName.AGREEMENT_WITH_REFERENCE: lambda row: row.agreement,
}


@dataclass(frozen=True)
class Compared:
    """A comparison of the design, what was found, and what it shows at the design's confidence."""

    asked: ComparisonPart
    found: Estimate
    judged: Judgement


def compare(data: StudyData, ask: Estimates) -> Sequence[Compared]:
    """All comparisons of the design, in its order, with p values by Holm's method over all together."""
    asked = data.design.analysis.comparisons
    found = [_estimate(data, comparison, ask) for comparison in asked]
    judged = ask.judge([_question(*each) for each in zip(asked, found, strict=True)])
    return [Compared(*each) for each in zip(asked, found, judged, strict=True)]


def _question(comparison: ComparisonPart, found: Estimate) -> Question:
    """A margin of a preference is a difference of the share of choices from one half: here the ratio that it is."""
    margin = comparison.margin
    if comparison.outcome is OutcomeName.PREFERENCE and margin is not None:
        half = min(margin, _MOST_OF_A_HALF)
        margin = (0.5 + half) / (0.5 - half)
    return Question(found, margin, comparison.outcome in LARGER_IS_WORSE, comparison.outcome in RATIOS)


def comparisons(data: StudyData, ask: Estimates) -> Section:
    """The section on the design's comparisons."""
    title = "The design's comparisons"
    if not data.design.analysis.comparisons:
        return Section(title, ("The design names no comparison: nothing below tests a hypothesis.",))
    compared = compare(data, ask)
    lines = [
        (
            str(place),
            f"{each.asked.outcome}: {_MEASURES[each.asked.outcome]}",
            each.asked.arm,
            each.asked.against,
            "superiority" if each.asked.margin is None else f"non-inferiority by {number(each.asked.margin, 3)}",
            estimate(each.found, 3),
            p_value(each.judged.p),
            p_value(each.judged.adjusted),
            each.judged.shows,
        )
        for place, each in enumerate(compared, start=1)
    ]
    return Section(
        title,
        (
            "Named before the first reading; the first is the primary one. p values are two-sided, and against a "
            "margin twice the one-sided one; Holm's method holds all of them together. What is not shown is not shown "
            "to be absent.",
        ),
        (
            Table(
                "Comparisons",
                ("", "outcome", "arm", "against", "question", "estimate", "p", "p (Holm)", "what it shows"),
                tuple(lines),
                _notes(compared),
                words=5,
            ),
        ),
    )


def _notes(compared: Sequence[Compared]) -> tuple[str, ...]:
    numbered = (replace(each.found, name=f"comparison {place}") for place, each in enumerate(compared, start=1))
    if not any(each.asked.outcome is OutcomeName.CAUGHT_ERRORS for each in compared):
        return notes_of(numbered)
    gold = "Caught errors are those of gold cases where an arm of the comparison has none in main cases."
    return (*notes_of(numbered), gold)


def _estimate(data: StudyData, comparison: ComparisonPart, ask: Estimates) -> Estimate:
    outcome, against = comparison.outcome, comparison.against
    if outcome is OutcomeName.READING_SECONDS:
        found = ask.time_ratios(measure(data.compared, active_seconds), against)
    elif outcome is OutcomeName.DECISION:
        found = ask.decision_odds(measure(data.compared, lambda row: row.decision), against)
    elif outcome is OutcomeName.CAUGHT_ERRORS:
        kind = _kind_with_errors(data, comparison)
        every = [each for each in injected_readings(data.rows) if each.row.kind is kind]
        found = ask.differences(measure_caught(every), against)
    elif outcome is OutcomeName.PREFERENCE:
        return ask.preference(main_choices(data), comparison.arm, against)
    else:
        found = ask.differences(measure(data.compared, _VALUES[outcome]), against)
    return found.get(comparison.arm) or ask.none(comparison.arm)


def _kind_with_errors(data: StudyData, comparison: ComparisonPart) -> CaseKind:
    """Main cases where both arms have errors put into them, else gold cases."""
    both = [data.design.arm(name).draft for name in (comparison.arm, comparison.against)]
    return CaseKind.MAIN if all(draft is DraftSource.INJECTED for draft in both) else CaseKind.GOLD
