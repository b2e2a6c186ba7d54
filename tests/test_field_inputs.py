"""Small files of kinds that people reported, by command and page; ../shared/field/README.md says what each gives."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from clinicalblip.api import compare
from clinicalblip.cli import main
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import parse_sections
from clinicalblip.screening.wording import LATERAL_AS_FRONTAL
from clinicalblip.settings import Settings
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.sessions import Sessions
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter
from tests.fixtures.served_page import Served, one_page
from tests.fixtures.walked_page import WalkedPage

pytestmark = [
    pytest.mark.shared_data,
    # gradio asks pandas for an option that pandas has deprecated
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


@dataclass(frozen=True)
class Expected:
    """What a film gives: its mean grey, what is said of it in full, its view, and whether text is found in it."""

    mean: float
    said: tuple[str, ...] = ()
    view: View = View.PA
    has_text: bool = False

    def warnings(self, door: str) -> tuple[str, ...]:
        """What a draft's answer warns of; `door` is how text in a film is masked there."""
        return (*((TEXT_FOUND.format(door=door),) if self.has_text else ()), *self.said)


FULL = 0.629
"""The mean grey of the control: 12 bits over their whole range."""

TEXT_FOUND = "There is text in the frontal film at 1 place, and it may name the patient; with {door} it is masked."

OWN_RANGE = 0.654
"""That of the control without a window, from its smallest value to its largest; JPEG moves it by 0.002."""

FILMS = {
    "control-16": Expected(FULL),
    "says16-holds12": Expected(
        FULL, ("The file's VOI LUT says that its greys have 16 bits; they have 12, and were read so.",)
    ),
    # The slope is -0.5 in MONOCHROME2: the film is the control turned round, 1 - 0.629. Dark on light, the letters
    # "HSA" beside its marker are read.
    "rescale-comma": Expected(0.371, has_text=True),
    "rf-LOG-nowindow": Expected(
        FULL,
        (
            "The file's modality LUT is for measuring and not for looking at the film (its pixel intensity "
            "relationship is LOG); it was left out.",
        ),
    ),
    "j2k-end-missing": Expected(
        OWN_RANGE, ("The file does not mark where its compressed picture ends; the picture itself was read whole.",)
    ),
    "jpeg-bot-wrong": Expected(
        OWN_RANGE,
        (
            "The file's table of where its pictures begin is wrong or missing; there is one picture, and it was read "
            "without.",
        ),
    ),
    "jpeg-not-encapsulated": Expected(
        OWN_RANGE, ("The compressed picture is not wrapped as DICOM asks for; it was read all the same.",)
    ),
    "j2k8-as-50": Expected(
        OWN_RANGE,
        ("The file says that its picture is compressed as JPEG; it is compressed as JPEG 2000 and was read so.",),
    ),
    "jpeg-8-in-16-8": Expected(
        OWN_RANGE, ("The compressed picture has 8 bits a pixel, the file says 16; the picture's own were read.",)
    ),
    "as-ob": Expected(FULL, (LATERAL_AS_FRONTAL,), View.FRONTAL),  # given as the frontal film
    "item-ended-by-sequence-delimiter": Expected(FULL),
    "second-nan": Expected(FULL, ("One of the file's windows is damaged and was not used.",)),
}

CommandDraft = Callable[[Path], tuple[dict[str, Any], Radiograph]]


@pytest.fixture
def command_draft(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandDraft:
    """`draft FILM --json` with a reciting model: what it prints, and the film that the model was given."""

    def draft(path: Path) -> tuple[dict[str, Any], Radiograph]:
        reporter = ScriptedReporter()
        monkeypatch.setattr("clinicalblip.instructblip.reporter.load_reporter", lambda settings: reporter)
        assert main(["draft", str(path), "--json"]) == 0
        ((seen,),) = reporter.radiographs
        return json.loads(capsys.readouterr().out), seen

    return draft


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One running page, as it is set up by default."""
    with one_page(tmp_path_factory.mktemp("page"), Settings(), ScriptedReporter()) as served:
        yield served


@pytest.fixture(scope="module")
def client(page: Served) -> Iterator[Client]:
    """A visitor of the page's API."""
    visitor = Client(page.url, verbose=False)
    yield visitor
    visitor.close()


@pytest.fixture
def walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WalkedPage:
    """The page as a reader's presses walk through it."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    store = ReviewStore(tmp_path / "reviews.sqlite3")
    return WalkedPage(AppContext(Settings(), ScriptedReporter(), store, Sessions()))


def test_every_film_of_the_folder_is_expected(field: Path) -> None:
    """A film that is put there needs its line here."""
    assert {path.stem for path in field.glob("*.dcm")} == set(FILMS)


def check(film: Radiograph, expected: Expected) -> None:
    """Size, view and mean grey."""
    assert (film.values.shape, film.view) == ((512, 512), expected.view)
    assert film.pixels.mean() == pytest.approx(expected.mean, abs=0.0025 if expected.mean == OWN_RANGE else 0.0005)


@pytest.mark.parametrize("name", FILMS)
def test_command_drafts_from_each_film(field: Path, name: str, command_draft: CommandDraft) -> None:
    """The model is given the right film, and the answer has a warning for each fault and none besides."""
    answer, film = command_draft(field / f"{name}.dcm")
    check(film, FILMS[name])
    assert tuple(answer["warnings"]) == FILMS[name].warnings("--mask-text")
    assert answer["findings"] == parse_sections(TEXT).findings


@pytest.mark.parametrize("name", FILMS)
def test_page_drafts_from_each_film(field: Path, name: str, page: Served, client: Client) -> None:
    """Uploaded to the running page: the same film for the model, the same warnings in the answer."""
    page.reporter.radiographs.clear()
    answer = client.predict(frontal=handle_file(field / f"{name}.dcm"), api_name="/draft")
    ((film,),) = page.reporter.radiographs
    check(film, FILMS[name])
    assert tuple(answer["warnings"]) == FILMS[name].warnings("mask_text=True")


@pytest.mark.parametrize("name", FILMS)
def test_reader_is_told_of_each_film(field: Path, name: str, walked: WalkedPage) -> None:
    """On the page's viewer: the film's size, view and warnings, and no refusal."""
    walked.upload((field / f"{name}.dcm").read_bytes())
    shown = walked.value(walked.components.films.viewer)["films"]["frontal"]
    assert (shown["rows"], shown["columns"], shown["view"]) == (512, 512, FILMS[name].view.value)
    assert tuple(shown["warnings"]) == FILMS[name].said
    assert len(shown["questions"]) == FILMS[name].has_text
    if FILMS[name].has_text:
        walked.answer("mask")
    assert not walked.value(walked.components.message)
    walked.draft()
    assert walked.value(walked.components.report.findings) == parse_sections(TEXT).findings


@pytest.mark.parametrize("kind", ["lines", "template"])
def test_command_scores_the_texts(field: Path, kind: str, tmp_path: Path) -> None:
    """Findings one a line, or as a template's answers, agree with sentences that say the same: F1 is 1."""
    files = ["--studies", str(field / f"studies-{kind}.jsonl"), "--predictions", str(field / f"drafts-{kind}.jsonl")]
    card = tmp_path / "card.json"
    what = ["--split", "test", "--target", "findings", "--metrics", "findings", "--output", str(card)]
    assert main(["evaluate", *files, *what]) == 0
    figures = json.loads(card.read_text("utf-8"))["rows"][0]["figures"]
    assert figures["findings-micro-f1"]["value"] == 1.0


@pytest.mark.parametrize("kind", ["lines", "template"])
def test_page_saves_the_texts_as_they_were_pasted(field: Path, kind: str, walked: WalkedPage) -> None:
    """As final report beside a reference that says the same: no word is taken for a name, and no line is joined."""
    studies = rows(field / f"studies-{kind}.jsonl")
    components = walked.components
    walked.upload((field / "control-16.dcm").read_bytes())
    walked.draft()
    walked.rate(consent=True)
    for written in rows(field / f"drafts-{kind}.jsonl").values():
        final = studies[written["study_id"]]["findings"]
        walked.type(components.report.findings, final)
        walked.type(components.reference.findings, written["findings"])
        walked.save()
        assert walked.value(components.review.saved)
        *_, review = walked.app.store.reviews()
        assert review.texts is not None
        assert (review.texts.final.findings, review.texts.reference.findings) == (final, written["findings"])
        found = compare(final, written["findings"]).findings
        assert found.same
        assert not found.different


def rows(file: Path) -> dict[str, dict[str, Any]]:
    """The lines of a file by study."""
    return {row["study_id"]: row for row in map(json.loads, file.read_text("utf-8").splitlines())}
