"""An export as one file, for whoever gets it over the network: JSON lines, or the tables packed together."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS
from clinicalblip.feedback.exports.write import Format, table_files, write_reviews
from clinicalblip.feedback.row_mapping import StoredReview

ARCHIVES: Final = {"jsonl": "reviews.jsonl", "csv": "reviews-csv.zip", "parquet": "reviews-parquet.zip"}
"""What the file of each format is called."""


def pack_reviews(reviews: Iterable[StoredReview], file: IO[bytes], format: Format) -> int:
    """Write what `export_reviews` writes into one open file, which can be sought in, and return the number of reviews.

    Of CSV and Parquet it is a ZIP with a file a table. What is written on the way there has no name on the disk, and is
    gone with this call or this process. Raises OSError.
    """
    if format == "jsonl":
        return write_reviews(reviews, {REVIEWS: file}, format)
    with ExitStack() as opened:
        tables = {table: opened.enter_context(tempfile.TemporaryFile()) for table in COLUMNS}
        count = write_reviews(reviews, tables, format)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for table, path in table_files(Path(f"{REVIEWS}.{format}"), format).items():
                tables[table].seek(0)
                with packed.open(path.name, "w", force_zip64=True) as entry:
                    shutil.copyfileobj(tables[table], entry)
    return count
