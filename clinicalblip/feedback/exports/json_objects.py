"""A stored review as one JSON object, and back."""

from collections.abc import Mapping
from typing import Any, Final

from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS, own_row
from clinicalblip.feedback.part_rows import ANSWERS, part_row, reading_row
from clinicalblip.feedback.row_mapping import StoredReview, review_from_rows

FIELDS: Final = (*COLUMNS[REVIEWS], "sentences", "errors", "checks", "reading")
"""What an object has: the columns of the first table, then the review's parts."""


def review_to_json(review: StoredReview) -> dict[str, Any]:
    """One object with plain values, which has all of the review; `reading` is None without that consent."""
    reading = review.reading
    return {
        **own_row(review),
        "sentences": [part_row(sentence) for sentence in review.sentences],
        "errors": [part_row(error) for error in review.errors],
        "checks": [part_row(outcome) for outcome in review.checks],
        "reading": reading and reading_row(reading) | {name: list(getattr(reading, name)) for name in ANSWERS.values()},
    }


def copy_to_json(review: StoredReview) -> dict[str, Any]:
    """The same with `reader_key`: for copies that are put back, and not for those who study reviews."""
    return {**review_to_json(review), "reader_key": review.reader_key}


def review_from_json(fields: Mapping[str, Any]) -> StoredReview:
    """The review of one object, as one of these made it. Raises KeyError, TypeError or ValueError for others."""
    reading = fields["reading"]
    parts = {
        "sentences": fields["sentences"],
        "errors": fields["errors"],
        "checks": fields["checks"],
        "readings": [reading] if reading else [],
        **{
            table: [{"seconds": seconds} for seconds in reading[name]] if reading else []
            for table, name in ANSWERS.items()
        },
    }
    return review_from_rows(fields, parts)
