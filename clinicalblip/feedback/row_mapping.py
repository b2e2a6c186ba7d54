"""A review to the rows of the tables, and back: what is kept of everybody, and the words of those who consented."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict

REPORTS = ("draft", "final", "reference")
_MODEL = ("base", "base_digest", "adapter", "adapter_digest", "precision", "device", "prompt_version")
_PLAIN = (
    *("id", "replaces", "superseded_by", "overall", "words_added", "words_removed", "editing_seconds", "consented"),
    *_MODEL,
    *("seed", "tokens", "seconds", "stopped", "warning_count"),
)


@dataclass(frozen=True)
class StoredReview:
    """One review as it is stored.

    `superseded_by` is the latest review that corrects this one. `consented`: the words were kept when it was saved;
    `withdrawn`: when that consent was withdrawn. Without consent `texts` and `prompt` are None and `warnings` is empty;
    `warning_count` is there for every draft. Times are UTC.
    """

    id: str
    replaces: str | None
    superseded_by: str | None
    created: datetime
    verdict: Verdict
    overall: int
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
    texts: ReviewTexts | None = None
    prompt: str | None = None
    prompt_digest: str | None = None
    warnings: tuple[str, ...] = ()


def review_row(review: Review) -> dict[str, Any]:
    """The row of `reviews`; its id is a digest of its other columns, 64 bits in hexadecimal."""
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
    digest = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
    return {"id": digest[:16], **row}


def text_row(review: Review) -> dict[str, Any] | None:
    """The row of `texts` without its review's id, or None without consent."""
    if review.texts is None:
        return None
    kept = review.texts
    prompt = replace_surrogates(review.draft.prompt)
    words = {name: replace_surrogates(getattr(kept.context, name)) for name in SLOTS}
    for name, report in (("draft", kept.draft), ("final", kept.final), ("reference", kept.reference)):
        words[f"{name}_findings"] = replace_surrogates(report.findings)
        words[f"{name}_impression"] = replace_surrogates(report.impression)
    return {
        **words,
        "comment": replace_surrogates(kept.comment),
        "prompt": prompt,
        "prompt_digest": hashlib.sha256(prompt.encode()).hexdigest(),
        "warnings": [replace_surrogates(warning) for warning in review.draft.warnings],
    }


def review_from_row(row: RowMapping) -> StoredReview:
    """The review of one row of the three tables joined."""
    plain = {name: row[name] for name in _PLAIN}
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
        **kept,
    )


def format_time(time: datetime) -> str:
    """ISO 8601 in UTC with microseconds: one text for an instant in any time zone."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
