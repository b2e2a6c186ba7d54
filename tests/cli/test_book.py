"""The command `book`."""

import json
from pathlib import Path

import pytest

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.instructblip.book.draft_book import read_about
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study

STUDIES = [Study("a", "p", "train", reference=Report("The lungs are clear.")), Study("b", "q", "test")]


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    """A predictions file with the draft of one study."""
    file = tmp_path / "predictions.jsonl"
    file.write_text(json.dumps({"study_id": "a", "findings": "The heart is large.", "impression": ""}) + "\n")
    return file


def test_a_book_is_made_of_drafts_for_the_bundled_model(
    tmp_path: Path, drafts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the studies that were drafted: those for training count, others are none of its business."""
    write_studies(STUDIES, tmp_path / "studies.jsonl")
    command = ["book", "--drafts", str(drafts), "--studies", str(tmp_path / "studies.jsonl")]
    assert main([*command, "--output", str(tmp_path / "book")]) == 0
    assert "runs of tokens from 1 drafts" in capsys.readouterr().out
    assert read_about(tmp_path / "book").texts == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to make a book from"),
        (["--drafts", "missing.jsonl"], "no predictions file"),
        (["--reports"], "needs the studies"),
        (["--drafts", "{drafts}", "--output", "{folder}"], "name a folder that is not there yet"),
    ],
)
def test_what_cannot_be_made_into_a_book_is_one_line(
    tmp_path: Path, drafts: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """And exit code 2."""
    filled = [each.format(drafts=drafts, folder=tmp_path) for each in arguments]
    assert main(["book", "--output", str(tmp_path / "book"), *filled]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_test_studies_that_a_book_saw_are_not_drafted_with_it(
    tmp_path: Path, drafts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that has the same study for testing is refused before the model is loaded."""
    write_studies(STUDIES, tmp_path / "studies.jsonl")
    command = ["book", "--drafts", str(drafts), "--studies", str(tmp_path / "studies.jsonl")]
    main([*command, "--output", str(tmp_path / "book")])
    seen = Study("a", "p", "test", reference=STUDIES[0].reference)
    write_studies([seen], tmp_path / "test.jsonl")
    drafting = ["draft-all", "--studies", str(tmp_path / "test.jsonl"), "--output", str(tmp_path / "out.jsonl")]
    assert main([*drafting, "--book", str(tmp_path / "book")]) == 2
    assert "made from 1 of these studies" in capsys.readouterr().err
