"""The routes by which a session's films, and what the model says of its draft, reach its page, and nobody else's."""

from typing import Final

import gradio as gr
from gradio.context import LocalContext
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.errors import ClinicalBlipError, Overloaded
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext, served_app
from clinicalblip.web.evidence import evidence_for_page
from clinicalblip.web.film_transfer import FilmSize, find_film, pack_film
from clinicalblip.web.handler_threads import in_film_threads
from clinicalblip.web.identity import find_session, served_sessions
from clinicalblip.web.middleware.refusal import Refused
from clinicalblip.web.scores import score_draft
from clinicalblip.web.session import Session

FILMS_PATH: Final = "/films/"
EVIDENCE_PATH: Final = "/evidence/"
SCORES_PATH: Final = "/scores/"


class FilmRoutes:
    """ASGI middleware that answers `/films/KEY/SIZE`, `/evidence/DRAFT` and `/scores/DRAFT` for the session that asks.

    Everything else is passed on.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on. Raises Refused where the session holds no such film or draft."""
        if scope["type"] != "http" or not scope["path"].startswith((FILMS_PATH, EVIDENCE_PATH, SCORES_PATH)):
            await self._app(scope, receive, send)
            return
        session = find_session(served_sessions(scope), Request(scope), make=False)
        if session is None:
            raise Refused(404, wording.FILM_NOT_HELD)
        of_page = served_app(scope)
        try:
            answer = await in_film_threads(_answer)(Request(scope), session, of_page)
        except Overloaded as error:
            raise Refused(503, str(error)) from error
        except ClinicalBlipError as error:
            raise Refused(409, str(error)) from error
        await answer(scope, receive, send)


def _answer(request: Request, session: Session, app: AppContext) -> Response:
    LocalContext.request.set(gr.Request(request))  # ZeroGPU counts the seconds of whoever's this is
    path = request.scope["path"]
    with session.at_work():
        if path.startswith(SCORES_PATH):
            return JSONResponse({"scored": score_draft(app, session, path.removeprefix(SCORES_PATH))})
        if path.startswith(EVIDENCE_PATH):
            return JSONResponse(evidence_for_page(app.reporter, session, path.removeprefix(EVIDENCE_PATH)))
        key, size = path.removeprefix(FILMS_PATH).split("/")
        loaded = find_film(session, key)
        if loaded is None:
            raise Refused(404, wording.FILM_NOT_HELD)
        film = pack_film(loaded, FilmSize(size), app.reporter)
        sides = {"x-film-rows": str(film.rows), "x-film-columns": str(film.columns)}
        return Response(film.data, headers=sides, media_type="application/octet-stream")
