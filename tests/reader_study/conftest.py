"""A prepared study for tests of what is done with one; it is prepared once, and each test has a copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.reader_study import prepare_small_study


@pytest.fixture(scope="session")
def prepared_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is copied."""
    return prepare_small_study(tmp_path_factory.mktemp("reader-study"))


@pytest.fixture
def prepared(prepared_once: Path, tmp_path: Path) -> Path:
    """The folder of a small study that nobody has read."""
    return shutil.copytree(prepared_once, tmp_path / "study")


@pytest.fixture
def small_study(prepared: Path) -> Iterator[StudyFolder]:
    """The same, opened."""
    with StudyFolder.open(prepared) as opened:
        yield opened
