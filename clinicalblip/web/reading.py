"""How a study was read, as the page's clock and a program say it: times, counts and no words.

The page holds it in its memory and sends it with a save that has the reader's consent to it, and never else. How the
characters of the report came in is known here, by the report's history; a program says it itself.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.proposed_errors import EditKinds
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceReview
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import wording
from clinicalblip.web.correction import CorrectedReport, sentence_key

MOST_CHARACTERS: Final = 200_000
"""The longest message: some thousand sentences and errors."""

WORDS_PER_SECOND: Final = 5.0
"""Faster than this nobody reads: 300 words a minute are the upper end of silent reading of non-fiction by adults.

Brysbaert, Journal of Memory and Language 109 (2019) 104047: 175 to 300 words a minute, 238 on average.
"""

_MOST_SECONDS: Final = 1e8  # three years
_Seconds = Annotated[float, Field(ge=0, le=_MOST_SECONDS, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0, le=10**9)]
_Key = Annotated[str, Field(max_length=120)]


class ReadingRefused(ReviewNotSaved):
    """What is said of a reading cannot be; `why` is for whoever wrote the program that said it."""

    def __init__(self, why: str) -> None:
        super().__init__(wording.READING_UNREADABLE)
        self.why = why


class _Characters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    typed: _Count = 0
    pasted: _Count = 0
    kept: _Count = 0
    filled_in: _Count = 0
    ticked: _Count = 0


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    draft: Annotated[str, Field(max_length=64)] = ""
    saved_seconds: _Seconds
    active_seconds: _Seconds
    first_word_seconds: _Seconds | None = None
    draft_ended_seconds: _Seconds | None = None
    first_action_seconds: _Seconds | None = None
    reference_opened_seconds: _Seconds | None = None
    verdict_seconds: _Seconds | None = None
    sentence_seconds: Annotated[dict[_Key, _Seconds], Field(max_length=2000)] = {}
    error_seconds: Annotated[dict[_Key, _Seconds], Field(max_length=2000)] = {}
    named_seconds: Annotated[list[_Seconds | None], Field(max_length=200)] = []
    characters: _Characters | None = None
    windows: _Count = 0
    zooms: _Count = 0
    prior_viewed: bool | None = None
    interrupted: bool = False


def read_reading(
    text: str,
    draft_id: str,
    corrected: CorrectedReport,
    *,
    draft: Report,
    final: Report,
    verdict: Verdict | None,
    characters: Mapping[Origin, int] | None,
    was_open_before: bool = False,
) -> Reading | None:
    """The reading that came with a review of the draft of this id; None where none did, or it is another draft's.

    `characters`: how those of the final report came in, as the report's history has it; None where there is no
    history, so that the text says it. `was_open_before`: the study had been opened before, by this reader.
    Raises ReadingRefused where the text is no such message, or contradicts itself or the report.
    """
    if not text.strip():
        return None
    try:
        if len(text) > MOST_CHARACTERS:
            raise ValueError("too long")
        message = _Message.model_validate_json(text)
        if message.draft not in ("", draft_id):
            return None
        counted = _characters(message, characters, final)
        return _reading(message, corrected, counted, draft=draft, verdict=verdict, was_open_before=was_open_before)
    except ValidationError as error:
        first = error.errors()[0]
        raise ReadingRefused(": ".join((".".join(map(str, first["loc"])), first["msg"]))) from error
    except ValueError as error:
        raise ReadingRefused(str(error)) from error


def read_reading_alone(
    text: str, *, final: Report, characters: Mapping[Origin, int] | None, was_open_before: bool = False
) -> Reading | None:
    """The reading of a report that was written without a draft; the rest is as in `read_reading`."""
    nothing = CorrectedReport((), (), (), (), (), EditKinds(0, 0))
    return read_reading(
        text,
        "",
        nothing,
        draft=Report(),
        final=final,
        verdict=None,
        characters=characters,
        was_open_before=was_open_before,
    )


def _characters(message: _Message, known: Mapping[Origin, int] | None, final: Report) -> dict[str, int]:
    given = message.characters
    if (known is None) == (given is None):
        raise ValueError("characters are needed: how many were typed, pasted, kept, filled_in and ticked")
    counts = {
        f"characters_{origin.name.lower()}": known[origin] if known else getattr(given, origin.name.lower())
        for origin in Origin
    }
    if sum(counts.values()) != len(final.findings) + len(final.impression):
        raise ValueError("characters do not sum to those of findings and impression")
    return counts


def _reading(
    message: _Message,
    corrected: CorrectedReport,
    characters: Mapping[str, int],
    *,
    draft: Report,
    verdict: Verdict | None,
    was_open_before: bool,
) -> Reading:
    first, ended, opened = message.first_word_seconds, message.draft_ended_seconds, message.reference_opened_seconds
    if first is not None and ended is not None and ended < first:
        raise ValueError("a draft does not end before its first word")
    answered = (*message.sentence_seconds.values(), *message.error_seconds.values(), *message.named_seconds)
    if any(seconds is not None and seconds > message.saved_seconds for seconds in answered):
        raise ValueError("nothing is answered after saving")
    interrupted = message.interrupted or was_open_before
    sentences = tuple(_decided(sentence, message) for sentence in corrected.sentences)
    decisions = (*sentences, message.verdict_seconds)
    decided = max((seconds for seconds in decisions if seconds is not None), default=message.saved_seconds)
    return Reading(
        saved_seconds=message.saved_seconds,
        active_seconds=message.active_seconds,
        first_word_seconds=first,
        draft_ended_seconds=ended,
        first_action_seconds=message.first_action_seconds,
        reference_opened_seconds=opened,
        sentence_seconds=sentences,
        error_seconds=_answered(corrected, message),
        windows=message.windows,
        zooms=message.zooms,
        prior_viewed=message.prior_viewed,
        verdict_seconds=message.verdict_seconds,
        interrupted=interrupted,
        accepted_faster_than_readable=not interrupted
        and verdict is Verdict.ACCEPTED
        and ended is not None
        and decided - ended < _words(draft) / WORDS_PER_SECOND,
        accepted_all_at_once=_all_at_once(corrected.sentences),
        never_zoomed=not (interrupted or message.zooms),
        **characters,
    )


def _decided(sentence: SentenceReview, message: _Message) -> float | None:
    """When a sentence of the draft was decided last, where anybody did."""
    if sentence.start is None or sentence.decided_by is None:
        return None
    return message.sentence_seconds.get(sentence_key(sentence.section, sentence.start))


def _answered(corrected: CorrectedReport, message: _Message) -> tuple[float | None, ...]:
    """When each error was answered, or named by hand, in the order of `CorrectedReport.errors`."""
    named = [*message.named_seconds, *[None] * len(corrected.named)]
    return (
        *(message.error_seconds.get(key) for key, _ in corrected.proposals),
        *named[: len(corrected.named)],
    )


def _all_at_once(sentences: Sequence[SentenceReview]) -> bool:
    of_draft = [sentence for sentence in sentences if not sentence.added]
    return bool(of_draft) and all(sentence.decided_by is DecidedBy.REST for sentence in of_draft)


def _words(report: Report) -> int:
    return len(report.findings.split()) + len(report.impression.split())
