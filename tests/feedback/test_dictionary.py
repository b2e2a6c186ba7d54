"""docs/feedback.md has every column of the reviews file, and no other."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import JSON, Boolean, Float, Integer, String

from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS
from clinicalblip.feedback.schema import APPEND_ONLY, SCHEMA_VERSION, metadata
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.report_error import REXVAL, ErrorCategory, ErrorOrigin, ErrorState, Significance
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate

TEXT = (Path(__file__).parents[2] / "docs" / "feedback.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^### `(\w+)`\n(.+?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))
TYPES = {String: "text", Integer: "whole number", Float: "number", Boolean: "yes/no", JSON: "JSON"}


def rows(part: str, columns: int) -> list[list[str]]:
    """The rows of those tables of a part that have so many columns, without their headings."""
    lines = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line] for line in lines if len(line) == columns]


def test_every_table_is_there() -> None:
    """And none is invented; the page says which schema it is of."""
    assert set(PARTS) == set(metadata.tables)
    assert f"which is number {SCHEMA_VERSION}." in TEXT


@pytest.mark.parametrize("table", metadata.tables)
def test_every_column_is_there_with_its_type(table: str) -> None:
    """In the file's order, each with a meaning."""
    found = rows(PARTS[table], 5)
    kept = metadata.tables[table].columns
    assert [(name.strip("`"), kind) for name, kind, *_ in found] == [
        (column.name, TYPES[type(column.type)]) for column in kept
    ]
    assert all(meaning for _, _, _, meaning, _ in found)


@pytest.mark.parametrize("table", metadata.tables)
def test_what_erases_a_table_is_said(table: str) -> None:
    """Nothing, where it is append-only."""
    (said,) = re.findall(r"Erased (by .+?|with .+?)[.;]", PARTS[table], re.DOTALL)
    assert (said == "by nothing") is (table in {each.name for each in APPEND_ONLY})


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("reviews", "verdict", Verdict),
        ("sentences", "fate", SentenceFate),
        ("sentences", "decided_by", DecidedBy),
        ("errors", "significance", Significance),
        ("errors", "origin", ErrorOrigin),
        ("errors", "state", ErrorState),
        ("checks", "check", Check),
    ],
)
def test_every_word_of_a_list_is_there(table: str, column: str, words: type[StrEnum]) -> None:
    """What can stand in a column is in its row."""
    (row,) = [row for row in rows(PARTS[table], 5) if row[0] == f"`{column}`"]
    assert set(re.findall(r"`([^`]+)`", row[3])) == set(map(str, words))


def test_every_category_is_there_with_rexvals() -> None:
    """As the table in the code has them."""
    assert {name.strip("`"): rexval for name, _, rexval in rows(PARTS["errors"], 3)} == {
        str(category): str(REXVAL[category] or "none") for category in ErrorCategory
    }


def test_every_flag_says_what_it_does_not_show() -> None:
    """None of them is a proof."""
    for name, kind, _, _, not_shown in rows(PARTS["readings"], 5):
        assert not_shown or kind != "yes/no", name


def test_an_exports_first_table_is_the_one_described() -> None:
    """`reviews`, `texts` and `withdrawals` joined, and the latest correction."""
    joined = {
        column.name
        for table, left_out in (
            ("reviews", ("number", "reader_key")),
            ("texts", ("review",)),
            ("withdrawals", ("review",)),
        )
        for column in metadata.tables[table].columns
        if column.name not in left_out
    }
    assert set(COLUMNS[REVIEWS]) == joined | {"superseded_by"}
