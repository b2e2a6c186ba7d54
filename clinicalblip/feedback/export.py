"""Reviews as a file for those who study the model: exact JSON lines, or CSV that is safe to open in a spreadsheet."""

import csv
import unicodedata
from pathlib import Path
from typing import IO, Any, Literal

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.datasets.files.json_lines import write_json_lines
from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.row_mapping import REPORTS, StoredReview
from clinicalblip.feedback.schema import reason_of
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import SLOTS

_FORMULA = "=+-@\u2212"
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that draw nothing


def export_reviews(store: ReviewStore, output: Path, format: Literal["jsonl", "csv"]) -> int:
    """Write every review in the order of saving, one a line, and return their number.

    Both formats have the same columns; texts are null (CSV: empty) without consent, lists are lists (CSV: joined by
    semicolons). CSV begins with a byte order mark, by which spreadsheets know UTF-8, has no NUL, and a cell that a
    spreadsheet would run as a formula has an apostrophe before it. The file appears whole or not at all, readable by
    its owner alone. Raises ReviewNotSaved when it cannot be written.
    """
    try:
        if format == "jsonl":
            return write_json_lines(map(_columns, store.reviews()), output, private=True)
        with open_atomically(output, private=True) as file:
            return _write_table(store, file)
    except OSError as error:
        raise ReviewNotSaved(
            f"The export was not written ({reason_of(error)}); name a file in a writable folder with room."
        ) from error


def _write_table(store: ReviewStore, file: IO[str]) -> int:
    file.write("\ufeff")
    writer, count = csv.writer(file), 0
    writer.writerow(COLUMNS)
    for count, review in enumerate(store.reviews(), start=1):  # noqa: B007
        writer.writerow([_cell(value) for value in _columns(review).values()])
    return count


def _columns(review: StoredReview) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(review, name) for name in _KEPT}
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
    return {name: values[name] for name in COLUMNS}


_KEPT = (
    *("id", "replaces", "superseded_by", "created", "verdict", "overall", "words_added", "words_removed"),
    *("editing_seconds", "consented", "withdrawn", "base", "base_digest", "adapter", "adapter_digest", "precision"),
    *("device", "prompt_version", "radiographs", "seed", "tokens", "seconds", "stopped", "warning_count"),
)
COLUMNS = (
    *_KEPT,
    *SLOTS,
    *(f"{name}_{section}" for name in REPORTS for section in ("findings", "impression")),
    *("comment", "prompt", "prompt_digest", "warnings"),
)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    if not isinstance(value, str):
        return value
    value = replace_surrogates(value.replace("\0", ""))
    return f"'{value}" if _runs(value) else value


def _runs(text: str) -> bool:
    """Whether the first character that is drawn begins a formula, in any of its forms ("\uff1d" is read as "=")."""
    for character in text:
        if unicodedata.category(character)[0] not in "CZM" and character not in _BLANK:
            return unicodedata.normalize("NFKC", character)[0] in _FORMULA
    return False
