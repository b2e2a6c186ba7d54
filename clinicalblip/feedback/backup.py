"""All reviews in one file, whichever database they are in: written while readers save, and put back once each.

The file is gzipped JSON lines: what it is, one object a review in the order of saving, and how many there were.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.exports.json_objects import copy_to_json, review_from_json
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.feedback.schema import SCHEMA_VERSION
from clinicalblip.feedback.store import ReviewStore

_KIND: Final = "ClinicalBLIP reviews"
_NO_BACKUP: Final = "Nothing was restored: the file is no whole backup of reviews ({reason}); name another."


def write_backup(store: ReviewStore, path: Path) -> int:
    """Write every review to a file that its owner alone can read, and return their number.

    Those saved meanwhile may be in it or not; what each of those in it corrects is in it too. It appears whole or not
    at all. Raises ReviewNotSaved.
    """
    try:
        with open_atomically(path, "wb", private=True) as file:
            return dump_reviews(store, file)
    except OSError as error:
        raise ReviewNotSaved(
            f"The backup was not written ({reason_of(error)}); name a file in a writable folder with room."
        ) from error


def dump_reviews(store: ReviewStore, file: IO[bytes]) -> int:
    """Write every review to an open file, and return their number. Raises ReviewNotSaved and OSError."""
    count = 0
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        packed.write(_line({"kind": _KIND, "schema": SCHEMA_VERSION}))
        for count, review in enumerate(store.reviews(), start=1):  # noqa: B007
            packed.write(_line({"number": review.number, **copy_to_json(review)}))
        packed.write(_line({"reviews": count}))
    return count


def restore_backup(store: ReviewStore, path: Path) -> tuple[int, int]:
    """Put back the reviews of a backup that are not there, and return how many that were, and how many it has.

    The file is read once to its end before anything is put back. What is there stays; where a consent was withdrawn in
    the backup or in the store, it is withdrawn. Raises ReviewNotSaved.
    """
    try:
        with path.open("rb") as file:
            total = sum(1 for _ in load_reviews(file))
            file.seek(0)
            return sum(store.put_back(review) for review in load_reviews(file)), total
    except OSError as error:
        raise ReviewNotSaved(f"Nothing was restored: the file cannot be read ({reason_of(error)}).") from error
    except ValueError as error:
        raise ReviewNotSaved(_NO_BACKUP.format(reason=error)) from error


def load_reviews(file: IO[bytes]) -> Iterator[StoredReview]:
    """The reviews of an open file. Raises ValueError, without a word of the file, where it is no whole backup."""
    count: int | None = None
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            head = json.loads(packed.readline() or b"{}")
            if not isinstance(head, dict) or head.get("kind") != _KIND:
                raise ValueError("it is something else")
            if head.get("schema", 0) > SCHEMA_VERSION:
                raise ValueError("it is of a newer version of ClinicalBLIP")
            seen = 0
            for line in packed:
                fields = json.loads(line)
                if "reviews" in fields:
                    count = fields["reviews"]
                    continue
                yield _review(fields)
                seen += 1
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError("it is damaged or cut off") from error
    except json.JSONDecodeError as error:
        raise ValueError("it is something else") from error
    except (AttributeError, TypeError) as error:
        raise ValueError("it is something else") from error
    if count != seen:
        raise ValueError("it is cut off")


def _review(fields: dict[str, Any]) -> StoredReview:
    try:
        return review_from_json(fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ValueError("a review in it has what no review has") from None


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
