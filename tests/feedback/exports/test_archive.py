"""An export as one file: what `export_reviews` writes, packed."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.feedback.exports.archive import pack_reviews
from clinicalblip.feedback.exports.write import FORMATS, Format, export_reviews, table_files
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review

Make = Callable[..., Review]


@pytest.fixture
def reviewed(store: ReviewStore, review: Make, parts: dict[str, Any]) -> ReviewStore:
    """Two reviews, one of them with every part."""
    store.add(review(0))
    store.add(review(1, consent=False, **parts))
    return store


@pytest.mark.parametrize("format", FORMATS)
def test_it_holds_the_files_of_an_export(reviewed: ReviewStore, tmp_path: Path, format: Format) -> None:
    """Byte for byte, of CSV and Parquet each table under its name."""
    packed = io.BytesIO()
    assert pack_reviews(reviewed.reviews(), packed, format) == 2
    files = table_files(tmp_path / f"reviews.{format}", format)
    export_reviews(reviewed, tmp_path / f"reviews.{format}", format)
    if format == "jsonl":
        assert packed.getvalue() == (tmp_path / "reviews.jsonl").read_bytes()
        return
    with zipfile.ZipFile(packed) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in files.values()
        }


def test_no_file_is_left_behind(reviewed: ReviewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where writing fails in the middle: readers' words stand in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    def failing() -> Any:
        yield from reviewed.reviews()
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        pack_reviews(failing(), io.BytesIO(), "csv")
    pack_reviews(reviewed.reviews(), io.BytesIO(), "csv")
    assert list(folder.iterdir()) == []
