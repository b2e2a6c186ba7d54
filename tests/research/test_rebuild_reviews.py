"""What a reader did with a draft, rebuilt from an export alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicalblip.feedback.exports.write import export_reviews
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, ReportError
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate, SentenceReview
from research.rebuild_reviews import main
from tests.feedback.conftest import DRAFT

WRITTEN = Report("The heart is large. No effusion.", "")
CORRECTED = Report("no effusion; Old rib fracture.", "")
REVIEW = Review(
    draft=replace(DRAFT, report=WRITTEN),
    verdict=Verdict.MINOR_EDITS,
    created=datetime(2026, 11, 30, tzinfo=UTC),
    words_added=3,
    words_removed=4,
    editing_seconds=9.0,
    texts=ReviewTexts(ClinicalContext(), WRITTEN, CORRECTED, Report()),
    sentences=(
        SentenceReview(Section.FINDINGS, 0, 19, SentenceFate.DROPPED, None, None, DecidedBy.KEY),
        SentenceReview(Section.FINDINGS, 20, 32, SentenceFate.KEPT, 0, 12, None),
        SentenceReview(Section.FINDINGS, None, None, None, 13, 30, None),
    ),
    errors=(
        ReportError(
            ErrorCategory.FALSE_FINDING, Section.FINDINGS, 0, 19, ErrorOrigin.PROPOSED, ErrorState.CONFIRMED, None, None
        ),
    ),
    reading=Reading(saved_seconds=20.0, active_seconds=12.0, sentence_seconds=(3.5, None, None), error_seconds=(4.0,)),
)


def exported(review: Review, folder: Path) -> Path:
    """The export of one review."""
    store = ReviewStore(folder / "reviews.sqlite3")
    store.add(review)
    export_reviews(store, folder / "reviews.jsonl", "jsonl")
    return folder / "reviews.jsonl"


def test_words_and_times_are_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each sentence and error with its words and its second; capitals and the last mark are no difference."""
    assert main([str(exported(REVIEW, tmp_path))]) == 0
    (rebuilt,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert rebuilt["final"] == {"findings": CORRECTED.findings, "impression": ""}
    assert [(each["draft_words"], each["final_words"], each["seconds"]) for each in rebuilt["sentences"]] == [
        ("The heart is large.", None, 3.5),
        ("No effusion.", "no effusion;", None),
        (None, "Old rib fracture.", None),
    ]
    assert [(each["draft_words"], each["seconds"]) for each in rebuilt["errors"]] == [("The heart is large.", 4.0)]
    assert rebuilt["times"]["saved_seconds"] == 20.0


def test_without_texts_and_reading_places_are_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What rests on no consent is all there."""
    assert main([str(exported(replace(REVIEW, texts=None, reading=None), tmp_path))]) == 0
    (rebuilt,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (rebuilt["final"], rebuilt["times"]) == (None, None)
    assert [(each["fate"], each["start"], each["draft_words"]) for each in rebuilt["sentences"]] == [
        ("dropped", 0, None),
        ("kept", 20, None),
        (None, None, None),
    ]


def test_what_does_not_agree_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A kept sentence that has other words, a line that is none of an export, a file that is not there."""
    kept = replace(REVIEW.sentences[0], fate=SentenceFate.KEPT, final_start=13, final_end=30)
    export = exported(replace(REVIEW, sentences=(kept, *REVIEW.sentences[1:])), tmp_path)
    assert main([str(export)]) == 2
    assert "Line 1 of the export cannot be rebuilt: the sentence at 0" in capsys.readouterr().err
    for text in ('{"id": 1}', "[]", "no JSON"):
        export.write_text(text + "\n", encoding="utf-8")
        assert main([str(export)]) == 2
        assert "Line 1 of the export" in capsys.readouterr().err
    assert main([str(tmp_path / "nothing.jsonl")]) == 2
    assert "cannot be read" in capsys.readouterr().err
