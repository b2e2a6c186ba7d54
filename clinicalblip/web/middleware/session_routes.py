"""The routes of a reader's session that are ours and not Gradio's: who the reader is, what stands in their boxes, and
the steps in which their report came about.

Typing has a route of its own because it has to be on the server within half a second, is sent again where it fails,
and still goes out while a page is being closed; none of Gradio's events can. Bodies have arrived, and are bounded, when
they come here (gateway.py).
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.errors import ClinicalBlipError, OverLimit
from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import wording
from clinicalblip.web.access.tokens import make_token, read_token
from clinicalblip.web.app_context import served_app
from clinicalblip.web.identity import find_session, identify_headers, served_sessions, session_of
from clinicalblip.web.kept_boxes import VIEW
from clinicalblip.web.middleware.refusal import Refused, over_limit
from clinicalblip.web.report_history import Step
from clinicalblip.web.sessions import Sessions
from clinicalblip.web.ticking import Ticked, tick_report

SESSION_PATH: Final = "/session"
BOXES_PATH: Final = "/session/boxes"
HISTORY_PATH: Final = "/session/history"
TICKS_PATH: Final = "/session/ticks"


class SessionRoutes:
    """ASGI middleware that answers the page's own scripts, assets/connection.js and keeping.js.

    `most_characters`: of the text in one box. `show_ticks` makes the markup of a ticked report. Everything else is
    passed on.
    """

    def __init__(self, app: ASGIApp, most_characters: int, show_ticks: Callable[[Ticked], str]) -> None:
        self._app = app
        self._most_characters = most_characters
        self._show_ticks = show_ticks
        self._server = secrets.token_hex(8)  # another one after a restart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the page's scripts, or pass it on."""
        routes = {
            SESSION_PATH: self._greet,
            BOXES_PATH: self._keep,
            HISTORY_PATH: self._step,
            TICKS_PATH: self._tick,
        }
        answer = routes.get(scope.get("path", ""))
        if scope["type"] == "http" and scope["method"] == "POST" and answer is not None:
            request = Request(scope, receive)
            await (await answer(request))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _greet(self, request: Request) -> Response:
        """Say whether the reader is known by a token; where no cookie came, give one for the tab to keep itself.

        Of the session: whether it is `known`, whether its films are `lost`, and the highest `number` of a change of its
        boxes, so that a page whose clock was set back still counts on from there.
        """
        token = "" if read_token(request.headers) else make_token()
        sessions = served_sessions(request.scope)
        identity = identify_headers(request.headers)
        left = identity is not None and sessions.is_leaving(identity.key)
        session = await asyncio.to_thread(find_session, sessions, request, make=False)  # its page was heard of
        signed_in = served_app(request.scope).access.is_signed_in(request.headers)
        said = {"token": token, "server": self._server, "left": left, "known": session is not None}
        said |= {"signedIn": signed_in}
        if session is not None:
            numbers = session.boxes.numbers.values()
            lost = session.lost_films_sentence != "" and not session.films
            said |= {"view": session.boxes.values.get(VIEW, ""), "lost": lost, "number": max(numbers, default=0)}
        return JSONResponse(said)

    async def _keep(self, request: Request) -> Response:
        """Take what stands in some boxes, or a part of a long text in one; it is kept once this is answered."""
        said = await self._told(request, self._take)
        return JSONResponse({"kept": said["number"], "server": self._server})

    async def _step(self, request: Request) -> Response:
        """Take a step of the report back, or do it again: its texts, and where the cursor belongs, if it moved."""
        return JSONResponse(await self._told(request, self._move))

    async def _tick(self, request: Request) -> Response:
        """Change the report by a tick, or only say how it is ticked."""
        return JSONResponse(await self._told(request, self._ticked))

    async def _told(self, request: Request, act: Callable[[Sessions, Request, Any], Any]) -> Any:
        """What `act` makes of the JSON of a request; what is none, or does not fit, is refused."""
        if identify_headers(request.headers) is None:
            raise Refused(403, wording.NOT_KEPT)
        body, sessions = await request.body(), served_sessions(request.scope)
        try:
            return await asyncio.to_thread(act, sessions, request, json.loads(body))
        except OverLimit as error:
            raise over_limit(error) from error
        except ClinicalBlipError as error:
            raise Refused(413 if str(error) == wording.TOO_LONG_TO_KEEP else 400, str(error)) from error
        except (ValueError, TypeError, KeyError, RecursionError, AttributeError, OverflowError) as error:
            raise Refused(400, wording.NOT_KEPT) from error

    def _take(self, sessions: Sessions, request: Request, said: Any) -> Any:
        session, number, most = session_of(sessions, request), _number(said), self._most_characters
        how: dict[str, Any] = {"whole": said.get("whole") is True, "most_characters": most}
        how["origin"] = Origin(said["origin"]) if "origin" in said else None
        sessions.take_place(session)
        with session.lock:
            if "part" in said:
                name, part, parts = str(said["name"]), int(said["part"]), int(said["parts"])
                session.boxes.take_part(name, number, part, parts, str(said["text"]), **how)
            else:
                boxes = {str(name): str(value) for name, value in said["boxes"].items()}
                session.boxes.take(boxes, number, **how)
        sessions.keep(session)  # before it is acknowledged
        return said

    def _move(self, sessions: Sessions, request: Request, said: Any) -> Any:
        session, number, redo = session_of(sessions, request), _number(said), said["redo"] is True
        with session.lock:
            step = None if session.draft.filling else session.boxes.step(number, redo=redo)
            report = session.boxes.report
        if step is None:
            return {"moved": False}
        sessions.keep(session)
        return _moved(report, step, redo=redo)

    def _ticked(self, sessions: Sessions, request: Request, said: Any) -> Any:
        session, number = session_of(sessions, request), _number(said)
        with session.at_work():
            ticked = tick_report(session, said, number, most_characters=self._most_characters)
            if ticked is None:
                return {"moved": False}
            shown = self._show_ticks(ticked)
        sessions.keep(session)
        report = ticked.report
        told = {"moved": False, "findings": report.findings, "impression": report.impression, "said": ticked.said}
        return told | (_moved(report, ticked.step, redo=True) if ticked.step else {}) | {"shown": shown}


def _moved(report: Report, step: Step, *, redo: bool) -> dict[str, Any]:
    """The report after a step, and where the cursor belongs in each box that changed."""
    cursors = {
        name: _units(text[: edit.at] + (edit.inserted if redo else edit.removed))
        for name, text, edit in (
            ("findings", report.findings, step.findings),
            ("impression", report.impression, step.impression),
        )
        if not edit.is_none
    }
    return {"moved": True, "findings": report.findings, "impression": report.impression, "cursors": cursors}


def _number(said: Any) -> int:
    """The number of a change: milliseconds of the page's clock, or one more than the last. Raises ValueError."""
    number = int(said["number"])
    if not 0 <= number < 2**53:
        raise ValueError("no number of a browser")
    return number


def _units(text: str) -> int:
    """How many of its own units a browser counts in a text: two for what Unicode added late."""
    return len(text.encode("utf-16-le")) // 2
