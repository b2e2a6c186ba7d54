"""The columns of readings.csv: their names, what they mean, what they do not show, and their values.

Those of the other files are in `part_columns`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from clinicalblip.radiology.observation import Observation
from clinicalblip.reader_study.injection.fates import ErrorFate
from clinicalblip.reader_study.results.findings_agreement import in_order
from clinicalblip.reader_study.results.reading_row import DECISIONS, ReadingRow

Row = TypeVar("Row")
Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. `kind`: text, whole number, number, yes/no or list."""

    name: str
    kind: str
    unit: str
    means: str
    shows_not: str
    value: Callable[[Row], Cell] = field(compare=False)


READER_SHOWS_NOT: Final = "who that is: the link between pseudonym and person is not in the study"
CASE_SHOWS_NOT: Final = "the patient, or the data set's own id"

READING_COLUMNS: tuple[Column[ReadingRow], ...] = (
    Column("reader", "text", "", "a pseudonym, by the row of the assignment", READER_SHOWS_NOT, lambda row: row.reader),
    Column("case", "whole number", "", "the case's number in the study", CASE_SHOWS_NOT, lambda row: row.case),
    Column("arm", "text", "", "the design's name of the arm", "", lambda row: row.arm),
    Column(
        "period", "whole number", "", "of the crossover, from 1", "how many days lay between", lambda row: row.period
    ),
    Column(
        "position",
        "whole number",
        "",
        "in the reader's list of the period, from 1, training cases included",
        "how many were read in one sitting",
        lambda row: row.position,
    ),
    Column(
        "repeat",
        "yes/no",
        "",
        "the reader had read the case before in this period",
        "that they remembered it",
        lambda row: row.repeat,
    ),
    Column("kind", "text", "", "`training`, `main` or `gold`", "", lambda row: str(row.kind)),
    Column(
        "stratum",
        "text",
        "",
        "why the case was drawn",
        "what is on the film: it is by what the reference says",
        lambda row: row.stratum,
    ),
    Column(
        "compared",
        "yes/no",
        "",
        "goes into comparisons of arms: a main case, read the first time",
        "that every value is there",
        lambda row: row.compared,
    ),
    Column(
        "review",
        "text",
        "",
        "`no draft`; or of its review `kept`, `corrected` by a later version, `withdrawn`, `missing` from the file",
        "why a consent was withdrawn",
        lambda row: str(row.review),
    ),
    Column(
        "seconds",
        "number",
        "seconds",
        "from opening the case to saving it, by the page's clock",
        "work: the reader may have been away; after an interruption, what was before it",
        lambda row: row.seconds,
    ),
    Column(
        "active_seconds",
        "number",
        "seconds",
        "of these, with the page visible and the reader not idle",
        "attention: who looks at a film without moving counts as idle after a while",
        lambda row: row.active_seconds,
    ),
    Column(
        "idle_seconds", "number", "seconds", "the others", "rest: thinking is idle too", lambda row: row.idle_seconds
    ),
    Column(
        "first_seconds",
        "number",
        "seconds",
        "until the impression before the draft was committed; empty without one",
        "how long the draft was read",
        lambda row: row.first_seconds,
    ),
    Column(
        "edit_distance",
        "whole number",
        "words",
        "added and removed between draft and final report; empty without a draft",
        "how much was changed in what is said: \u201cno\u201d is one word",
        lambda row: row.edit_distance,
    ),
    Column(
        "style_edits",
        "whole number",
        "edits",
        "that changed the wording alone",
        "a reader's own judgement: a program told them apart",
        lambda row: row.style_edits,
    ),
    Column(
        "content_edits",
        "whole number",
        "edits",
        "that changed what is said",
        "an error that nobody noticed",
        lambda row: row.content_edits,
    ),
    Column(
        "decision",
        "text",
        "",
        "what the draft needed before signing: " + ", ".join(f"`{decision}`" for decision in DECISIONS),
        "that the draft is right: readers accept errors they do not see",
        lambda row: None if row.decision is None else str(DECISIONS[row.decision]),
    ),
    Column(
        "would_sign",
        "yes/no",
        "",
        "the reader would sign the final report; empty where they did not say",
        "that it is right",
        lambda row: row.would_sign,
    ),
    Column(
        "errors_named",
        "whole number",
        "errors",
        "of the draft that the reader confirmed or named; empty without a draft",
        "errors that they did not see",
        lambda row: row.content_errors,
    ),
    Column(
        "errors_injected",
        "whole number",
        "errors",
        "that had been put into the draft; empty where the final report is withdrawn",
        "the draft's own errors",
        lambda row: None if row.injected is None else len(row.injected),
    ),
    Column(
        "errors_caught",
        "whole number",
        "errors",
        "of these, that the final report has right",
        "that they were noticed as errors",
        lambda row: row.with_fate(ErrorFate.CAUGHT),
    ),
    Column(
        "errors_changed",
        "whole number",
        "errors",
        "of these, about which it says something else that is wrong",
        "why",
        lambda row: row.with_fate(ErrorFate.CHANGED),
    ),
    Column(
        "errors_missed",
        "whole number",
        "errors",
        "of these, that stand as they were",
        "that they were read",
        lambda row: row.with_fate(ErrorFate.MISSED),
    ),
    Column(
        "wrongly_corrected",
        "whole number",
        "findings",
        "that the draft has as the reference has them, and the final report has not",
        "that the reader is wrong: the reference can be",
        lambda row: row.wrongly_corrected,
    ),
    Column(
        "f1",
        "number",
        "0 to 1",
        "of the final report's findings with the reference's; empty where neither names one",
        "sides, degrees and what is none of CheXpert's observations",
        lambda row: row.agreement,
    ),
    Column(
        "f1_draft",
        "number",
        "0 to 1",
        "the same of the draft",
        "what the reader made of it",
        lambda row: row.draft_agreement,
    ),
    Column(
        "f1_first",
        "number",
        "0 to 1",
        "the same of the impression before the draft",
        "a whole report: it may be shorter",
        lambda row: row.first_agreement,
    ),
    Column(
        "findings_reference",
        "list",
        "",
        "CheXpert's observations that the reference calls present or uncertain",
        "what is on the film",
        lambda row: _names(row.reference_findings),
    ),
    Column(
        "findings_draft",
        "list",
        "",
        "the same of the draft",
        "",
        lambda row: _names(row.draft_findings),
    ),
    Column(
        "findings_first",
        "list",
        "",
        "the same of the impression before the draft",
        "",
        lambda row: _names(row.first_findings),
    ),
    Column(
        "findings_final",
        "list",
        "",
        "the same of the final report",
        "",
        lambda row: _names(row.final_findings),
    ),
    Column(
        "flags",
        "list",
        "",
        "`accepted faster than readable`, `accepted all at once`, `mostly idle`, `very fast`, `interrupted`",
        "carelessness: each has harmless reasons too",
        lambda row: "; ".join(map(str, row.flags)),
    ),
)


def _names(found: frozenset[Observation] | None) -> str | None:
    return None if found is None else "; ".join(in_order(found))
