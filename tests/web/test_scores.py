"""How likely observations are to the model, as the page asks for it once a draft is there."""

import logging
import threading

import pytest

from clinicalblip.errors import OutOfMemory
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import ScoreSettings, Settings
from clinicalblip.web import films, handlers
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.scores import score_draft
from clinicalblip.web.session import Session
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import png_film
from tests.fixtures.walked_page import WalkedPage

SCORES = {Observation.NO_FINDING: 0.2, Observation.PLEURAL_EFFUSION: 0.7}


def drafted(app: AppContext, reporter: ScriptedReporter) -> tuple[Session, FinishedDraft]:
    """A session with a film and a draft of it, by a model whose scores are calibrated."""
    reporter.scores = dict(SCORES)
    session = app.sessions.of("a")
    films.load_film(app, session, FilmRole.FRONTAL, png_film())
    return session, draft(app, session)


def draft(app: AppContext, session: Session) -> FinishedDraft:
    """Another draft of the session's films."""
    handlers.request_draft(app, session, ClinicalContext())
    *_, last = handlers.stream_draft(app, session, Report())
    assert last.finished is not None
    return last.finished


def test_the_draft_that_is_shown_is_scored_once(app: AppContext, reporter: ScriptedReporter) -> None:
    """Of each finding; that the chest is normal is said by no sentence."""
    session, finished = drafted(app, reporter)
    assert finished.scores is None
    assert score_draft(app, session, finished.id)
    assert finished.scores == {Observation.PLEURAL_EFFUSION: 0.7}
    assert score_draft(app, session, finished.id)
    assert reporter.scored == 1


def test_what_is_not_calibrated_is_not_shown(app: AppContext, reporter: ScriptedReporter) -> None:
    """Such a model is not even asked; nor is any where the settings do not want it."""
    session, finished = drafted(app, reporter)
    quiet = AppContext(Settings(scores=ScoreSettings(shown=False)), reporter, app.store, app.sessions)
    assert not score_draft(quiet, session, finished.id)
    reporter.scores = None
    assert not score_draft(app, session, finished.id)
    assert (finished.scores, reporter.scored) == (None, 0)


def test_another_draft_or_film_or_session_is_not_scored(app: AppContext, reporter: ScriptedReporter) -> None:
    """Scores are of the films and the context of the draft that is shown."""
    session, first = drafted(app, reporter)
    second = draft(app, session)
    assert not score_draft(app, session, first.id)
    assert not score_draft(app, app.sessions.of("b"), second.id)
    films.load_film(app, session, FilmRole.LATERAL, png_film(160))
    assert not score_draft(app, session, second.id)
    assert reporter.scored == 0


def test_scores_that_come_after_the_study_has_changed_are_dropped(
    app: AppContext, reporter: ScriptedReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are neither the old draft's any more nor the new one's."""
    session, finished = drafted(app, reporter)
    asked, go_on = threading.Event(), threading.Event()

    def slow_score(*_: object) -> dict[Observation, float]:
        asked.set()
        assert go_on.wait(10)
        return dict(SCORES)

    monkeypatch.setattr(reporter, "score", slow_score)
    said: list[bool] = []
    asking = threading.Thread(target=lambda: said.append(score_draft(app, session, finished.id)))
    asking.start()
    assert asked.wait(10)
    handlers.start_new_study(session)
    go_on.set()
    asking.join(10)
    assert (said, finished.scores) == ([False], None)


def test_a_film_that_may_be_no_chest_is_not_scored(app: AppContext, reporter: ScriptedReporter) -> None:
    """The reader drafted all the same; but what the scores are worth was measured on chests alone."""
    reporter.scores = dict(SCORES)
    session = app.sessions.of("a")
    films.load_film(app, session, FilmRole.FRONTAL, png_film())
    loaded = session.films[FilmRole.FRONTAL]
    reporter.doubted[loaded.radiograph.digest] = ("It may be a hand.",)
    films.screen_films(app, session)
    films.overrule_doubts(session, FilmRole.FRONTAL, session.films[FilmRole.FRONTAL].id)
    finished = draft(app, session)
    assert not score_draft(app, session, finished.id)
    assert reporter.scored == 0


def test_a_failure_is_one_line_of_the_log_and_no_score(
    app: AppContext, reporter: ScriptedReporter, caplog: pytest.LogCaptureFixture
) -> None:
    """The line has nothing of what failed but its kind; it can be asked again."""
    session, finished = drafted(app, reporter)
    reporter.failure = OutOfMemory("of Jane Doe's film")
    with caplog.at_level(logging.INFO):
        assert not score_draft(app, session, finished.id)
    (line,) = caplog.messages
    assert "OutOfMemory" in line
    assert "Doe" not in line
    reporter.failure = None
    assert score_draft(app, session, finished.id)


def test_the_page_shows_scores_with_the_next_comparison_and_those_of_this_draft_alone(
    walked: WalkedPage, reporter: ScriptedReporter
) -> None:
    """They stay as the reader types, and after another draft there are none until it is scored, too."""
    reporter.scores = dict(SCORES)
    walked.upload(png_film())
    walked.draft()
    panel = walked.components.ai_draft.text
    walked.compare()
    assert "cb-sure" not in walked.value(panel)
    shown = walked.session.report.shown
    assert shown is not None
    assert score_draft(walked.app, walked.session, shown.id)
    walked.compare()
    assert walked.value(panel).count('class="cb-sure"') == 1
    assert "Doubted: no pleural effusion, 0.30" in walked.value(panel)
    walked.type(walked.components.report.findings, "Small left effusion.")
    walked.compare()
    assert walked.value(panel).count('class="cb-sure"') == 1
    assert "Doubted" not in walked.value(panel)
    walked.draft()
    walked.compare()
    assert "cb-sure" not in walked.value(panel)
