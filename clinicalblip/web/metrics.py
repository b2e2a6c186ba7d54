"""What this process counts for Prometheus, each in one place; middleware/metrics.py shows it.

A label has one of a few values that stand in this code: nothing that a reader typed, chose or is.
"""

from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

from clinicalblip import errors
from clinicalblip.errors import ClinicalBlipError, OverLimit

disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the lines, and say nothing

REGISTRY: Final = CollectorRegistry()
"""Of this project alone: the library's own would hold whatever a package counts."""


class Outcome(StrEnum):
    """How the writing of a draft ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    DROPPED = "dropped"
    FAILED = "failed"


_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_UNKNOWN: Final = "unexpected"

_drafts = Counter("clinicalblip_drafts", "Drafts whose writing ended.", ["outcome"], registry=REGISTRY)
_tokens = Counter("clinicalblip_tokens", "Tokens of drafts that were finished or stopped.", registry=REGISTRY)
_draft_seconds = Histogram(
    "clinicalblip_draft_seconds", "From the first step of a draft to its last.", buckets=_SECONDS, registry=REGISTRY
)
_waiting_seconds = Histogram(
    "clinicalblip_waiting_seconds", "From asking for a draft to its first step.", buckets=_SECONDS, registry=REGISTRY
)
_saved = Counter("clinicalblip_reviews_saved", "Reviews that were saved.", registry=REGISTRY)
_refusals = Counter("clinicalblip_refusals", "What was refused or failed, by its kind.", ["kind"], registry=REGISTRY)
ProcessCollector(registry=REGISTRY)
for _outcome in Outcome:
    _drafts.labels(_outcome)


def count_waiting(seconds: float) -> None:
    """A draft begins that was asked for so long ago."""
    _waiting_seconds.observe(max(0.0, seconds))


def count_draft(outcome: Outcome, *, tokens: int = 0, seconds: float = 0.0) -> None:
    """A draft has ended; tokens and seconds are of one that is kept."""
    _drafts.labels(outcome).inc()
    if outcome in (Outcome.FINISHED, Outcome.STOPPED):
        _tokens.inc(tokens)
        _draft_seconds.observe(max(0.0, seconds))


def count_saved() -> None:
    """A review is on the disk."""
    _saved.inc()


def count_refusal(kind: str) -> None:
    """Something was refused; `kind` is of `refusal_kind`, or `http_` and a status."""
    _refusals.labels(kind).inc()


def refusal_kind(error: BaseException) -> str:
    """The kind of an error: the family's name for it, in small letters, or the setting whose limit was reached."""
    if isinstance(error, OverLimit):
        return f"over_{error.limit}"
    if not isinstance(error, ClinicalBlipError):
        return _UNKNOWN
    known = next(kind for kind in type(error).__mro__ if vars(errors).get(kind.__name__) is kind)
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in known.__name__).lstrip("_")
