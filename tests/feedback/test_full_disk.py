"""Reviews on a disk that is full, as a Space's `/data` may be: a real file system of one mebibyte."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from clinicalblip.errors import ReviewNotSaved, SettingsError
from clinicalblip.feedback.open_store import open_spool, open_store
from clinicalblip.feedback.storage_path import FILE, find_storage_path
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import Settings
from tests.feedback.conftest import make_review


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, which only root can make."""
    if os.getuid() != 0:
        pytest.skip("only root can make a disk")
    folder = tmp_path / "data"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False)
    if made.returncode:
        pytest.skip("this machine lets nobody make a disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no room."""
    filler = disk / "filler"
    opened = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with suppress(OSError):
        while True:
            os.write(opened, bytes(4096))
    os.close(opened)
    return filler


def save_until_refused(store: ReviewStore, acknowledged: list[str]) -> None:
    """More reviews than there is room for; the ids of those that were saved are added as they come."""
    for number in range(1, 500):
        acknowledged += [store.add(make_review(number))]


def test_a_space_with_a_full_disk_does_not_start_and_says_why(disk: Path) -> None:
    """Rather than keeping reviews where they would be lost."""
    fill(disk)
    location = find_storage_path(Settings(), {"SPACE_ID": "a/b"}, space_disk=disk)
    assert location.path == disk / FILE
    with pytest.raises(SettingsError, match=r"cannot be opened for writing \(the disk is full\)[^\n]*\.$"):
        open_store(Settings(), location, open_spool(location))


def test_a_disk_that_fills_up_loses_no_acknowledged_review(disk: Path) -> None:
    """What does not fit is refused in a sentence, and fits once there is room."""
    with ReviewStore(disk / FILE) as store:
        acknowledged = [store.add(make_review(0))]
        filler = fill(disk)
        with pytest.raises(ReviewNotSaved, match=r"the disk is full"):
            save_until_refused(store, acknowledged)
        assert [review.id for review in store.reviews()] == acknowledged
        filler.unlink()
        acknowledged.append(store.add(make_review(500)))
    with ReviewStore(disk / FILE) as again:
        assert [review.id for review in again.reviews()] == acknowledged
