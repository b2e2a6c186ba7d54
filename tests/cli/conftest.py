"""What the tests of commands share: typing one over reviews, and a prepared reader study."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clinicalblip.cli import main
from tests.fixtures.reader_study import prepare_small_study

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command; the exit code, and what is printed on standard output and standard error."""

    def type_command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["feedback", *words])
        return code, *capsys.readouterr()

    return type_command


@pytest.fixture(scope="session")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is copied."""
    return prepare_small_study(tmp_path_factory.mktemp("reader-study"))


@pytest.fixture
def study(prepared_once: Path, tmp_path: Path) -> Path:
    """The folder of a study for three readers that nobody has read."""
    return shutil.copytree(prepared_once, tmp_path / "study")
