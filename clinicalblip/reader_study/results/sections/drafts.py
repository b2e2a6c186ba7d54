"""What readers made of drafts: edit distance, decisions, and the errors that they named."""

from collections import Counter
from collections.abc import Iterator

from clinicalblip.radiology.report_error import ErrorCategory, Significance
from clinicalblip.reader_study.results.estimates import Estimates, measure
from clinicalblip.reader_study.results.markdown import ABSENT, Section, Table, estimate, notes_of
from clinicalblip.reader_study.results.reading_row import DECISIONS
from clinicalblip.reader_study.results.sections.by_arm import arm_table, counted
from clinicalblip.reader_study.results.study_data import StudyData

PICTURE = "decisions.svg"


def edits(data: StudyData, ask: Estimates) -> Section:
    """The section on edit distance."""
    if not data.drafted:
        return Section("Edit distance", ("No arm shows a draft.",))
    against = data.drafted[0]

    def words(flagged: bool) -> Table:
        rows = data.compared if flagged else data.unflagged
        found = ask.differences(measure(rows, lambda row: row.edit_distance), against)
        title = "Words added and removed" if flagged else "Words added and removed, without flagged readings"
        return arm_table(
            title,
            data.drafted,
            rows,
            lambda row: row.edit_distance,
            found,
            against=against,
            compared="difference of means to",
            digits=1,
        )

    return Section(
        "Edit distance",
        (
            "The edit distance is the number of words that were added to the draft and taken from it; a replaced word "
            "counts twice. It says how much was changed, not how much of what is said: \u201cno\u201d is one word.",
        ),
        (words(flagged=True), words(flagged=False)),
    )


def decisions(data: StudyData, ask: Estimates) -> Section:
    """The section on what drafts needed before readers would sign them."""
    if not data.drafted:
        return Section("Decisions", ("No arm shows a draft.",))
    against = data.drafted[0]
    odds = ask.decision_odds(measure(data.compared, lambda row: row.decision), against)
    lines = []
    for arm in data.drafted:
        own = [row for row in data.compared if row.arm == arm and row.decision is not None]
        counts = Counter(row.decision for row in own)
        signed = Counter(row.would_sign for row in own)
        beside = "(compared with)" if arm == against else estimate(odds.get(arm))
        ranks = (counts[rank] for rank in range(len(DECISIONS)))
        said = (signed[True], signed[False]) if signed[True] or signed[False] else (ABSENT, ABSENT)
        lines.append((arm, str(len(own)), *map(str, (*ranks, *said)), beside))
    return Section(
        "Decisions",
        (
            "The decision is what a draft needed before the reader would sign it, from accepted to rejected. An odds "
            "ratio above 1 stands for decisions that ask for more work.",
        ),
        (
            Table(
                "Decisions by arm",
                (
                    "arm",
                    "readings",
                    *map(str, DECISIONS),
                    "would sign",
                    "would not",
                    f"odds ratio of more work to {against}",
                ),
                tuple(lines),
                notes_of(odds.values()),
            ),
        ),
        ((PICTURE, "Decisions by arm"),),
    )


def content_errors(data: StudyData, ask: Estimates) -> Section:
    """The section on the errors of drafts that readers confirmed or named."""
    if not data.drafted:
        return Section("Content errors", ("No arm shows a draft.",))
    against = data.drafted[0]
    found = ask.differences(measure(data.compared, lambda row: row.content_errors), against)
    return Section(
        "Content errors",
        (
            "Errors of drafts that readers confirmed or named, by CRIMSON's categories and significances. An error "
            "that no reader named is in none of these tables.",
        ),
        (
            arm_table(
                "Errors named in a reading",
                data.drafted,
                data.compared,
                lambda row: row.content_errors,
                found,
                against=against,
                compared="difference of means to",
            ),
            Table(
                "Errors named, by category and significance",
                ("arm", "category", "n", *map(str, Significance), "not set"),
                tuple(_by_category(data)),
                words=2,
            ),
        ),
    )


def _by_category(data: StudyData) -> Iterator[tuple[str, ...]]:
    for arm in data.drafted:
        counts = Counter(
            (error.category, error.significance) for row in data.compared if row.arm == arm for error in row.named or ()
        )
        for category in ErrorCategory:
            own = [counts[category, significance] for significance in (*Significance, None)]
            if any(own):
                yield arm, str(category), str(sum(own)), *counted(own)
