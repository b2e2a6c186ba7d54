"""The small study, served once for the tests of a file or opened for one test, and readers who come by their links."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.page_passwords import with_password
from tests.fixtures.reader_study import DESIGN, prepare_small_study
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader, serve_study


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedStudyPage]:
    """The small study, served; owners have a password."""
    with serve_study(prepare_small_study(tmp_path_factory.mktemp("study")), with_password()) as served:
        yield served


@pytest.fixture
def come(page: ServedStudyPage) -> Iterator[Callable[..., StudyReader]]:
    """Let a reader come in by a new link: a new one, or one that is named."""
    readers: list[StudyReader] = []

    def comes(reader: str = "", *, consents: bool = True) -> StudyReader:
        readers.append(StudyReader(page, reader or page.enrol(consents=consents)))
        return readers[-1]

    yield comes
    for each in readers:
        each.client.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the small study with this design, prepared once; whoever reads in it takes a copy."""
    made: dict[str, Path] = {}

    def prepare(design: str) -> Path:
        if design not in made:
            made[design] = prepare_small_study(tmp_path_factory.mktemp("prepared"), design=design)
        return made[design]

    return prepare


@pytest.fixture
def open_study(prepared: Callable[[str], Path], tmp_path: Path) -> Iterator[Callable[..., StudyFolder]]:
    """Open the small study for one test, with changes of its design: each text in the place of another."""
    opened: list[StudyFolder] = []

    def open_one(**changes: str) -> StudyFolder:
        design = DESIGN
        for place, text in changes.items():
            before = {"reading": "reading: {readers: 3}"}[place]
            assert before in design
            design = design.replace(before, text)
        folder = tmp_path / f"study-{len(opened)}"
        shutil.copytree(prepared(design), folder)
        opened.append(StudyFolder.open(folder))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()
