"""The routes by which what the model says of a draft reaches its page."""

import asyncio
import json
from typing import Any

import pytest
from gradio.context import LocalContext

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import films, handlers
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.middleware import film_routes
from clinicalblip.web.middleware.film_routes import EVIDENCE_PATH, SCORES_PATH, FilmRoutes
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import png_film


@pytest.mark.parametrize("path", [SCORES_PATH, EVIDENCE_PATH])
def test_whoever_asks_is_known_to_what_lends_a_gpu(
    app: AppContext, reporter: ScriptedReporter, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The request with its headers is Gradio's current one while the model is asked, as in the page's own events."""
    named: list[str] = []

    class Asked(ScriptedReporter):
        def score(self, *values: Any) -> Any:
            named.append(LocalContext.request.get().headers.get("x-ip-token"))  # type: ignore[union-attr]
            return super().score(*values)

        def evidence(self, *values: Any) -> Any:
            named.append(LocalContext.request.get().headers.get("x-ip-token"))  # type: ignore[union-attr]
            return super().evidence(*values)

    reporter.__class__ = Asked
    reporter.scores = {Observation.PLEURAL_EFFUSION: 0.7}
    session = app.sessions.of("a")
    films.load_film(app, session, FilmRole.FRONTAL, png_film())
    handlers.request_draft(app, session, ClinicalContext())
    *_, last = handlers.stream_draft(app, session, Report())
    assert last.finished is not None
    monkeypatch.setattr(film_routes, "served_app", lambda scope: app)
    monkeypatch.setattr(film_routes, "served_sessions", lambda scope: app.sessions)
    monkeypatch.setattr(film_routes, "find_session", lambda *values, **named: session)
    scope = {"type": "http", "method": "GET", "path": path + last.finished.id, "headers": [(b"x-ip-token", b"who")]}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing more is read")

    asyncio.run(FilmRoutes(None)(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 200
    assert json.loads(sent[1]["body"])
    assert named == ["who"]
    assert LocalContext.request.get(None) is None
