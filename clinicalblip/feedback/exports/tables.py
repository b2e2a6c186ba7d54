"""What each table of an export holds: its columns, and their values for one review.

The first table has a review's own row, with its texts and when they were withdrawn; the others have its parts.
"""

from collections.abc import Mapping
from typing import Any, Final

from clinicalblip.feedback import schema
from clinicalblip.feedback.part_rows import rows_of_parts
from clinicalblip.feedback.row_mapping import REPORTS, StoredReview
from clinicalblip.radiology.report import SLOTS

REVIEWS: Final = "reviews"

_KEPT: Final = (
    *("id", "replaces", "superseded_by", "created", "verdict", "overall", "words_added", "words_removed"),
    *("editing_seconds", "consented", "withdrawn", "base", "base_digest", "adapter", "adapter_digest", "precision"),
    *("device", "prompt_version", "radiographs", "seed", "tokens", "seconds", "stopped", "warning_count"),
    *("reader", "study", "would_sign", "style_edits", "content_edits", "reading_consented"),
)
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    REVIEWS: (
        *_KEPT,
        *SLOTS,
        *(f"{name}_{section}" for name in REPORTS for section in ("findings", "impression")),
        *("comment", "prompt", "prompt_digest", "warnings"),
    ),
    **{
        table.name: tuple(table.columns.keys())
        for table in (
            *(schema.sentences, schema.errors, schema.checks),
            *(schema.readings, schema.reading_sentences, schema.reading_errors),
        )
    },
}
"""The columns of each table, in order."""


def own_row(review: StoredReview) -> dict[str, Any]:
    """A review's row of the first table: plain values, and lists of texts; texts are None without consent."""
    values: dict[str, Any] = {name: getattr(review, name) for name in _KEPT}
    values["verdict"] = str(review.verdict)
    values["created"] = review.created.isoformat()
    values["withdrawn"] = review.withdrawn.isoformat() if review.withdrawn else None
    values["radiographs"] = list(review.radiographs)
    kept = review.texts
    for name in SLOTS:
        values[name] = getattr(kept.context, name) if kept else None
    for name in REPORTS:
        report = getattr(kept, name) if kept else None
        values[f"{name}_findings"] = report.findings if report else None
        values[f"{name}_impression"] = report.impression if report else None
    values["comment"] = kept.comment if kept else None
    values["prompt"], values["prompt_digest"] = review.prompt, review.prompt_digest
    values["warnings"] = list(review.warnings)
    return {name: values[name] for name in COLUMNS[REVIEWS]}


def rows_of(review: StoredReview) -> dict[str, list[dict[str, Any]]]:
    """A review's rows of every table, their values in the columns' order."""
    rows = rows_of_parts(review, review.id) | {REVIEWS: [own_row(review)]}
    return {table: [{name: row[name] for name in COLUMNS[table]} for row in found] for table, found in rows.items()}
