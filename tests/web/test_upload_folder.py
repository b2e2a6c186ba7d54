"""Uploads on the disk: who can read them, and when they go."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph
from clinicalblip.web import upload_folder as module
from clinicalblip.web.upload_folder import UploadFolder, UploadsFull
from tests.fixtures.served_page import until, uploads_on_disk


def put(folder: UploadFolder, data: bytes = b"film") -> str:
    """Lay an upload down, and give its token."""
    with folder.create() as upload:
        upload.write(data)
    return upload.token


def test_an_upload_is_read_and_gone(tmp_path: Path) -> None:
    """The bytes come back once; the file is deleted."""
    folder = UploadFolder(tmp_path)
    token = put(folder)
    assert folder.take(token, most_bytes=100) == b"film"
    assert uploads_on_disk(tmp_path) == []
    with pytest.raises(UnreadableRadiograph, match="choose the file again"):
        folder.take(token, most_bytes=100)


def test_a_large_upload_is_refused_and_gone(tmp_path: Path) -> None:
    """Over the limit nothing is read, and still nothing stays."""
    folder = UploadFolder(tmp_path)
    with pytest.raises(RadiographTooLarge):
        folder.take(put(folder, b"x" * 101), most_bytes=100)
    assert uploads_on_disk(tmp_path) == []


@given(token=st.one_of(st.text(), st.integers(), st.none(), st.sampled_from(["..", "/etc/hosts", "a\0b", "https://a"])))
def test_nothing_but_a_token_is_read(tmp_path_factory: pytest.TempPathFactory, token: object) -> None:
    """A path, an address or anything else that is no token is refused."""
    folder = UploadFolder(tmp_path_factory.mktemp("uploads"))
    with pytest.raises(UnreadableRadiograph, match="has to be uploaded"):
        folder.take(token, most_bytes=100)
    folder.close()


def break_off(folder: UploadFolder) -> None:
    """Go away in the middle of an upload."""
    with folder.create() as upload:
        upload.write(b"x" * 8)
        raise ConnectionError


def test_an_upload_that_is_broken_off_is_gone(tmp_path: Path) -> None:
    """What ends by an error leaves no file, and gives its bytes back."""
    folder = UploadFolder(tmp_path, most_bytes=10)
    for _ in range(3):
        with pytest.raises(ConnectionError):
            break_off(folder)
    assert uploads_on_disk(tmp_path) == []
    assert folder.take(put(folder, b"x" * 10), most_bytes=10) == b"x" * 10


def test_all_uploads_together_have_a_bound(tmp_path: Path) -> None:
    """One too many is refused and gone; when another is taken there is room again."""
    folder = UploadFolder(tmp_path, most_bytes=10)
    first = put(folder, b"x" * 8)
    with pytest.raises(UploadsFull):
        put(folder, b"x" * 3)
    assert len(uploads_on_disk(tmp_path)) == 1
    folder.take(first, most_bytes=10)
    put(folder, b"x" * 10)


def test_an_upload_that_nobody_takes_goes_by_its_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a further upload, and its bytes are free again; one that a call has named stays longer."""
    monkeypatch.setattr(module, "KEPT_SECONDS", 0.1)
    folder = UploadFolder(tmp_path, most_bytes=8)
    named = put(folder)
    folder.claim(named)
    put(folder)
    assert until(lambda: len(uploads_on_disk(tmp_path)) == 1, seconds=5)
    assert folder.take(named, most_bytes=10) == b"film"
    put(folder, b"x" * 8)


def test_an_upload_behind_one_that_stays_longer_goes_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that a call has named, and which waits longer, does not keep others; named again it stays no longer."""
    monkeypatch.setattr(module, "KEPT_SECONDS", 0.3)
    monkeypatch.setattr(module, "CLAIMED_SECONDS", 1.5)
    folder = UploadFolder(tmp_path)
    named = put(folder)
    folder.claim(named)
    assert not until(lambda: not uploads_on_disk(tmp_path), seconds=0.5)
    folder.claim(named)
    put(folder)
    assert until(lambda: [path.name for path in uploads_on_disk(tmp_path)] == [named], seconds=0.9)
    assert until(lambda: not uploads_on_disk(tmp_path), seconds=3)


def test_what_a_server_that_was_ended_left_goes_at_the_next_start(tmp_path: Path) -> None:
    """A folder without a living server is deleted; that of one that runs stays."""
    living = UploadFolder(tmp_path)
    kept = put(living)
    ended = "import os, pathlib, sys; from clinicalblip.web.upload_folder import UploadFolder\n"
    ended += "with UploadFolder(pathlib.Path(sys.argv[1])).create() as upload: upload.write(b'film')\nos._exit(9)"
    subprocess.run([sys.executable, "-c", ended, str(tmp_path)], check=False)
    assert len(uploads_on_disk(tmp_path)) == 2
    UploadFolder(tmp_path)
    assert [path.name for path in uploads_on_disk(tmp_path)] == [kept]


def test_a_folder_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    """Neither uploads nor its lock."""
    folder = UploadFolder(tmp_path)
    put(folder)
    folder.close()
    assert list(tmp_path.iterdir()) == []
