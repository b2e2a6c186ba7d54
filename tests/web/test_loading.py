"""A page that is there before its model."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from clinicalblip.errors import ModelError, ModelUnavailable
from clinicalblip.radiology.draft import Reporter
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.events.model import ModelEvents
from clinicalblip.web.loading import LoadingReporter
from tests.fixtures.scripted_reporter import IDENTITY, ScriptedReporter
from tests.fixtures.served_page import png_film, until
from tests.fixtures.walked_page import WalkedPage

Load = Callable[[], Reporter]


@pytest.fixture
def opened(app: AppContext, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Callable[[Load], WalkedPage]:
    """Open a page whose model is loaded so."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", f"{tmp_path}/uploads")
    return lambda load: WalkedPage(replace(app, reporter=LoadingReporter(load)))


def look(page: WalkedPage) -> None:
    """What the page does once a second."""
    page.show(ModelEvents(page.app, page.components).show(page.request))


def loading(page: WalkedPage) -> LoadingReporter:
    """The page's reporter."""
    assert isinstance(page.app.reporter, LoadingReporter)
    return page.app.reporter


def test_the_page_says_that_the_model_is_loading_and_then_which_it_is(
    opened: Callable[[Load], WalkedPage], reporter: ScriptedReporter
) -> None:
    """Until it is there the page looks again, and no longer."""
    may = threading.Event()
    page = opened(lambda: may.wait(20) and reporter)  # type: ignore[arg-type, return-value]
    loading(page).start()
    look(page)
    assert wording.MODEL_LOADING in page.components.strip.text.value
    may.set()
    loading(page).wait()
    look(page)
    strip = page.value(page.components.strip.text)
    assert IDENTITY.base in strip
    assert wording.MODEL_LOADING not in strip


def test_a_draft_asked_for_while_the_model_loads_is_written_when_it_is_there(
    opened: Callable[[Load], WalkedPage], reporter: ScriptedReporter
) -> None:
    """Nobody has to press again."""
    may = threading.Event()
    page = opened(lambda: may.wait(20) and reporter)  # type: ignore[arg-type, return-value]
    loading(page).start()
    uploading = threading.Thread(target=page.upload, args=(png_film(),))
    uploading.start()
    may.set()
    uploading.join(20)
    page.draft()
    assert page.value(page.components.report.findings)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ModelUnavailable("The base nobody is not there."), "The base nobody is not there."),
        (RuntimeError("a secret path"), wording.MODEL_BROKEN),
    ],
)
def test_a_model_that_cannot_be_loaded_is_one_sentence(
    opened: Callable[[Load], WalkedPage], error: Exception, sentence: str
) -> None:
    """On the page, and to whoever asks for a draft all the same."""

    def load() -> Reporter:
        raise error

    page = opened(load)
    loading(page).start()
    assert until(lambda: loading(page).failure)
    look(page)
    assert sentence in page.text
    assert "secret" not in page.text
    page.upload(png_film())
    assert sentence in page.text


def test_a_draft_can_be_stopped_while_the_model_loads(
    opened: Callable[[Load], WalkedPage], reporter: ScriptedReporter
) -> None:
    """Nobody waits for a model that they do not want any more."""
    may = threading.Event()
    page = opened(lambda: may.wait(20) and reporter)  # type: ignore[arg-type, return-value]
    loading(page).start()
    with pytest.raises(ModelError, match=wording.STOPPED_BEFORE):
        next(iter(loading(page).stream([], ClinicalContext(), stop=lambda: True)))
    may.set()


def test_a_model_can_be_loaded_in_the_calling_thread(reporter: ScriptedReporter) -> None:
    """Where the thread matters; what loading raises is raised there."""
    threads: list[threading.Thread] = []
    loading_here = LoadingReporter(lambda: (threads.append(threading.current_thread()), reporter)[1])
    loading_here.load_here()
    assert threads == [threading.current_thread()]
    assert loading_here.is_ready

    def fail() -> Reporter:
        raise ModelUnavailable("There is no such base.")

    with pytest.raises(ModelUnavailable, match="no such base"):
        LoadingReporter(fail).load_here()
