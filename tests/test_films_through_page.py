"""Films through both doors, the page and the command: what a reader and the model get to see of each."""

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from gradio_client import Client, handle_file

from clinicalblip.cli import main
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.settings import PrivacySettings, Settings
from clinicalblip.web.film_transfer import FilmSize, pack_film, unpack_values
from clinicalblip.web.session import LoadedFilm
from clinicalblip.web.view.viewer import film_for_page
from tests.fixtures.film_codecs import write_film
from tests.fixtures.film_greys import expected
from tests.fixtures.film_matrix import CELLS, UIDS, Cell
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page

# gradio asks pandas for an option that pandas has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated")

ROOT = Path(__file__).parents[1]
SLOTS = {"frontal": None, "lateral": "--lateral", "prior": "--prior-image"}
"""Three films a draft: the page's name of each, and the command's."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One running page with a reciting reporter for all tests here; it does not look for text in the films."""
    settings = Settings(privacy=PrivacySettings(find_burned_in=False))
    with one_page(tmp_path_factory.mktemp("page"), settings, ScriptedReporter(text="FINDINGS: Seen.")) as served:
        yield served


@pytest.fixture(scope="module")
def client(page: Served) -> Iterator[Client]:
    """A visitor of the page's API."""
    visitor = Client(page.url, verbose=False)
    yield visitor
    visitor.close()


def through_page(page: Served, client: Client, paths: list[Path]) -> tuple[Radiograph, ...]:
    """Up to three films, as the page hands them to the reporter."""
    page.reporter.radiographs.clear()
    films = {role: handle_file(path) for role, path in zip(SLOTS, paths, strict=False)}
    client.predict(**films, api_name="/draft")
    (seen,) = page.reporter.radiographs
    return seen


def through_command(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> tuple[Radiograph, ...]:
    """Up to three films, as the command hands them to the reporter; all of `draft` runs but for the model."""
    reporter = ScriptedReporter(text="FINDINGS: Seen.")
    monkeypatch.setattr("clinicalblip.instructblip.reporter.load_reporter", lambda settings: reporter)
    monkeypatch.setenv("CLINICALBLIP_PRIVACY_FIND_BURNED_IN", "false")
    named = [part for option, path in zip(SLOTS.values(), paths, strict=False) for part in (option, str(path)) if part]
    assert main(["draft", *named]) == 0
    (seen,) = reporter.radiographs
    return seen


def as_shown(film: Radiograph) -> np.ndarray:
    """The greys, 0 to 255, that the page's viewer draws from what it is sent (assets/viewer/)."""
    sent = json.loads(json.dumps(film_for_page(LoadedFilm(film))))
    packed = pack_film(LoadedFilm(film), FilmSize.WHOLE)
    values = unpack_values(packed.data, (packed.rows, packed.columns))
    greys = np.frombuffer(gzip.decompress(base64.b64decode(sent["greys"])), "u1")[values]
    return 255 - greys if sent["inverted"] else greys


def in_threes(folder: Path, syntax: str) -> Iterator[tuple[list[Cell], list[Path]]]:
    """The syntax's films of the matrix, three at a time, as files."""
    cells = [cell for cell in CELLS if cell.syntax == syntax]
    for first in range(0, len(cells), 3):
        three = cells[first : first + 3]
        paths = [folder / f"{first + place}.dcm" for place in range(len(three))]
        for cell, path in zip(three, paths, strict=True):
            path.write_bytes(write_film(cell))
        yield three, paths


@pytest.mark.parametrize("syntax", UIDS)
def test_page_shows_every_film_of_the_matrix(syntax: str, page: Served, client: Client, tmp_path: Path) -> None:
    """Uploaded, a film reaches the reporter, and the viewer, as the standard says it is shown."""
    for cells, paths in in_threes(tmp_path, syntax):
        for cell, film in zip(cells, through_page(page, client, paths), strict=True):
            expected(cell).check(film.values, film.pixels)
            assert np.abs(as_shown(film) - film.pixels * 255.0).max() <= 0.5 + 1e-4, str(cell)


@pytest.mark.parametrize("syntax", UIDS)
def test_command_reads_every_film_of_the_matrix(
    syntax: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named on the command line, a film reaches the reporter as the standard says it is shown."""
    for cells, paths in in_threes(tmp_path, syntax):
        for cell, film in zip(cells, through_command(paths, monkeypatch), strict=True):
            expected(cell).check(film.values, film.pixels)
    assert "Seen." in capsys.readouterr().out


@pytest.mark.shared_data
@pytest.mark.parametrize("door", ["reading", "page", "command"])
def test_monochrome1_is_inverted_to_the_grey_level(
    door: str,
    shared_data: Path,
    tmp_path: Path,
    page: Served,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A film whose tag alone is changed is shown inverted; with its values inverted too it is shown as it was."""
    original = (shared_data / "dicom" / "rsna-chest-1024.dcm").read_bytes()
    assert original.count(b"MONOCHROME2") == 1
    by_tag_alone = original.replace(b"MONOCHROME2", b"MONOCHROME1")
    paths = []
    for name, data in (("was", original), ("tag", by_tag_alone), ("both", inverted_values(by_tag_alone))):
        paths.append(tmp_path / f"{name}.dcm")
        paths[-1].write_bytes(data)
    if door == "reading":
        films = tuple(read_radiograph(path.read_bytes()) for path in paths)
    else:
        films = through_page(page, client, paths) if door == "page" else through_command(paths, monkeypatch)
    was, tag, both = (as_shown(film) for film in films)
    assert len(np.unique(was)) > 200
    np.testing.assert_array_equal(tag, np.rint((1 - films[0].pixels) * 255))
    np.testing.assert_array_equal(both, was)
    np.testing.assert_allclose(films[1].pixels, 1 - films[0].pixels, atol=1e-6)
    np.testing.assert_allclose(films[2].pixels, films[0].pixels, atol=1e-6)


def inverted_values(data: bytes) -> bytes:
    """The film decoded, every stored value v made 255 - v, and written uncompressed."""
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.PixelData = (255 - dataset.pixel_array).tobytes()
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = UIDS["explicit"]
    written = BytesIO()
    pydicom.dcmwrite(written, dataset)
    return written.getvalue()


@pytest.mark.system
@pytest.mark.timeout(300)
def test_command_drafts_from_compressed_films(tmp_path: Path) -> None:
    """The command itself, with the bundled model, from three films that few programs read."""
    rare = ("jpeg extended", "htj2k rpcl", "jpeg-ls near")
    paths = []
    for syntax in rare:
        cell = next(cell for cell in CELLS if cell.syntax == syntax and cell.bits == 12 and not cell.is_colour)
        paths.append(tmp_path / f"{len(paths)}.dcm")
        paths[-1].write_bytes(write_film(cell))
    named = [part for option, path in zip(SLOTS.values(), paths, strict=True) for part in (option, str(path)) if part]
    ran = subprocess.run(
        [sys.executable, "-m", "clinicalblip", "draft", *named, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["findings"]
