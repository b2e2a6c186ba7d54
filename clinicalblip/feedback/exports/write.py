"""Writes the reviews of a store to files, each whole or not there."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Literal, Protocol

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.datasets.files.json_lines import write_json_lines
from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.connection import reason_of
from clinicalblip.feedback.exports.json_objects import review_to_json
from clinicalblip.feedback.exports.spreadsheet import SpreadsheetWriter
from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS, rows_of
from clinicalblip.feedback.store import ReviewStore

Format = Literal["jsonl", "csv", "parquet"]


def export_reviews(store: ReviewStore, output: Path, format: Format) -> int:
    """Write every review in the order of saving, and return their number.

    JSON lines have one object a review, with all of it. CSV and Parquet have one file a table: `output` has the
    reviews with their texts, the files of `table_files` beside it what belongs to them, by the review's id. Texts are
    null (CSV: empty) without consent, lists are lists (CSV: joined by semicolons). CSV begins with a byte order mark,
    by which spreadsheets know UTF-8, has no NUL, and a cell that a spreadsheet would run as a formula has an apostrophe
    before it. A file appears whole or not at all, readable by its owner alone. Parquet needs the package pyarrow.
    Raises ReviewNotSaved when a file cannot be written.
    """
    try:
        if format == "jsonl":
            return write_json_lines(map(review_to_json, store.reviews()), output, private=True)
        return _write_tables(store, output, format)
    except OSError as error:
        raise ReviewNotSaved(
            f"The export was not written ({reason_of(error)}); name a file in a writable folder with room."
        ) from error


def table_files(output: Path, format: Format) -> dict[str, Path]:
    """The file of each table: `reviews.csv` has the reviews, and beside it is `reviews-sentences.csv`."""
    if format == "jsonl":
        return {REVIEWS: output}
    beside = {table: output.with_name(f"{output.stem}-{table}{output.suffix}") for table in COLUMNS}
    return beside | {REVIEWS: output}


class _Writer(Protocol):
    def write(self, rows: list[dict[str, object]]) -> None: ...


def _write_tables(store: ReviewStore, output: Path, format: Literal["csv", "parquet"]) -> int:
    count = 0
    with ExitStack() as files:
        writers: dict[str, _Writer] = {}
        # The last one that is opened takes its place first: where `output` cannot be written, nothing is beside it.
        for table, path in reversed(table_files(output, format).items()):
            if format == "csv":
                file = files.enter_context(open_atomically(path, private=True))
                writers[table] = SpreadsheetWriter(file, COLUMNS[table])
            else:
                from clinicalblip.feedback.exports.parquet import ParquetWriter

                binary = files.enter_context(open_atomically(path, "wb", private=True))
                writers[table] = files.enter_context(closing(ParquetWriter(binary, table)))
        for count, review in enumerate(store.reviews(), start=1):  # noqa: B007
            for table, rows in rows_of(review).items():
                writers[table].write(rows)
    return count
