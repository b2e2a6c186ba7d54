"""All of one review in plain lines, for a person at a terminal."""

import unicodedata
from collections.abc import Iterator

from clinicalblip.feedback.exports.tables import COLUMNS, REVIEWS
from clinicalblip.feedback.part_rows import reading_row
from clinicalblip.feedback.row_mapping import REPORTS, StoredReview
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import SLOTS, Report
from clinicalblip.radiology.report_error import REXVAL, ReportError
from clinicalblip.radiology.sentence_review import SentenceReview

_INDENT = "  "


def plain_lines(review: StoredReview) -> Iterator[str]:
    """Yield what is kept of a review, a subject a paragraph; a line says "not kept" where there is nothing.

    No character that a terminal obeys is among them.
    """
    yield from map(_visible, _lines(review))


def _lines(review: StoredReview) -> Iterator[str]:
    yield f"Review {review.id}"
    for name in COLUMNS[REVIEWS]:
        if name not in (*SLOTS, "id", "comment", "prompt", "prompt_digest", "warnings") and hasattr(review, name):
            yield f"{_INDENT}{_words(name)}: {_value(getattr(review, name))}"
    yield f"Sentences: {len(review.sentences) or 'not kept'}"
    for number, sentence in enumerate(review.sentences):
        yield f"{_INDENT}{number}: {_sentence(review, sentence)}"
    yield f"Errors: {len(review.errors) or 'none'}"
    for error in review.errors:
        yield f"{_INDENT}{_error(review, error)}"
    yield f"Checks: {len(review.checks) or 'none'}"
    for outcome in review.checks:
        yield f"{_INDENT}{_words(outcome.check)}: shown {outcome.shown}, dismissed {outcome.dismissed}"
    if review.reading is None:
        yield "Reading: not kept"
    else:
        yield "Reading:"
        for name, value in reading_row(review.reading).items():
            said = _answered(review.reading, value) if name == "verdict_seconds" else _value(value)
            yield f"{_INDENT}{_words(name)}: {said}"
        for what, seconds in (
            ("each sentence was decided", review.reading.sentence_seconds),
            ("each error was answered", review.reading.error_seconds),
        ):
            times = ", ".join(_answered(review.reading, each) for each in seconds)
            yield f"{_INDENT}seconds until {what}: {times or 'not kept'}"
    yield from _texts(review)


def _answered(reading: Reading, seconds: float | None) -> str:
    """When something was answered, marked where the reference had been opened by then."""
    return _value(seconds) + (" (after the reference)" if reading.is_after_reference(seconds) else "")


def _texts(review: StoredReview) -> Iterator[str]:
    kept = review.texts
    if kept is None:
        yield f"Texts: {'erased' if review.withdrawn and review.consented else 'not kept'}"
        return
    yield "Texts:"
    texts = {_words(name): getattr(kept.context, name) for name in SLOTS}
    for name in REPORTS:
        report: Report = getattr(kept, name)
        texts |= {f"{name} findings": report.findings, f"{name} impression": report.impression}
    texts |= {"comment": kept.comment, "prompt": review.prompt or "", "warnings": " ".join(review.warnings)}
    for name, text in texts.items():
        lines = text.splitlines()
        yield f"{_INDENT}{name}:{f' {lines[0]}' if len(lines) == 1 else '' if lines else ' –'}"
        if len(lines) > 1:
            yield from (f"{_INDENT * 2}{line}" for line in lines)


def _sentence(review: StoredReview, sentence: SentenceReview) -> str:
    draft = review.texts.draft if review.texts else None
    final = review.texts.final if review.texts else None
    parts = [f"{sentence.section}, {sentence.fate or 'the reader' + chr(39) + 's own'}"]
    if sentence.decided_by:
        parts.append(f"by {sentence.decided_by}")
    if sentence.start is not None:
        parts.append(f"in the draft {_place(draft, sentence.section, sentence.start, sentence.end)}")
    if sentence.final_start is not None:
        parts.append(f"in the report {_place(final, sentence.section, sentence.final_start, sentence.final_end)}")
    return ", ".join(parts)


def _error(review: StoredReview, error: ReportError) -> str:
    draft = review.texts.draft if review.texts else None
    parts = [str(error.category), str(error.significance or "significance not set"), f"{error.origin}, {error.state}"]
    if error.observation:
        parts.insert(1, str(error.observation))
    if error.section is not None:
        parts.append(f"{error.section} {_place(draft, error.section, error.start, error.end)}")
    rexval = REXVAL[error.category]
    return ", ".join(parts) + (f" (ReXVal: {rexval})" if rexval else "")


def _place(report: Report | None, section: Section, start: int | None, end: int | None) -> str:
    """Two numbers, and the words that stand there where they are kept."""
    if report is None:
        return f"{start} to {end}"
    text = report.findings if section is Section.FINDINGS else report.impression
    return f'{start} to {end} "{text[start:end]}"'


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _visible(line: str) -> str:
    return "".join(" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in line)
