"""What a reader did with a draft: its sentences, the errors that an edit points to, and remarks on the report.

The page keeps it as JSON in a box without looks, with places and choices alone and no words, so that it is kept, comes
back after a reload and reaches the server as every other box does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.draft_edit import DraftEdit
from clinicalblip.feedback.finding_comparison import FindingChange
from clinicalblip.feedback.proposed_errors import EditKinds, count_edits_by_kind, propose_errors
from clinicalblip.proofreading import Remark, ReportContext, proofread
from clinicalblip.radiology.check_outcome import Check, CheckOutcome
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import (
    ErrorCategory,
    ErrorOrigin,
    ErrorState,
    ReportError,
    Significance,
)
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate, SentenceReview
from clinicalblip.radiology.text_span import check_inside
from clinicalblip.web import wording
from clinicalblip.web.drafts import FinishedDraft

MOST_CHARACTERS: Final = 200_000
"""The longest message: some thousand sentences and errors."""

MOST_MINOR_EDITS: Final = 2
"""Edits of content up to which they are minor."""

_Key = Annotated[str, Field(max_length=120)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Answer(_Message):
    state: ErrorState
    category: ErrorCategory | None = None
    significance: Significance | None = None


class _NamedError(_Message):
    category: ErrorCategory
    section: Section | None = None
    start: int | None = None
    end: int | None = None
    observation: Observation | None = None
    significance: Significance | None = None


class _Correction(_Message):
    draft: Annotated[str, Field(max_length=64)] = ""
    sentences: dict[_Key, DecidedBy] = Field(default_factory=dict, max_length=2000)
    errors: dict[_Key, _Answer] = Field(default_factory=dict, max_length=2000)
    named: list[_NamedError] = Field(default_factory=list, max_length=200)
    shown: list[_Key] = Field(default_factory=list, max_length=2000)
    dismissed: list[_Key] = Field(default_factory=list, max_length=2000)


@dataclass(frozen=True)
class Correction:
    """What the reader decided about one draft, by the keys of its sentences, of proposed errors and of remarks.

    `named`: errors that the reader named by hand. `shown`: the remarks that were on the page, `dismissed` those of them
    that the reader put aside.
    """

    draft_id: str = ""
    decided: Mapping[str, DecidedBy] = field(default_factory=dict)
    answers: Mapping[str, _Answer] = field(default_factory=dict)
    named: tuple[ReportError, ...] = ()
    shown: tuple[str, ...] = ()
    dismissed: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str, draft_id: str, draft: Report) -> "Correction":
        """What the page holds about the draft of this id; nothing where it is about another, or nothing was done.

        Raises ReviewNotSaved where the text is none of this page's, or names a place that the draft does not have.
        """
        if not text.strip():
            return cls(draft_id)
        try:
            if len(text) > MOST_CHARACTERS:
                raise ValueError
            message = _Correction.model_validate_json(text)
            if message.draft != draft_id:
                return cls(draft_id)
            named = tuple(_named(each, draft) for each in message.named)
        except (ValidationError, ValueError) as error:
            raise ReviewNotSaved(wording.CORRECTION_UNREADABLE) from error
        return cls(
            draft_id, message.sentences, message.errors, named, tuple(message.shown), frozenset(message.dismissed)
        )

    @property
    def decisions(self) -> str:
        """What the reader decided, as one text: without what the page only showed."""
        return repr((sorted(self.decided.items()), sorted(self.answers.items()), self.named, sorted(self.dismissed)))


def _named(given: _NamedError, draft: Report) -> ReportError:
    error = ReportError(
        given.category,
        given.section,
        given.start,
        given.end,
        ErrorOrigin.BY_HAND,
        ErrorState.CONFIRMED,
        given.significance,
        given.observation,
    )
    if error.section is not None and error.end is not None:
        check_inside(draft, error.section, error.end, what="draft")
    return error


def named_error(given: object, draft: Report) -> ReportError:
    """An error as page and programs name it; ValueError, also pydantic's, for what is none of this draft."""
    return _named(_NamedError.model_validate(given), draft)


def check_answer(error: ReportError, given: object) -> None:
    """Raise ValueError, also pydantic's, for what is no answer to a proposed error, or cannot be said of it."""
    answer = _Answer.model_validate(given)
    answered = _answered(error, answer)
    if answer.category not in (None, answered.category) or answer.significance not in (None, answered.significance):
        raise ValueError(f"an error of the category {answered.category} is not called so at this place")


def given_with(finished: FinishedDraft, reference: Report) -> ReportContext:
    """What stood beside the reader's report of a draft."""
    return ReportContext(finished.context, FilmRole.PRIOR in finished.film_digests, reference, finished.draft.report)


def sentence_key(section: Section, start: int) -> str:
    """What names a sentence of the draft."""
    return f"{section}:{start}"


def error_key(error: ReportError) -> str:
    """What names a proposed error, as long as the edit points to it."""
    start = "" if error.start is None else error.start
    return f"{error.category}:{error.section or ''}:{start}:{error.observation or ''}"


def remark_keys(remarks: Sequence[Remark]) -> list[str]:
    """What names each remark: the check, the finding, and its number among those, which typing before it leaves."""
    seen = Counter[str]()
    keys = []
    for remark in remarks:
        name = f"{remark.check}:{remark.section}:{remark.observation or ''}"
        seen[name] += 1
        keys.append(f"{name}:{seen[name]}")
    return keys


@dataclass(frozen=True)
class CorrectedReport:
    """A draft beside the reader's report: what became of each sentence, what differs, and what may be wrong.

    `sentences` are those of the draft, then the reader's own, section by section. `proposals` are the errors that the
    edit points to, with their keys and the reader's answers, `named` those that the reader named by hand.
    """

    sentences: tuple[SentenceReview, ...]
    changes: tuple[FindingChange, ...]
    proposals: tuple[tuple[str, ReportError], ...]
    named: tuple[ReportError, ...]
    remarks: tuple[Remark, ...]
    kinds: EditKinds

    @property
    def errors(self) -> tuple[ReportError, ...]:
        """All of them."""
        return (*(error for _, error in self.proposals), *self.named)


def correct(draft: Report, final: Report, given: ReportContext, correction: Correction) -> CorrectedReport:
    """Compare a draft with the reader's report, and take in what the reader answered.

    What the reader named by hand is not proposed as well: a passage has one error of a category.
    """
    edit = DraftEdit(draft, final)
    named = tuple(_each_once(correction.named))
    proposals: list[tuple[str, ReportError]] = []
    for key, error in {error_key(each): each for each in propose_errors(edit)}.items():
        answered = _answered(error, correction.answers.get(key))
        if not any(answered.repeats(before) for before in (*named, *(each for _, each in proposals))):
            proposals.append((key, answered))
    return CorrectedReport(
        tuple(_sentences(edit, correction)),
        edit.changes,
        tuple(proposals),
        named,
        proofread(final, given),
        count_edits_by_kind(edit),
    )


def _each_once(errors: Iterable[ReportError]) -> list[ReportError]:
    """Those of another passage or category than any before."""
    kept: list[ReportError] = []
    for error in errors:
        if not any(error.repeats(before) for before in kept):
            kept.append(error)
    return kept


def _answered(error: ReportError, answer: _Answer | None) -> ReportError:
    """A proposed error with the reader's answer; a category that it cannot have at its place is not taken."""
    if answer is None:
        return error
    category = answer.category or error.category
    if (category is ErrorCategory.MISSING_FINDING) != (error.category is ErrorCategory.MISSING_FINDING):
        category = error.category
    state = answer.state
    if state is ErrorState.CONFIRMED and category is not error.category:
        state = ErrorState.CHANGED
    try:
        return replace(error, category=category, state=state, significance=answer.significance)
    except ValueError:  # a significance of another category
        return replace(error, category=category, state=state)


def _sentences(edit: DraftEdit, correction: Correction) -> list[SentenceReview]:
    reviews = []
    for section, fates in edit.fates.items():
        for each in fates.draft:
            decided = correction.decided.get(sentence_key(section, each.before.start))
            if decided is None and each.fate is not SentenceFate.KEPT:
                decided = DecidedBy.TYPING
            after = each.after
            reviews.append(
                SentenceReview(
                    section,
                    each.before.start,
                    each.before.end,
                    each.fate,
                    after.start if after else None,
                    after.end if after else None,
                    decided,
                )
            )
        reviews += [SentenceReview(section, None, None, None, own.start, own.end) for own in fates.own]
    return reviews


def suggested_verdict(corrected: CorrectedReport) -> Verdict:
    """The verdict that an edit comes to, by how many sentences say something else now.

    More than two of them are major edits; a draft of which less than a third of the sentences stayed is rejected.
    """
    kinds = corrected.kinds
    drafted = [sentence for sentence in corrected.sentences if not sentence.added]
    stayed = sum(sentence.fate is not SentenceFate.DROPPED for sentence in drafted)
    if drafted and 3 * stayed < len(drafted):
        return Verdict.REJECTED
    if not kinds.content:
        return Verdict.MINOR_EDITS if kinds.style else Verdict.ACCEPTED
    return Verdict.MINOR_EDITS if kinds.content <= MOST_MINOR_EDITS else Verdict.MAJOR_EDITS


def check_outcomes(correction: Correction) -> tuple[CheckOutcome, ...]:
    """How often each check was shown and dismissed."""
    shown, dismissed = Counter[str](), Counter[str]()
    known = {str(check) for check in Check}
    for key in dict.fromkeys(correction.shown):
        name = key.split(":", 1)[0]
        if name in known:
            shown[name] += 1
            dismissed[name] += key in correction.dismissed
    return tuple(CheckOutcome(check, shown[check], dismissed[check]) for check in Check if shown[check])
