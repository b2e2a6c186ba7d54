"""Research's commands: what cannot be done is one line on standard error and exit code 2."""

from pathlib import Path

import pytest

from research.mini.__main__ import main as mini
from research.phantom.__main__ import main as phantom


def test_mini_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A data folder without radiographs is one line, and no traceback."""
    folders = ["--data", str(tmp_path), "--run", str(tmp_path / "run"), "--output", str(tmp_path / "model")]
    assert mini([*folders, "--tiny"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "radiographs" in line


def test_phantom_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A source without reports is one line, and no traceback."""
    (tmp_path / "split.json").write_text('{"train": [], "val": [], "test": []}', encoding="utf-8")
    source = ["--source", str(tmp_path / "nowhere"), "--split-file", str(tmp_path / "split.json")]
    assert phantom(["iu", *source, "--output", str(tmp_path / "drawn")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "nowhere" in line or "reports" in line


@pytest.mark.parametrize(
    "arguments",
    [["--size", "31"], ["--size", "x"], ["--workers", "0"], ["--workers", "257"]],
)
def test_phantom_refuses_numbers_that_make_no_sense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A film of a few pixels and no workers at all are usage errors: exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        phantom(["iu", "--source", "s", "--split-file", "f", "--output", "o", *arguments])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "a number of" in line
