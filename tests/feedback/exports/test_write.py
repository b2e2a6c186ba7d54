"""Exports: every review, whole files, nothing that a spreadsheet would run."""

import codecs
import csv
import io
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.exports.json_objects import FIELDS, review_from_json
from clinicalblip.feedback.exports.spreadsheet import SpreadsheetWriter
from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS
from clinicalblip.feedback.exports.write import Format, export_reviews, table_files
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review
from tests.fixtures.review_strategies import reviews

Make = Callable[..., Review]


def _with_final(review: Review, findings: str) -> Review:
    assert review.texts is not None
    return replace(review, texts=replace(review.texts, final=Report(findings)))


def test_json_lines_hold_every_review_exactly(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """One object a review, words as they were typed, null where there are none."""
    first = store.add(_with_final(review(0), '= "a",\n- b \U0001fac1'))
    second = store.add(review(1, consent=False, replaces=first))
    output = tmp_path / "reviews.jsonl"
    assert export_reviews(store, output, "jsonl") == 2
    one, two = (json.loads(line) for line in output.read_text(encoding="utf-8").splitlines())
    assert tuple(one) == tuple(two) == FIELDS
    assert (one["id"], one["superseded_by"], one["final_findings"]) == (first, second, '= "a",\n- b \U0001fac1')
    assert (one["radiographs"], one["warnings"]) == (["f" * 64, "e" * 64], ["Warningword was cut."])
    assert one["created"] == "2026-11-24T08:00:00.123456+00:00"
    assert (two["consented"], two["final_findings"], two["prompt"], two["comment"]) == (False, None, None, None)
    assert (two["replaces"], two["overall"], two["verdict"]) == (first, 4, "minor edits")


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
def test_no_export_says_whose_a_review_is(store: ReviewStore, tmp_path: Path, review: Make, format: Format) -> None:
    """The key by which a reader finds their own is in none; of a reader there is the pseudonym."""
    store.add(review(0, reader="heron-42", reader_key="5ec12e7" * 9))
    export_reviews(store, tmp_path / f"reviews.{format}", format)
    held = b"".join(file.read_bytes() for file in tmp_path.glob(f"reviews*.{format}"))
    assert (b"heron-42" in held, b"5ec12e7" in held, b"reader_key" in held) == (True, False, False)


@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_lines_are_read_back_as_the_reviews(
    store: ReviewStore, tmp_path: Path, review: Make, data: st.DataObject
) -> None:
    """Whatever a review's parts are, the line has all of it."""
    store.add(data.draw(reviews(review(len(list(store.reviews()))))))
    output = tmp_path / "reviews.jsonl"
    export_reviews(store, output, "jsonl")
    lines = output.read_text(encoding="utf-8").splitlines()
    assert [review_from_json(json.loads(line)) for line in lines] == list(store.reviews())


def _rows(path: Path, format: Format) -> list[dict[str, Any]]:
    if format == "parquet":
        return list(pq.read_table(path).to_pylist())
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_every_part_is_in_a_table_beside_the_reviews(
    store: ReviewStore, tmp_path: Path, review: Make, parts: dict[str, Any], format: Format
) -> None:
    """One file a table, whose rows name their review and their place in it."""
    store.add(review(0))
    identifier = store.add(review(1, **parts))
    files = table_files(tmp_path / f"reviews.{format}", format)
    assert export_reviews(store, files[REVIEWS], format) == 2
    assert {path.name for path in tmp_path.iterdir()} >= {path.name for path in files.values()}
    rows = {table: _rows(path, format) for table, path in files.items()}
    assert {table: len(found) for table, found in rows.items()} == {
        **{"reviews": 2, "sentences": 3, "errors": 3, "checks": 1, "readings": 1},
        **{"reading_sentences": 3, "reading_errors": 3},
    }
    for table, found in rows.items():
        assert all(tuple(row) == COLUMNS[table] for row in found)
        assert table == REVIEWS or {row["review"] for row in found} == {identifier}
    assert [row["category"] for row in rows["errors"]] == ["severity", "missing finding", "false finding"]
    assert [str(row["number"]) for row in rows["sentences"]] == ["0", "1", "2"]


def test_parquet_keeps_types(store: ReviewStore, tmp_path: Path, review: Make, parts: dict[str, Any]) -> None:
    """Times are times, lists are lists, and what is not there is null and no empty text."""
    saved = review(1, consent=False, **parts)
    store.add(saved)
    export_reviews(store, tmp_path / "reviews.parquet", "parquet")
    (row,) = _rows(tmp_path / "reviews.parquet", "parquet")
    assert row["created"] == saved.created
    assert row["radiographs"] == ["f" * 64, "e" * 64]
    assert (row["overall"], row["would_sign"], row["withdrawn"], row["final_findings"]) == (None, False, None, None)
    (reading,) = _rows(tmp_path / "reviews-readings.parquet", "parquet")
    assert (reading["saved_seconds"], reading["windows"], reading["never_zoomed"]) == (61.5, 2, True)


def test_many_rows_are_written_in_groups(
    store: ReviewStore, tmp_path: Path, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Parquet file of more rows than one group holds has them all, in order."""
    monkeypatch.setattr("clinicalblip.feedback.exports.parquet._ROWS", 3)
    saved = [store.add(review(second, consent=False)) for second in range(8)]
    export_reviews(store, tmp_path / "reviews.parquet", "parquet")
    assert [row["id"] for row in _rows(tmp_path / "reviews.parquet", "parquet")] == saved


def test_csv_holds_every_review(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """One row a review under the columns' names, line breaks and quotes included."""
    store.add(_with_final(review(0), 'Heart "large",\nlungs clear.'))
    store.add(review(1, consent=False))
    output = tmp_path / "reviews.csv"
    assert export_reviews(store, output, "csv") == 2
    with output.open(encoding="utf-8-sig", newline="") as file:
        one, two = csv.DictReader(file)
    assert tuple(one) == COLUMNS[REVIEWS]
    assert one["final_findings"] == 'Heart "large",\nlungs clear.'
    assert one["radiographs"] == f"{'f' * 64}; {'e' * 64}"
    assert (two["final_findings"], two["overall"]) == ("", "4")


@pytest.mark.parametrize(
    "start",
    [
        *("=", "+", "-", "@", " =", "\t=", "\r@", "\n+", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe62", "\u2212"),
        *("\ufeff=", "\u200b+", "\u200d-", "\u2060@", "\u200e=", "\u202e=", "\u2066+", "\u00a0=", "\u3000=", "\x01="),
        *("\u00ad=", "\u034f=", "\ufe0f=", "\u3164=", "\u2800=", "\u2028=", "\ufeff \u200b\t="),
    ],
)
def test_no_cell_of_a_csv_is_a_formula(store: ReviewStore, tmp_path: Path, review: Make, start: str) -> None:
    """What a spreadsheet would run is text with an apostrophe before it, whatever unseen stands before the sign."""
    store.add(_with_final(review(), f"{start}cmd()"))
    output = tmp_path / "reviews.csv"
    export_reviews(store, output, "csv")
    with output.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["final_findings"] == f"'{start}cmd()"


def test_a_csv_is_one_that_spreadsheets_read(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """With one byte order mark, and without NUL, which ends a file for some."""
    store.add(_with_final(review(), "\0=cmd()\0 fin"))
    output = tmp_path / "reviews.csv"
    export_reviews(store, output, "csv")
    content = output.read_bytes()
    assert content.startswith(codecs.BOM_UTF8)
    assert content.count(codecs.BOM_UTF8) == 1
    assert b"\0" not in content
    assert "\ufffd=cmd()\ufffd fin".encode() in content


def test_a_nul_of_an_older_file_hides_no_formula() -> None:
    """Before a store replaced it, one could be kept."""
    written = io.StringIO()
    SpreadsheetWriter(written, ["text"]).write([{"text": "\0=cmd()\0 fin"}])
    assert written.getvalue() == "\ufefftext\r\n'=cmd() fin\r\n"


def test_json_lines_are_lines_to_every_program(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """A line separator of Unicode stays in the text and ends no line."""
    store.add(_with_final(review(), "one\u2028two\u2029three"))
    output = tmp_path / "reviews.jsonl"
    export_reviews(store, output, "jsonl")
    (line,) = output.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["final_findings"] == "one\u2028two\u2029three"


@pytest.mark.parametrize(("format", "lines"), [("jsonl", 0), ("csv", 1)])
def test_an_empty_store_gives_an_empty_export(store: ReviewStore, tmp_path: Path, format: Format, lines: int) -> None:
    """No reviews are files without rows, those of CSV with their headings."""
    output = tmp_path / "export"
    assert export_reviews(store, output, format) == 0
    for path in table_files(output, format).values():
        assert len(path.read_text().splitlines()) == lines


def test_an_empty_store_gives_empty_parquet(store: ReviewStore, tmp_path: Path) -> None:
    """Files that are read as tables without rows, with every column."""
    files = table_files(tmp_path / "reviews.parquet", "parquet")
    assert export_reviews(store, files[REVIEWS], "parquet") == 0
    assert {table: tuple(pq.read_table(path).column_names) for table, path in files.items()} == dict(COLUMNS)


def test_an_export_replaces_the_last_one_whole(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """The file is exchanged in one step, is its owner's alone, and leaves nothing beside it."""
    output = tmp_path / "out" / "reviews.jsonl"
    output.parent.mkdir()
    output.write_text("old")
    store.add(review())
    export_reviews(store, output, "jsonl")
    assert list(output.parent.iterdir()) == [output]
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert len(output.read_text().splitlines()) == 1


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("output", ["missing/reviews.csv", "folder"])
def test_an_unwritable_export_is_one_sentence(
    store: ReviewStore, tmp_path: Path, review: Make, output: str, format: Format
) -> None:
    """A missing folder, or a folder in the file's place: said, and nothing is left behind."""
    (tmp_path / "folder").mkdir()
    store.add(review())
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ReviewNotSaved, match=r"^The export was not written \(.+\); name a file"):
        export_reviews(store, tmp_path / output, format)
    assert sorted(tmp_path.rglob("*")) == before
