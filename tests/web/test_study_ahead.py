"""The next study is read and drafted while the reader edits the one before; nothing of it shows before it is opened."""

from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.radiology.report import parse_sections
from clinicalblip.settings import WorklistSettings
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.worklist.work_list import WorkList
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter
from tests.fixtures.served_page import until
from tests.fixtures.walked_page import WalkedPage
from tests.web.test_work_list import make_list

RECITED = parse_sections(TEXT)


@pytest.fixture
def page(app: AppContext, tmp_path: Path) -> WalkedPage:
    """A reader of a list whose drafts are written ahead, with the first study open."""
    settings = app.settings.model_copy(update={"worklist": WorklistSettings(draft_ahead=1)})
    page = WalkedPage(replace(app, settings=settings, work_list=make_list(tmp_path)))
    page.pseudonym("heron-42")
    page.list("open", number=1)
    return page


def drafted_ahead(page: WalkedPage) -> bool:
    """Whether the draft of the next study is written."""
    ahead = page.session.ahead
    return ahead is not None and ahead.holder.report.shown is not None and not ahead.holder.draft.busy


def test_the_next_study_opens_with_its_draft(page: WalkedPage, reporter: ScriptedReporter) -> None:
    """The model is asked once for each, with that study's context; the draft is marked as one and can be reviewed."""
    page.draft()
    assert until(lambda: drafted_ahead(page))
    assert page.session.report.shown is not None
    assert page.value(page.components.context.boxes[0]) == "cough 1"
    page.list("next")
    assert [context.indication for context in reporter.contexts] == ["cough 1", "cough 2"]
    assert page.value(page.components.report.findings) == RECITED.findings
    assert wording.AI_DRAFT in page.value(page.components.ai_draft.text)
    assert wording.DRAFTED_AHEAD.format(words=len(TEXT.split()) - 2) in page.text
    page.rate()
    page.save()
    (review,) = page.app.store.reviews()
    assert review.radiographs == tuple(page.session.film_digests().values())
    assert review.editing_seconds < 60
    assert reporter.active == 0


def test_films_are_read_ahead_and_counted(page: WalkedPage) -> None:
    """They take the reader's memory, and are those that are then shown."""
    assert until(lambda: page.session.ahead is not None and page.session.ahead.read.is_set())
    ahead = page.session.ahead
    assert ahead is not None
    assert page.session.nbytes == sum(film.nbytes for film in page.session.films.values()) + ahead.holder.nbytes
    assert ahead.holder.nbytes > 0
    films = dict(ahead.holder.films)
    page.list("next")
    shown = page.session.films
    assert {role: film.id for role, film in shown.items()} == {role: film.id for role, film in films.items()}
    assert page.value(page.components.report.findings) == ""  # the first study was never drafted, so neither is this


def test_what_would_have_to_be_asked_is_not_drafted(page: WalkedPage, reporter: ScriptedReporter) -> None:
    """A study whose context may name somebody, or whose film may be no chest film, is left for when it is opened."""
    study = page.app.work_list.by_number[2]
    named = replace(study, context=replace(study.context, history="Seen by Dr. Zebraname"))
    others = [named if other is study else other for other in page.app.work_list.studies]
    page.app = page.studies.app = replace(page.app, work_list=WorkList(tuple(others)))
    page.list("open", number=1, discard=True)
    page.draft()
    assert until(lambda: page.session.ahead is not None and page.session.ahead.read.is_set())
    page.list("next")
    assert len(reporter.contexts) == 1
    assert "Zebraname" in page.value(page.components.context.boxes[1])
    assert page.value(page.components.report.findings) == ""


def test_another_study_than_the_next_ends_what_was_prepared(page: WalkedPage, reporter: ScriptedReporter) -> None:
    """Its draft is stopped, and no word of it is shown beside the study that is opened."""
    page.draft()
    reporter.seconds_per_word = 0.1
    assert until(lambda: reporter.active == 1)
    page.list("open", number=5, discard=True)
    assert until(lambda: reporter.active == 0)
    assert page.value(page.components.report.findings) == ""
    assert page.session.report.shown is None
    assert page.value(page.components.context.boxes[0]) == "cough 5"


def test_whoever_leaves_has_nothing_written_ahead(page: WalkedPage, reporter: ScriptedReporter) -> None:
    """The model is free once the session is gone."""
    page.draft()
    reporter.seconds_per_word = 0.1
    assert until(lambda: reporter.active == 1)
    sessions, key = page.app.sessions, page.session.key
    with sessions._lock:
        sessions._drop(key)
    assert until(lambda: reporter.active == 0)


def test_nothing_is_prepared_of_the_samples(app: AppContext) -> None:
    """They are read when they are opened."""
    walked = WalkedPage(app)
    walked.list("open", number=1)
    assert walked.session.ahead is None
