"""Counts over reviews, all together or apart by reader, model, version, day or case."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date
from enum import StrEnum
from typing import Final

from clinicalblip.feedback.comparison import count_words
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, Significance
from clinicalblip.radiology.review import Verdict


class GroupBy(StrEnum):
    """By what reviews are counted apart."""

    READER = "reader"
    MODEL = "model"
    VERSION = "version"
    DAY = "day"
    CASE = "case"


ALL: Final = "all"
ADDED: Final = "added"
FLAGS: Final = ("accepted_faster_than_readable", "accepted_all_at_once", "never_zoomed", "interrupted")
_DIGITS: Final = 12  # of a digest, enough to tell cases apart


@dataclass
class Counts:
    """What the reviews of one group say; every number has the `n` that it is of.

    `would_sign`: of those who said it. `sentences`: by fate, and the reader's own as "added", over `with_sentences`
    reviews. `errors`: the reader's, by category and significance. `proposed`: by what became of them. `shown` and
    `dismissed`: checks. `words`, `edits`, `editing_seconds`: one a review. `kept_shares`: how much of a draft's words
    stands in the final report, of the reviews whose texts are kept. `active_seconds`, `flags` and
    `answers_after_reference` (of sentences, errors and decisions, all together): of the reviews with a reading.
    `first` and `last`: the days (UTC) between which they were saved.
    """

    n: int = 0
    first: date | None = None
    last: date | None = None
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    would_sign: Counter[bool] = field(default_factory=Counter)
    with_sentences: int = 0
    sentences: Counter[str] = field(default_factory=Counter)
    errors: Counter[tuple[ErrorCategory, Significance | None]] = field(default_factory=Counter)
    proposed: Counter[ErrorState] = field(default_factory=Counter)
    shown: Counter[Check] = field(default_factory=Counter)
    dismissed: Counter[Check] = field(default_factory=Counter)
    words_added: list[int] = field(default_factory=list)
    words_removed: list[int] = field(default_factory=list)
    kept_shares: list[float] = field(default_factory=list)
    style_edits: int = 0
    content_edits: int = 0
    editing_seconds: list[float] = field(default_factory=list)
    active_seconds: list[float] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)
    answers_after_reference: int = 0

    def add(self, review: StoredReview) -> None:
        """Count one review."""
        self.n += 1
        day = _day(review)
        self.first, self.last = min(self.first or day, day), max(self.last or day, day)
        self.verdicts[review.verdict] += 1
        if review.would_sign is not None:
            self.would_sign[review.would_sign] += 1
        self.with_sentences += bool(review.sentences)
        self.sentences.update(str(sentence.fate or ADDED) for sentence in review.sentences)
        self.errors.update((error.category, error.significance) for error in review.errors if error.of_reader)
        self.proposed.update(error.state for error in review.errors if error.origin is ErrorOrigin.PROPOSED)
        for outcome in review.checks:
            self.shown[outcome.check] += outcome.shown
            self.dismissed[outcome.check] += outcome.dismissed
        self.words_added.append(review.words_added)
        self.words_removed.append(review.words_removed)
        drafted = _words_drafted(review)
        if drafted:
            self.kept_shares.append(max(0, drafted - review.words_removed) / drafted)
        self.style_edits += review.style_edits
        self.content_edits += review.content_edits
        self.editing_seconds.append(review.editing_seconds)
        if review.reading is not None:
            self.active_seconds.append(review.reading.active_seconds)
            self.answers_after_reference += review.reading.answers_after_reference
            self.flags.update(name for name in FLAGS if getattr(review.reading, name))

    @property
    def words_changed(self) -> list[int]:
        """The edit distance of each review: the words that were added, and those that were removed."""
        return [added + removed for added, removed in zip(self.words_added, self.words_removed, strict=True)]


@dataclass(frozen=True)
class Summary:
    """The counts of each group, the largest first, days in their order; `superseded` versions are in none of them."""

    by: GroupBy | None
    groups: dict[str, Counts]
    superseded: int


def summarise(reviews: Iterable[StoredReview], by: GroupBy | None = None) -> Summary:
    """Count reviews, of which a corrected one counts in its latest version alone."""
    return summarise_each(reviews, (by,))[by]


def summarise_each(
    reviews: Iterable[StoredReview], groupings: Iterable[GroupBy | None]
) -> Mapping[GroupBy | None, Summary]:
    """The summaries by several groupings, of reviews that are read once and none of which is kept."""
    groups: dict[GroupBy | None, dict[str, Counts]] = {by: {} for by in groupings}
    superseded = 0
    for review in reviews:
        if review.superseded_by is not None:
            superseded += 1
            continue
        for by, found in groups.items():
            found.setdefault(_label(review, by), Counts()).add(review)
    return {by: Summary(by, _in_order(found, by), superseded) for by, found in groups.items()}


def _in_order(groups: dict[str, Counts], by: GroupBy | None) -> dict[str, Counts]:
    if by is GroupBy.DAY:
        return dict(sorted(groups.items()))
    return dict(sorted(groups.items(), key=lambda group: -group[1].n))


def _label(review: StoredReview, by: GroupBy | None) -> str:
    """A reader's pseudonym, a model's names and precision, or a case by the digest of its study or of its films.

    A version is told apart by the digests of its weights, which two models of one name do not share.
    """
    if by is GroupBy.READER:
        return review.reader or "without a pseudonym"
    if by is GroupBy.MODEL:
        return _model(review.base, review.adapter or "no adapter", review)
    if by is GroupBy.VERSION:
        base = f"{review.base} {review.base_digest[:_DIGITS]}"
        adapter = f"{review.adapter or ''} {(review.adapter_digest or '')[:_DIGITS]}".strip()
        return _model(base, adapter or "no adapter", review)
    if by is GroupBy.DAY:
        return _day(review).isoformat()
    if by is GroupBy.CASE:
        if review.study:
            return f"study {review.study[:_DIGITS]}"
        return f"films {', '.join(digest[:_DIGITS] for digest in review.radiographs)}"
    return ALL


def _model(base: str, adapter: str, review: StoredReview) -> str:
    return f"{base}, {adapter}, {review.precision}, prompt {review.prompt_version}"


def _day(review: StoredReview) -> date:
    return review.created.astimezone(UTC).date()


def _words_drafted(review: StoredReview) -> int:
    """How many words the draft has; 0 also where they are not kept."""
    draft = review.texts.draft if review.texts is not None else None
    return 0 if draft is None else count_words(draft.findings) + count_words(draft.impression)
