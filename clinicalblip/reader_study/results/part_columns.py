"""The columns of errors.csv, choices.csv and answers.csv."""

from dataclasses import dataclass

from clinicalblip.reader_study.results.columns import CASE_SHOWS_NOT, READER_SHOWS_NOT, READING_COLUMNS, Column
from clinicalblip.reader_study.results.reading_row import InjectedOutcome, NamedError, ReadingRow
from clinicalblip.reader_study.results.study_data import ChoiceRow


@dataclass(frozen=True)
class ErrorRow:
    """An error of a reading's draft: one that the reader named, or one that had been put in."""

    row: ReadingRow
    named: NamedError | None = None
    injected: InjectedOutcome | None = None


@dataclass(frozen=True)
class AnswerRow:
    """One answer to one question; `row` is the reading that it was asked after, None at the end."""

    reader: str
    asked: str
    question: str
    answer: int | str
    row: ReadingRow | None = None


_OF_READING = tuple(
    column
    for column in READING_COLUMNS
    if column.name in ("reader", "case", "arm", "period", "position", "repeat", "kind")
)


def _of_row(column: Column[ReadingRow]) -> Column[ErrorRow]:
    return Column(
        column.name, column.kind, column.unit, column.means, column.shows_not, lambda error: column.value(error.row)
    )


ERROR_COLUMNS: tuple[Column[ErrorRow], ...] = (
    *map(_of_row, _OF_READING),
    Column(
        "source",
        "text",
        "",
        "`named` by the reader, or `injected` before the study",
        "that these are different errors: a reader may name one that was put in",
        lambda error: "named" if error.named else "injected",
    ),
    Column(
        "category",
        "text",
        "",
        "CRIMSON's",
        "",
        lambda error: str(error.named.category if error.named else error.injected and error.injected.error.category),
    ),
    Column(
        "significance",
        "text",
        "",
        "CRIMSON's; empty where the reader did not set it",
        "harm: nobody was treated by it",
        lambda error: _text(
            error.named.significance if error.named else error.injected and error.injected.error.significance
        ),
    ),
    Column(
        "observation",
        "text",
        "",
        "what it is about; empty for what is none of the labeler's observations",
        "",
        lambda error: _observation(error),
    ),
    Column(
        "origin",
        "text",
        "",
        "of a named one `proposed` by the program or `by hand`",
        "that an error named by hand is more certain",
        lambda error: str(error.named.origin) if error.named else None,
    ),
    Column(
        "state",
        "text",
        "",
        "of a named one `confirmed` or `changed`",
        "",
        lambda error: str(error.named.state) if error.named else None,
    ),
    Column(
        "injected_kind",
        "text",
        "",
        "of an injected one, the design's word for it",
        "",
        lambda error: str(error.injected.error.kind) if error.injected else None,
    ),
    Column(
        "fate",
        "text",
        "",
        "of an injected one `caught`, `changed` or `missed`",
        "that the reader saw it",
        lambda error: str(error.injected.fate) if error.injected else None,
    ),
)

CHOICE_COLUMNS: tuple[Column[ChoiceRow], ...] = (
    Column("reader", "text", "", "a pseudonym, by the row of the assignment", READER_SHOWS_NOT, lambda row: row.reader),
    Column("position", "whole number", "", "in the reader's list of pairs, from 1", "", lambda row: row.position),
    Column("case", "whole number", "", "the case's number in the study", CASE_SHOWS_NOT, lambda row: row.case),
    Column("kind", "text", "", "`training`, `main` or `gold`", "", lambda row: str(row.kind)),
    Column("left", "text", "", "the arm whose draft stood on the left, by lot", "", lambda row: row.left),
    Column("right", "text", "", "the arm whose draft stood on the right", "", lambda row: row.right),
    Column(
        "choice",
        "text",
        "",
        "`left`, `right`, `tie`, or `neither`, which is that both are unusable",
        "how much better: a choice has no degrees",
        lambda row: str(row.choice),
    ),
    Column("chosen", "text", "", "the arm that was chosen; empty without one", "", lambda row: row.chosen),
    Column(
        "why",
        "text",
        "",
        "what the reader gave as the reason",
        "that nobody is named in it: look before you hand it on",
        lambda row: row.why,
    ),
    Column(
        "seconds",
        "number",
        "seconds",
        "of the page's clock",
        "work: the reader may have been away",
        lambda row: row.seconds,
    ),
)

ANSWER_COLUMNS: tuple[Column[AnswerRow], ...] = (
    Column("reader", "text", "", "a pseudonym, by the row of the assignment", READER_SHOWS_NOT, lambda row: row.reader),
    Column(
        "asked", "text", "", "`after a case`, or the questionnaire or question at the end", "", lambda row: row.asked
    ),
    Column(
        "case",
        "whole number",
        "",
        "after which case; empty at the end",
        CASE_SHOWS_NOT,
        lambda row: row.row.case if row.row else None,
    ),
    Column("arm", "text", "", "of that reading", "", lambda row: row.row.arm if row.row else None),
    Column("period", "whole number", "", "of that reading", "", lambda row: row.row.period if row.row else None),
    Column("position", "whole number", "", "of that reading", "", lambda row: row.row.position if row.row else None),
    Column("repeat", "yes/no", "", "of that reading", "", lambda row: row.row.repeat if row.row else None),
    Column("kind", "text", "", "of that reading", "", lambda row: str(row.row.kind) if row.row else None),
    Column(
        "question", "text", "", "its name in the design or in the questionnaire", "its words", lambda row: row.question
    ),
    Column(
        "answer",
        "text",
        "",
        "a whole number of a scale, or the choice",
        "that distances on a scale are equal, or that nobody is named in a text",
        lambda row: row.answer,
    ),
)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _observation(error: ErrorRow) -> str | None:
    if error.named is not None:
        return _text(error.named.observation)
    finding = error.injected and (error.injected.error.before or error.injected.error.after)
    return finding.observation.value if finding else None
