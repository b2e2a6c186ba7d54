"""What the command is given in place of a film's file: one sentence, and no waiting."""

import os
import sys
from pathlib import Path

import pytest

from clinicalblip.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices with names of their own")


def refusal(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    assert main(["draft", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.timeout(20)
def test_a_pipe_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that nobody writes to would be waited for, also behind a link."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    assert "is a pipe or a device" in refusal(tmp_path / "pipe", capsys)
    assert "is a pipe or a device" in refusal(tmp_path / "link", capsys)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_film(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    """However much it gives."""
    assert "is a pipe or a device" in refusal(Path(device), capsys)


def test_a_folder_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system's own words are clear enough."""
    assert "cannot be opened: is a directory" in refusal(tmp_path, capsys)


def test_a_link_in_circles_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not followed for ever."""
    (tmp_path / "link").symlink_to(tmp_path / "link")
    assert "cannot be opened: too many levels" in refusal(tmp_path / "link", capsys)


def test_a_link_to_a_film_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is behind it is looked at as any file."""
    (tmp_path / "film").write_bytes(b"GIF89a")
    (tmp_path / "link").symlink_to(tmp_path / "film")
    assert "GIF" in refusal(tmp_path / "link", capsys)
