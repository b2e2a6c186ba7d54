"""The commands over the reviews file: what they print and write, and what they say where they cannot."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from tests.cli.conftest import Typed

DRAFT = Draft(
    Report("Heart normal."),
    "prompt",
    ("f" * 64,),
    ModelIdentity("base", "b" * 64, None, None, "fp32", "it fits", "cpu", "1"),
    GenerationOptions(220),
    seed=0,
    tokens=2,
    seconds=0.1,
)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings say the reviews are."""
    path = tmp_path / "reviews.sqlite3"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLINICALBLIP_STORAGE_REVIEWS", str(path))
    return path


@pytest.fixture
def saved(database: Path) -> str:
    """The id of one review with texts, in the file."""
    texts = ReviewTexts(ClinicalContext("cough"), DRAFT.report, Report("Heart enlarged."), Report())
    review = Review(DRAFT, Verdict.MINOR_EDITS, datetime(2026, 11, 29, tzinfo=UTC), 1, 1, 30.0, texts=texts)
    with ReviewStore(database) as store:
        return store.add(review)


def test_one_review_is_shown(saved: str, typed: Typed) -> None:
    """Under its id, with its texts."""
    code, out, err = typed("show", saved)
    assert (code, err) == (0, "")
    assert out.startswith(f"Review {saved}\n")
    assert "  final findings: Heart enlarged.\n" in out


def test_reviews_are_summed_up(saved: str, typed: Typed, tmp_path: Path) -> None:
    """Printed, or written as Markdown or as a picture."""
    code, out, _ = typed("summary", "--by", "model")
    assert code == 0
    assert "| base, no adapter, fp32, prompt 1 | 1 | 0 | 1 | 0 | 0 | 0 | 0 | 1 |" in out
    assert typed("summary", "--by", "model", "--output", "s.md") == (0, "", "")
    assert (tmp_path / "s.md").read_text() == out
    assert typed("summary", "--format", "svg", "--output", "s.svg") == (0, "", "")
    assert "<svg" in (tmp_path / "s.svg").read_text()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_table_a_file_is_exported_and_named(saved: str, typed: Typed, tmp_path: Path, format: str) -> None:
    """The person who typed one name learns of the others."""
    code, out, err = typed("export", "--format", format, "--output", f"r.{format}")
    assert (code, err) == (0, "")
    first, beside = out.splitlines()
    assert first == "1 reviews exported."
    assert all((tmp_path / name).is_file() for name in beside.removeprefix("Beside it: ").split(" "))
    assert f"r-sentences.{format}" in beside


def test_what_is_forgotten_is_shown_as_erased(saved: str, typed: Typed) -> None:
    """And stays in the summary and in an export."""
    assert typed("forget", saved)[0] == 0
    assert "Texts: erased\n" in typed("show", saved)[1]
    assert typed("export", "--output", "r.jsonl")[:2] == (0, "1 reviews exported.\n")
    assert json.loads(Path("r.jsonl").read_text())["final_findings"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nothing"], "There is no review with this id"),
        (["forget", "nothing"], "no review with this id"),
        (["summary", "--format", "svg"], "name one with --output"),
        (["summary", "--output", "."], "a folder or a device"),
        (["summary", "--output", "missing/s.md"], "The summary was not written"),
        (["export", "--output", "missing/r.jsonl"], "The export was not written"),
        (["export", "--format", "csv", "--output", "r.csv"], "a folder or a device"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_line(saved: str, typed: Typed, tmp_path: Path, words: list[str], said: str) -> None:
    """On standard error with exit code 2; a folder in the place of a table beside the export is noticed first."""
    (tmp_path / "r-errors.csv").mkdir()
    code, out, err = typed(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not (tmp_path / "r.csv").exists()


def _lock(database: Path) -> sqlite3.Connection:
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other


@pytest.mark.parametrize("words", [["show", "ID"], ["summary"], ["export", "--output", "r.jsonl"], ["forget", "ID"]])
@pytest.mark.parametrize("state", ["missing", "locked", "damaged", "newer"])
def test_a_file_that_cannot_be_used_is_one_line(
    saved: str, database: Path, typed: Typed, words: list[str], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever command it is; no traceback and no path."""
    monkeypatch.setattr("clinicalblip.feedback.databases.sqlite_connection.BUSY_SECONDS", 0.05)
    said = {"missing": "no reviews", "locked": "locked", "damaged": "damaged", "newer": "update ClinicalBLIP"}[state]
    with closing(_lock(database) if state == "locked" else sqlite3.connect(database)) as other:
        if state == "missing":
            database.unlink()
        elif state == "damaged":
            held = database.read_bytes()
            database.write_bytes(held[:4096] + b"\xff" * (len(held) - 4096))
        elif state == "newer":
            other.execute("PRAGMA user_version = 99")
        code, out, err = typed(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert str(database.parent) not in err
