"""What each reader did with a draft, rebuilt from an export of reviews and from nothing else.

    clinicalblip feedback export --output reviews.jsonl
    python -m research.rebuild_reviews reviews.jsonl

One JSON object a line: the final report, each sentence of the draft and of the reader's own with its words and when
it was decided, each error with the words that it is about and when it was answered, the checks and the times. Words
stand there for reviews whose texts were kept, seconds for those whose reading was. What the export says twice has to
agree: a sentence that was kept has the same words in draft and report. docs/feedback.md says what each value means,
and what it does not show.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clinicalblip.cli.parser import CommandParser
from clinicalblip.errors import SettingsError
from clinicalblip.feedback.comparison import words_of
from clinicalblip.feedback.exports.json_objects import review_from_json
from clinicalblip.feedback.part_rows import part_row, reading_row
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.sentence_review import SentenceFate, SentenceReview
from clinicalblip.radiology.text_span import section_text
from research.command import run_command

_ENDS = frozenset(".;:!?,")


def rebuild(review: StoredReview) -> dict[str, Any]:
    """What was done in one review, as plain values; ValueError where two things that are said of it do not agree."""
    texts, reading = review.texts, review.reading
    draft, final = (texts.draft, texts.final) if texts else (None, None)
    sentence_seconds = reading.sentence_seconds if reading else ()
    error_seconds = reading.error_seconds if reading else ()
    for sentence in review.sentences:
        _check_kept(sentence, draft, final)
    return {
        "id": review.id,
        "replaces": review.replaces,
        "reader": review.reader,
        "study": review.study,
        "verdict": str(review.verdict),
        "final": None if final is None else {"findings": final.findings, "impression": final.impression},
        "sentences": [
            {
                **part_row(each),
                "draft_words": _words(draft, each.section, each.start, each.end),
                "final_words": _words(final, each.section, each.final_start, each.final_end),
                "seconds": sentence_seconds[number] if sentence_seconds else None,
            }
            for number, each in enumerate(review.sentences)
        ],
        "errors": [
            {
                **part_row(each),
                "draft_words": _words(draft, each.section, each.start, each.end),
                "seconds": error_seconds[number] if error_seconds else None,
            }
            for number, each in enumerate(review.errors)
        ],
        "checks": [part_row(outcome) for outcome in review.checks],
        "times": None if reading is None else reading_row(reading),
    }


def _words(report: Report | None, section: Section | None, start: int | None, end: int | None) -> str | None:
    return None if report is None or section is None or start is None else section_text(report, section)[start:end]


def _check_kept(sentence: SentenceReview, draft: Report | None, final: Report | None) -> None:
    if sentence.fate is not SentenceFate.KEPT or draft is None:
        return
    before, after = (
        _spoken(_words(draft, sentence.section, sentence.start, sentence.end)),
        _spoken(_words(final, sentence.section, sentence.final_start, sentence.final_end)),
    )
    if before != after:
        raise ValueError(f"the sentence at {sentence.start} of the draft's {sentence.section} is not the one kept")


def _spoken(text: str | None) -> list[str]:
    """Words without regard to capitals and to the punctuation at the end, which are no edit."""
    words = [word.lower() for word in words_of(text or "")]
    while words and words[-1] in _ENDS:
        words.pop()
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild each review of a file; returns the exit code."""
    parser = CommandParser(
        prog="python -m research.rebuild_reviews",
        description="What each reader did with a draft, rebuilt from an export of reviews.",
        examples=("reviews.jsonl",),
    )
    parser.add_argument("export", type=Path, metavar="F", help="what `clinicalblip feedback export` wrote")
    parser.set_defaults(run=_rebuild_all)
    return run_command(parser, arguments)


def _rebuild_all(options: argparse.Namespace) -> None:
    try:
        lines = options.export.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("The export cannot be read; name a file of `feedback export` in JSON lines.") from error
    for number, line in enumerate(lines, 1):
        try:
            rebuilt = rebuild(review_from_json(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            why = f"{error}" if isinstance(error, ValueError) else "it is no review of this version"
            raise SettingsError(f"Line {number} of the export cannot be rebuilt: {why}.") from error
        sys.stdout.write(json.dumps(rebuilt, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
