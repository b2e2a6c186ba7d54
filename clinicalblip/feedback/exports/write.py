"""Writes reviews to files: those of a store each whole or not there, or any reviews into files that are open."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Final, Literal, Protocol

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.datasets.files.json_lines import encode_line
from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.exports.json_objects import review_to_json
from clinicalblip.feedback.exports.spreadsheet import SpreadsheetWriter
from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS, rows_of
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.feedback.store import ReviewStore

Format = Literal["jsonl", "csv", "parquet"]
FORMATS: Final[tuple[Format, ...]] = ("jsonl", "csv", "parquet")


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
        with ExitStack() as opened:
            # The last one that is opened takes its place first: where `output` cannot be written, nothing is beside it.
            files = {
                table: opened.enter_context(open_atomically(path, "wb", private=True))
                for table, path in reversed(table_files(output, format).items())
            }
            return write_reviews(store.reviews(), files, format)
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


def write_reviews(reviews: Iterable[StoredReview], files: Mapping[str, IO[bytes]], format: Format) -> int:
    """Write reviews into the open file of each table, one after another, and return their number. Raises OSError."""
    count = 0
    if format == "jsonl":
        for count, review in enumerate(reviews, start=1):  # noqa: B007
            files[REVIEWS].write(encode_line(review_to_json(review)).encode())
        return count
    with ExitStack() as opened:
        writers = {table: opened.enter_context(_writer(file, table, format)) for table, file in files.items()}
        for count, review in enumerate(reviews, start=1):  # noqa: B007
            for table, rows in rows_of(review).items():
                writers[table].write(rows)
    return count


class _Writer(Protocol):
    def write(self, rows: list[dict[str, object]]) -> None: ...


@contextmanager
def _writer(file: IO[bytes], table: str, format: Literal["csv", "parquet"]) -> Iterator[_Writer]:
    """What writes one table into an open file, which stays open."""
    if format == "csv":
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        yield SpreadsheetWriter(text, COLUMNS[table])
        text.detach()
    else:
        from clinicalblip.feedback.exports.parquet import ParquetWriter

        with closing(ParquetWriter(file, table)) as writer:
            yield writer
