"""A review to the rows of the tables, and back: what is kept of everybody, and the words of those who consented.

Its sentences, errors, checks and reading are in `part_rows.py`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from clinicalblip.feedback.part_rows import (
    ANSWERS,
    Row,
    checks_from_rows,
    errors_from_rows,
    part_row,
    reading_from_row,
    rows_of_parts,
    sentences_from_rows,
)
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.check_outcome import CheckOutcome
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.radiology.report_error import ReportError
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.radiology.sentence_review import SentenceReview

REPORTS = ("draft", "final", "reference")
_MODEL = ("base", "base_digest", "adapter", "adapter_digest", "precision", "device", "prompt_version")
_PLAIN = (
    *("id", "replaces", "superseded_by", "overall", "words_added", "words_removed", "editing_seconds", "consented"),
    *_MODEL,
    *("seed", "tokens", "seconds", "stopped", "warning_count", "reader", "study"),
    *("would_sign", "style_edits", "content_edits", "reading_consented", "reader_key"),
)


@dataclass(frozen=True)
class StoredReview:
    """One review as it is stored.

    `superseded_by` is the latest review that corrects this one. `consented`: the words were kept when it was saved;
    `reading_consented`: so was its reading; `withdrawn`: when both consents were withdrawn. Without the first `texts`
    and `prompt` are None and `warnings` is empty; without the second `reading` is None. `warning_count` is there for
    every draft. All else is that of `Review`. Times are UTC. `number` is the order of saving, 0 where nobody knows it.
    """

    id: str
    replaces: str | None
    superseded_by: str | None
    created: datetime
    verdict: Verdict
    overall: int | None
    words_added: int
    words_removed: int
    editing_seconds: float
    consented: bool
    withdrawn: datetime | None
    base: str
    base_digest: str
    adapter: str | None
    adapter_digest: str | None
    precision: str
    device: str
    prompt_version: str
    radiographs: tuple[str, ...]
    seed: int
    tokens: int
    seconds: float
    stopped: bool
    warning_count: int
    reader: str | None = None
    study: str | None = None
    texts: ReviewTexts | None = None
    prompt: str | None = None
    prompt_digest: str | None = None
    warnings: tuple[str, ...] = ()
    would_sign: bool | None = None
    style_edits: int = 0
    content_edits: int = 0
    sentences: tuple[SentenceReview, ...] = ()
    errors: tuple[ReportError, ...] = ()
    checks: tuple[CheckOutcome, ...] = ()
    reading_consented: bool = False
    reading: Reading | None = None
    reader_key: str | None = None
    number: int = field(default=0, compare=False)


def review_row(review: Review) -> dict[str, Any]:
    """The row of `reviews`; its id is 64 bits in hexadecimal, a digest of all that is kept without a consent."""
    draft, model = review.draft, review.draft.model
    row: dict[str, Any] = {
        "replaces": review.replaces,
        "created": format_time(review.created),
        "verdict": str(review.verdict),
        "overall": review.overall,
        "words_added": review.words_added,
        "words_removed": review.words_removed,
        "editing_seconds": float(review.editing_seconds),
        "consented": review.texts is not None,
        **{name: getattr(model, name) for name in _MODEL},
        "radiographs": list(draft.radiographs),
        "seed": draft.seed,
        "tokens": draft.tokens,
        "seconds": float(draft.seconds),
        "stopped": draft.stopped,
        "warning_count": len(draft.warnings),
    }
    # Left out where there are none, so that a review of before there were any keeps its id.
    row |= {name: value for name, value in (("reader", review.reader), ("study", review.study)) if value is not None}
    later: dict[str, Any] = {
        "would_sign": review.would_sign,
        "style_edits": review.style_edits,
        "content_edits": review.content_edits,
        "reading_consented": review.reading is not None,
        "reader_key": review.reader_key,
    }
    parts = {
        "sentences": [part_row(sentence) for sentence in review.sentences],
        "errors": [part_row(error) for error in review.errors],
        "checks": [part_row(outcome) for outcome in review.checks],
    }
    said = {name: value for name, value in later.items() if value or (name == "would_sign" and value is not None)}
    identified = row | said | {name: rows for name, rows in parts.items() if rows}
    digest = hashlib.sha256(json.dumps(identified, sort_keys=True).encode()).hexdigest()
    return {"id": digest[:16], **row, **later}


def rows_by_table(review: Review, review_id: str) -> dict[str, list[dict[str, Any]]]:
    """A review's rows of every other table, in order."""
    words = _text_row(review)
    return {
        **rows_of_parts(review, review_id),
        "texts": [] if words is None else [{"review": review_id, **words}],
    }


def row_of_stored(stored: StoredReview) -> dict[str, Any]:
    """The row of `reviews` of a review that was stored before."""
    return {
        **{name: getattr(stored, name) for name in _PLAIN if name != "superseded_by"},
        "created": format_time(stored.created),
        "verdict": str(stored.verdict),
        "radiographs": list(stored.radiographs),
    }


def rows_of_stored(stored: StoredReview) -> dict[str, list[dict[str, Any]]]:
    """Its rows of every other table, in order."""
    words = []
    if stored.texts is not None:
        words = [
            {
                "review": stored.id,
                **_words(stored.texts),
                "prompt": _storable(stored.prompt or ""),
                "prompt_digest": stored.prompt_digest,
                "warnings": [_storable(warning) for warning in stored.warnings],
            }
        ]
    return {**rows_of_parts(stored, stored.id), "texts": words}


def _text_row(review: Review) -> dict[str, Any] | None:
    """The row of `texts` without its review's id, or None without consent."""
    if review.texts is None:
        return None
    prompt = _storable(review.draft.prompt)
    return {
        **_words(review.texts),
        "prompt": prompt,
        "prompt_digest": hashlib.sha256(prompt.encode()).hexdigest(),
        "warnings": [_storable(warning) for warning in review.draft.warnings],
    }


def _words(kept: ReviewTexts) -> dict[str, Any]:
    """What the reader wrote and was shown."""
    words = {name: _storable(getattr(kept.context, name)) for name in SLOTS}
    for name, report in (("draft", kept.draft), ("final", kept.final), ("reference", kept.reference)):
        words[f"{name}_findings"] = _storable(report.findings)
        words[f"{name}_impression"] = _storable(report.impression)
    return {**words, "comment": _storable(kept.comment)}


def _storable(text: str) -> str:
    """A text with U+FFFD for what no database keeps: halves of characters, and NUL, which PostgreSQL refuses."""
    return replace_surrogates(text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def review_from_rows(row: Row, parts: Mapping[str, Sequence[Row]]) -> StoredReview:
    """The review of one row of `reviews`, `texts` and `withdrawals` joined, and of its rows of the other tables."""
    plain = {name: row[name] for name in _PLAIN if name != "reader_key"}
    kept: dict[str, Any] = {}
    if row["prompt"] is not None:
        kept = {
            "texts": ReviewTexts(
                context=ClinicalContext(**{name: row[name] for name in SLOTS}),
                comment=row["comment"],
                **{name: Report(row[f"{name}_findings"], row[f"{name}_impression"]) for name in REPORTS},
            ),
            "prompt": row["prompt"],
            "prompt_digest": row["prompt_digest"],
            "warnings": tuple(row["warnings"]),
        }
    return StoredReview(
        **plain,
        created=datetime.fromisoformat(row["created"]),
        verdict=Verdict(row["verdict"]),
        withdrawn=datetime.fromisoformat(row["withdrawn"]) if row["withdrawn"] else None,
        radiographs=tuple(row["radiographs"]),
        sentences=sentences_from_rows(parts["sentences"]),
        errors=errors_from_rows(parts["errors"]),
        checks=checks_from_rows(parts["checks"]),
        reading=_reading(parts),
        reader_key=row.get("reader_key"),  # an export, and a copy of before schema 5, has none
        number=row.get("number", 0),
        **kept,
    )


def _reading(parts: Mapping[str, Sequence[Row]]) -> Reading | None:
    if not parts["readings"]:
        return None
    (row,) = parts["readings"]
    return reading_from_row(row, *([part["seconds"] for part in parts[table]] for table in ANSWERS))


def format_time(time: datetime) -> str:
    """ISO 8601 in UTC with microseconds: one text for an instant in any time zone."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
