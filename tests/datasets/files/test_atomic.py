"""Files and folders that are whole or not there."""

import os
import stat
from pathlib import Path

import pytest

from clinicalblip.datasets.files.atomic import make_folder_atomically, open_atomically, write_atomically


def test_a_file_takes_its_name_at_the_end(tmp_path: Path) -> None:
    """What stood there before is read until the new file is whole; nothing is left beside it."""
    path = tmp_path / "figures.json"
    write_atomically(path, "old")
    with open_atomically(path, "wb") as file:
        file.write(b"new")
        assert path.read_text("utf-8") == "old"
    assert path.read_text("utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    """Whatever ends the block, what stood there stays, and the half file goes."""
    path = tmp_path / "figures.json"
    write_atomically(path, "old")

    def write_half() -> None:
        with open_atomically(path) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    """From its first byte on: also while it is written."""
    with open_atomically(tmp_path / "studies.jsonl", private=True):
        (part,) = tmp_path.iterdir()
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "studies.jsonl").stat().st_mode) == 0o600


def test_a_folder_takes_its_name_at_the_end(tmp_path: Path) -> None:
    """A folder that is not finished is removed, and one that somebody filled is not replaced."""
    path = tmp_path / "films"
    with make_folder_atomically(path) as folder:
        (folder / "a.png").write_bytes(b"film")
        assert not path.exists()
    assert [file.name for file in path.iterdir()] == ["a.png"]
    with pytest.raises(OSError, match="not empty"), make_folder_atomically(path) as folder:
        (folder / "b.png").write_bytes(b"film")
    assert [file.name for file in tmp_path.rglob("*")] == ["films", "a.png"]
