"""`feedback status`, `backup`, `restore`, and `forget` with a bucket: what they print, and what they cannot do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinicalblip.feedback.bucket.copies import BucketCopies
from clinicalblip.feedback.open_store import open_bucket, open_spool, open_store
from clinicalblip.feedback.storage_path import find_storage_path
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.settings import read_settings
from tests.cli.conftest import Typed
from tests.cli.test_feedback import DRAFT
from tests.fixtures.bucket_files import names, words_in


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the settings name as the bucket, with the reviews file elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLINICALBLIP_STORAGE_REVIEWS", str(tmp_path / "reviews.sqlite3"))
    monkeypatch.setenv("CLINICALBLIP_STORAGE_BUCKET", (tmp_path / "the bucket").as_uri())
    return tmp_path / "the bucket"


@pytest.fixture
def saved(bucket: Path) -> str:
    """The id of a review that a page saved and put into the bucket."""
    settings = read_settings(Path("none.yaml"))
    location = find_storage_path(settings)
    spool, folder = open_spool(location), open_bucket(settings)
    assert folder is not None
    texts = ReviewTexts(ClinicalContext("cough"), DRAFT.report, Report("Heart Plantedword."), Report())
    review = Review(DRAFT, Verdict.MINOR_EDITS, datetime(2026, 11, 29, tzinfo=UTC), 1, 1, 30.0, texts=texts)
    with open_store(settings, location, spool) as store:
        number = store.add(review)
        BucketCopies(store, spool, folder).sync()
    return number


def test_status_counts_what_is_where(saved: str, bucket: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the database, in the bucket and on the way there; without a bucket it says so."""
    code, out, err = typed("status")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "1 reviews in the reviews file; 0 of them withdrawn.",
        "0 wait for the bucket.",
        "1 of these reviews are in the bucket, 1 snapshots too.",
        f"The newest snapshot is of {datetime.now(UTC).date()}.",
        "Written by this page.",
    ]
    monkeypatch.delenv("CLINICALBLIP_STORAGE_BUCKET")
    assert "storage.bucket names no bucket" in typed("status")[1]


def test_forget_erases_in_the_bucket_at_once(saved: str, bucket: Path, typed: Typed) -> None:
    """Files and snapshots, and says so."""
    assert words_in(bucket, ["Plantedword"])
    code, out, _ = typed("forget", saved)
    assert code == 0
    assert "The copies in the bucket and its snapshots from before are erased." in out
    assert words_in(bucket, ["Plantedword"]) == set()
    assert names(bucket) == [f"{saved}-withdrawn.json"]
    assert "0 wait for the bucket." in typed("status")[1]


def test_forget_says_what_it_could_not_reach(saved: str, bucket: Path, typed: Typed) -> None:
    """And the page, or forgetting again, reaches it later."""
    kept = bucket.with_name("away")
    bucket.rename(kept)
    bucket.write_text("a file in its place")
    code, out, _ = typed("forget", saved)
    assert code == 0
    assert "The bucket was not reached" in out
    assert "1 wait for the bucket." in typed("status")[1]
    bucket.unlink()
    kept.rename(bucket)
    assert "are erased" in typed("forget", saved)[1]
    assert words_in(bucket, ["Plantedword"]) == set()


def test_a_backup_is_restored_where_the_reviews_were_lost(saved: str, typed: Typed, tmp_path: Path) -> None:
    """The file is made anew; a second time nothing is added."""
    assert typed("backup", "kept.backup") == (0, "1 reviews are in the backup.\n", "")
    shown = typed("show", saved)[1]
    for file in tmp_path.glob("reviews.sqlite3*"):
        file.unlink()
    assert typed("status")[0] == 2
    assert typed("restore", "kept.backup") == (0, "1 of 1 reviews were put back; the others were there.\n", "")
    assert typed("restore", "kept.backup")[1].startswith("0 of 1")
    assert typed("show", saved)[1] == shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backup", "missing/kept.backup"], "not written"),
        (["restore", "missing"], "cannot be read"),
        (["restore", "reviews.sqlite3"], "no whole backup"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_line(saved: str, typed: Typed, words: list[str], said: str) -> None:
    """On standard error with exit code 2."""
    code, out, err = typed(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_bucket_of_the_hub_without_a_token_is_one_line(
    saved: str, typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before anything is erased or served."""
    monkeypatch.setenv("CLINICALBLIP_STORAGE_BUCKET", "owner/name")
    monkeypatch.setattr("clinicalblip.feedback.bucket.hub_bucket.get_token", lambda: None)
    for words in (["status"], ["forget", saved]):
        code, _, err = typed(*words)
        assert (code, err.count("\n")) == (2, 1)
        assert "set the secret HF_TOKEN" in err
    monkeypatch.delenv("CLINICALBLIP_STORAGE_BUCKET")
    assert "Heart Plantedword" in typed("show", saved)[1]


@pytest.mark.parametrize("value", ["name", "file://host/path", "s3://bucket/name", "a/b/c", "../up"])
def test_what_is_no_bucket_is_one_line(saved: str, typed: Typed, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named."""
    monkeypatch.setenv("CLINICALBLIP_STORAGE_BUCKET", value)
    code, _, err = typed("status")
    assert (code, err.count("\n")) == (2, 1)
    assert "storage.bucket" in err
