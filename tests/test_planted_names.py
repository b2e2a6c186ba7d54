"""Films and texts that name their patient walk through the whole page: the names are looked for everywhere after it.

Everywhere: the disk that the server writes (uploads, temporary files, the reviews with their log), its log and standard
streams, every address that it was asked for, the browser's storage, what the model was given, and the exports. A text
that its reader chose to keep as it is, with consent, may stand in one place only: the table of texts, until forgotten.
"""

import http.client
import json
import logging
import sqlite3
import tempfile
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from starlette.middleware import Middleware

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.feedback.exports.write import export_reviews
from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.radiograph import Region
from clinicalblip.radiology.review import Verdict
from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web import upload_folder
from clinicalblip.web.page import build_page, launch_arguments
from clinicalblip.web.sessions import Sessions
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.film_of_names import PLANTED, TAG, film_of_names
from tests.fixtures.page_reader import Reader
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import free_port, until, uploads_on_disk

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

FILE = "ZEBRAFILE-Jane"
TYPED = {
    "indication": ("Cough. Patient: Zebraind, Jane, seen by Dr. Zebraindoc.", ("Zebraind",)),
    "history": (
        "Mrs. Zebrahist, DOB 17.09.1931, lives at 742 Zebrastreet Road.",
        ("Zebrahist", "17.09.1931", "Zebrastreet"),
    ),
    "technique": ("Technologist: Zebratech", ("Zebratech",)),
    "comparison": ("MRN ZB4711081, film of 3/4/2010.", ("ZB4711081",)),
    "prior_report": ("Dictated by: Jim Zebraprior, tel. (555) 010-4711", ("Zebraprior", "010-4711")),
    "hints": ("Ask zebramail@example.org", ("zebramail",)),
}
FINAL = ("Discussed with Dr. Zebrafinal.", "Zebrafinal")
COMMENT = ("Mr. Zebracomment should see it.", "Zebracomment")
WORDS = (*(word for _, planted in TYPED.values() for word in planted), FINAL[1], COMMENT[1])
EVERYTHING = (*PLANTED, FILE, *WORDS)


class PromptingReporter(ScriptedReporter):
    """Recites, and says that it was prompted with everything that it was told, as a model's prompt has it."""

    def stream(self, radiographs: Any, context: Any, **options: Any) -> Iterator[Any]:
        """Yield the text as it grows, then the Draft."""
        for written in super().stream(radiographs, context, **options):
            yield replace(written, prompt=" ".join(astuple(context))) if isinstance(written, Draft) else written


class Addresses:
    """ASGI middleware that remembers every address that was asked for, and the cookies that came along."""

    asked: tuple[str, ...] = ()

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            cookies = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
            Addresses.asked += (unquote(f"{scope['path']}?{scope['query_string'].decode()} {cookies}"),)
        await self._app(scope, receive, send)


@dataclass
class Walk:
    """A served page, and everything around it in which a name could stay."""

    url: str
    folder: Path
    reporter: PromptingReporter
    store: ReviewStore
    sessions: Sessions
    film: Path
    burned: Region
    caplog: pytest.LogCaptureFixture
    captured: Callable[[], str]
    said: list[str] = field(default_factory=list)

    @property
    def reviews(self) -> Path:
        """The file that keeps the reviews."""
        return self.folder / "reviews.sqlite3"

    def disk(self) -> bytes:
        """Every file that the server has under its folders, and its name."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        names = "\n".join(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
        return b"\n".join((names.encode(), *map(_read, files)))

    def logs(self) -> str:
        """What was logged at any level, and written to the standard streams; the tests' own driver left out."""
        records = [record for record in self.caplog.records if not record.name.startswith(("selenium", "urllib3"))]
        said = [logging.Formatter("%(name)s %(message)s").format(record) for record in records]
        self.said.append(self.captured())
        return "\n".join((*said, *self.said))

    def exports(self) -> str:
        """The reviews as both exports write them."""
        texts = []
        for form in ("jsonl", "csv"):
            output = self.folder / f"export.{form}"
            export_reviews(self.store, output, form)  # type: ignore[arg-type]
            texts.append(output.read_text(encoding="utf-8"))
            output.unlink()
        return "\n".join(texts)

    def told(self) -> str:
        """Everything that the reporter was told in words, and everything about its films but the values."""
        films = [
            replace(film, values=np.zeros((1, 1), np.uint16)) for given in self.reporter.radiographs for film in given
        ]
        return f"{self.reporter.contexts} {films}"


def named(what: bytes | str, planted: Sequence[str] = EVERYTHING) -> list[str]:
    """Which of the planted words stand there, in upper or lower case, in UTF-8 or UTF-16."""
    data = (what.encode("utf-8", "surrogatepass") if isinstance(what, str) else what).lower()
    return [
        word
        for word in planted
        if any(word.lower().encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be"))
    ]


def _read(file: Path) -> bytes:
    """A file's bytes; of one that was deleted in this moment none."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


@pytest.fixture(scope="module")
def planted() -> tuple[bytes, Region]:
    """The film that names its patient everywhere, and where in its picture."""
    return film_of_names()


@pytest.fixture
def walk(
    tmp_path: Path,
    planted: tuple[bytes, Region],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Iterator[Walk]:
    """Serve a page whose every folder is known; its parameter is how long uploads wait for a handler."""
    folder = tmp_path / "server"
    for part in ("tmp", "uploads", "cache"):
        (folder / part).mkdir(parents=True)
    for variable, part in (("TMPDIR", "tmp"), ("GRADIO_TEMP_DIR", "uploads"), ("XDG_CACHE_HOME", "cache")):
        monkeypatch.setenv(variable, str(folder / part))
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    monkeypatch.setattr(Addresses, "asked", ())
    caplog.set_level(logging.DEBUG)
    port = free_port()
    settings = Settings(server=ServerSettings(name="127.0.0.1", port=port))
    reporter, store, sessions = PromptingReporter(), ReviewStore(folder / "reviews.sqlite3"), Sessions()
    page = build_page(
        settings, reporter, store, StoragePath(folder / "reviews.sqlite3", persistent=True), sessions=sessions
    )
    arguments = launch_arguments(settings)
    arguments["app_kwargs"]["middleware"].append(Middleware(Addresses))
    monkeypatch.setattr(upload_folder, "KEPT_SECONDS", getattr(request, "param", upload_folder.KEPT_SECONDS))
    page.launch(**arguments, prevent_thread_lock=True, quiet=True)
    (tmp_path / "reader").mkdir()
    film = tmp_path / "reader" / f"{FILE}.dcm"
    film.write_bytes(planted[0])

    def captured() -> str:
        return "".join(capfd.readouterr())

    yield Walk(f"http://127.0.0.1:{port}/", folder, reporter, store, sessions, film, planted[1], caplog, captured)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        page.close(verbose=False)
        store.close()


@pytest.fixture
def browser(chromium: Callable[..., Chrome]) -> Chrome:
    """A browser that was opened before the server's folders are set: it has its own."""
    return chromium(own=True)


@pytest.mark.browser
def test_nothing_of_a_named_patient_stays_where_the_reader_has_it_masked(browser: Chrome, walk: Walk) -> None:
    """Upload, mask, type, mask, draft, edit, save without and with consent: the names are nowhere."""
    reader = Reader(browser, walk.url)
    reader.upload(walk.film)
    answers = (By.CSS_SELECTOR, ".cb-answer-mask")
    assert until(lambda: reader.browser.find_elements(*answers), seconds=40)
    assert walk.reporter.radiographs == []
    reader.browser.find_element(*answers).click()
    assert until(lambda: not reader.browser.find_elements(*answers))
    for part, (text, _) in TYPED.items():
        reader.replace(f"context-{part.replace('_', '-')}", text)
    reader.press("draft")
    assert walk.reporter.contexts == []
    answer_question(reader, "phi-mask")
    assert until(lambda: reader.text("status").startswith("Drafted"))
    reader.type("findings", f" {FINAL[0]}")
    reader.type("comment", COMMENT[0])
    reader.rate(3, "minor edits")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    assert named(walk.disk()) == []
    reader.browser.find_element(By.CSS_SELECTOR, "#consent input").click()
    reader.press("save")
    answer_question(reader, "kept-phi-mask")
    assert until(lambda: "in place of" in reader.text("saved"))

    assert named(walk.told()) == []
    ((film,),) = walk.reporter.radiographs
    inside = np.s_[walk.burned.top : walk.burned.bottom, walk.burned.left : walk.burned.right]
    assert np.unique(film.values[inside]).size == 1
    assert film.pixels[inside].max() == 0
    assert named(walk.disk()) == []
    unmasked = read_radiograph(walk.film.read_bytes(), ReadOptions(allow_burned_in=True))
    rows = unmasked.values[inside][4:-4:6]
    for row in (*rows, *(rows >> 4).astype(np.uint8)):
        assert row.tobytes() not in walk.disk()
    exports = walk.exports()
    assert "[name]" in exports
    assert "Cough." in exports
    assert film.digest in exports
    assert unmasked.digest not in exports
    assert named(exports) == []
    assert named(walk.logs()) == []
    assert named("\n".join(Addresses.asked)) == []
    stored = _stored_in(reader.browser)
    assert named(json.dumps(stored)) == []
    assert set(stored["session"]) == {"clinicalblip-tab"}  # a random id, nothing of the reader's
    for kept in ("cookies", "local", "databases", "caches"):
        assert not stored[kept]
    assert uploads_on_disk(walk.folder / "uploads") == []
    for path in ("", "config", "gradio_api/info"):
        with urllib.request.urlopen(walk.url + path) as answer:
            assert named(answer.read()) == []


def answer_question(reader: Reader, button: str) -> None:
    """Wait until the page asks, and press a button that is there only then."""
    assert until(lambda: any(found.is_displayed() for found in reader.browser.find_elements(By.ID, button)))
    reader.press(button)


def _stored_in(browser: Chrome) -> dict[str, Any]:
    """What a browser keeps of a page: addresses, cookies, both storages, databases and caches."""
    stored = browser.execute_async_script(
        """
            const done = arguments[arguments.length - 1];
            Promise.all([indexedDB.databases(), window.caches ? caches.keys() : []]).then(([databases, kept]) => done({
              addresses: performance.getEntries().map((entry) => entry.name), here: location.href,
              cookies: document.cookie, local: {...localStorage}, session: {...sessionStorage}, databases, caches: kept,
              title: document.title, history: JSON.stringify(history.state),
            }));
            """
    )
    assert isinstance(stored, dict)
    return stored


@pytest.fixture
def client(walk: Walk) -> Iterator[Client]:
    """A program at the page's API."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = Client(walk.url, verbose=False)
        yield client
        client.close()


def draft(client: Client, walk: Walk, **options: Any) -> dict[str, Any]:
    """Draft from the planted film and the planted texts."""
    texts = {part: text for part, (text, _) in TYPED.items()}
    answer = client.predict(handle_file(str(walk.film)), api_name="/draft", mask_text=True, **texts, **options)
    assert isinstance(answer, dict)
    return answer


def save(client: Client, draft_id: str, **options: Any) -> str:
    """Save a review with planted words in every text."""
    words = ("Heart normal. " + FINAL[0], FINAL[0], 3, str(Verdict.MINOR_EDITS), COMMENT[0])
    return str(client.predict(draft_id, *words, api_name="/save_review", **options))


def test_words_that_a_reader_keeps_stand_in_the_table_of_texts_alone_until_they_are_forgotten(
    walk: Walk, client: Client
) -> None:
    """Kept as they are, with consent: in no other table, log, address or folder; forgotten, in no byte of the file."""
    answer = draft(client, walk, identifiers="keep")
    assert named(walk.told(), WORDS) == [word for word in WORDS if word not in (FINAL[1], COMMENT[1])]
    assert named(walk.told(), (*PLANTED, FILE)) == []
    review = save(client, answer["draft_id"], consent=True, identifiers="keep")
    assert named(_table(walk.reviews, "texts")) == list(WORDS)
    for table in ("reviews", "withdrawals", "sqlite_master"):
        assert named(_table(walk.reviews, table)) == []
    assert named(walk.exports()) == list(WORDS)
    for path in walk.folder.rglob("*"):
        assert not path.is_file() or path.name.startswith("reviews.sqlite3") or named(path.read_bytes()) == []
    assert named(walk.logs()) == []
    assert named("\n".join(Addresses.asked)) == []
    walk.store.forget(review)
    assert named(walk.disk()) == []
    assert named(walk.exports()) == []


def _table(file: Path, table: str) -> str:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return repr(connection.execute(f"SELECT * FROM {table}").fetchall())
    finally:
        connection.close()


def test_words_that_were_used_as_they_are_are_not_kept_without_a_word(walk: Walk, client: Client) -> None:
    """The model was told the names; what is kept of the draft, its prompt included, has none of them."""
    answer = draft(client, walk, identifiers="keep")
    for consent, identifiers in ((False, ""), (False, "keep"), (True, "mask")):
        save(client, answer["draft_id"], consent=consent, identifiers=identifiers)
        exported = walk.exports()
        assert ("[name]" in exported) is consent
        assert named(exported) == []
        assert named(walk.disk()) == []
    assert named(walk.logs()) == []


def test_without_an_answer_nothing_named_is_used_or_kept(walk: Walk, client: Client) -> None:
    """The refusal says what was found and where, and repeats none of it."""
    with pytest.raises(AppError, match="may name somebody") as refusal:
        draft(client, walk)
    assert named(str(refusal.value)) == []
    assert walk.reporter.contexts == []
    answer = draft(client, walk, identifiers="mask")
    with pytest.raises(AppError, match="may name somebody") as refusal:
        save(client, answer["draft_id"], consent=True)
    assert named(str(refusal.value)) == []
    assert named(walk.disk()) == []
    assert named(walk.logs()) == []


BROKEN = {
    "cut off": lambda whole: whole[: len(whole) * 2 // 3],
    "without pixels": lambda whole: write_dicom(None, patient_name=f"{TAG}^JANE"),
    "of another kind": lambda whole: write_dicom(np.zeros((64, 64), int), modality="CT", patient_name=f"{TAG}^JANE"),
    "no film": lambda whole: f"Patient {TAG}, report".encode(),
    "a picture cut off": lambda whole: b"\x89PNG\r\n\x1a\n" + TAG.encode() * 50,
}


def test_a_refused_film_leaves_nothing(walk: Walk, client: Client) -> None:
    """Neither its refusal nor a log names the patient, and the upload is gone."""
    whole = walk.film.read_bytes()
    for damage in BROKEN.values():
        walk.film.write_bytes(damage(whole))
        with pytest.raises(AppError) as refusal:
            draft(client, walk, identifiers="mask")
        assert named(str(refusal.value)) == []
    assert named(walk.logs()) == []
    assert named(walk.disk()) == []
    assert uploads_on_disk(walk.folder / "uploads") == []


@pytest.mark.parametrize(
    "keyword",
    [
        *(
            "Modality",
            "BodyPartExamined",
            "PhotometricInterpretation",
            "PresentationIntentType",
            "PresentationLUTShape",
        ),
        *("VOILUTFunction", "ViewPosition", "PatientOrientation", "BurnedInAnnotation", "ImageType", "PatientSex"),
        *("PatientAge", "ShutterShape", "CollimatorShape", "SOPClassUID", "SpecificCharacterSet", "SeriesDescription"),
        *("ProtocolName", "WindowCenterWidthExplanation", "RescaleType", "Laterality"),
    ],
)
def test_no_tag_that_is_read_is_repeated(keyword: str, caplog: pytest.LogCaptureFixture) -> None:
    """A name in a tag that drawing needs comes neither out with the film nor into a warning, a refusal or a log."""
    caplog.set_level(logging.DEBUG)
    pixels = np.random.default_rng(0).integers(0, 4096, (64, 64))
    data = write_dicom(pixels, WindowCenter=["2048", "99"], WindowWidth=["4096", "9"], **{keyword: f"{TAG}\\{TAG}"})
    caplog.clear()  # pydicom warns of what is written here
    try:
        said = repr(replace(read_radiograph(data), values=np.zeros((1, 1), np.uint16)))
    except ClinicalBlipError as error:
        said = str(error)
    assert named(said) == []
    assert named(caplog.text) == []


@pytest.mark.parametrize("walk", [1.0], indirect=True)
def test_an_upload_that_is_broken_off_leaves_nothing(walk: Walk) -> None:
    """A reader who closes the page in the middle of an upload leaves no part of the film on the disk."""
    connection = http.client.HTTPConnection("127.0.0.1", int(walk.url.split(":")[2].strip("/")))
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{FILE}.dcm"\r\n\r\n'.encode()
    connection.putrequest("POST", "/gradio_api/upload")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(10**7))
    connection.putheader("X-ClinicalBLIP", "page")
    connection.endheaders()
    connection.send(head + walk.film.read_bytes())
    assert until(lambda: uploads_on_disk(walk.folder / "uploads"), seconds=3)
    connection.close()
    assert until(lambda: named(walk.disk()) == [], seconds=10)
    assert named(walk.logs()) == []


@pytest.mark.parametrize("walk", [1.0], indirect=True)
def test_an_upload_that_nobody_takes_goes_by_its_age(walk: Walk) -> None:
    """Who uploads and leaves before it is read: the file is deleted all the same."""
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.dcm"\r\n\r\n' + b"ZEBRATAG\r\n--x--\r\n"
    request = urllib.request.Request(
        f"{walk.url}gradio_api/upload",
        body,
        {"Content-Type": "multipart/form-data; boundary=x", "X-ClinicalBLIP": "page"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert named(walk.disk()) == ["ZEBRATAG"]
    assert until(lambda: named(walk.disk()) == [], seconds=10)
