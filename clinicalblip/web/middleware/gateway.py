"""What every request passes before Gradio, and every answer after it."""

import asyncio
import logging
import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

import gradio as gr
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinicalblip.settings import Settings
from clinicalblip.web import wording as page_wording
from clinicalblip.web.answers import ONCE_HEADER
from clinicalblip.web.identity import cookie_for, identify, session_of, sessions_of_page
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.admission import BODY, Admission
from clinicalblip.web.middleware.bodies import BodyBudget, Disconnected, declared_length, read_call, replay
from clinicalblip.web.middleware.calls import check_call
from clinicalblip.web.middleware.headers import AnswerHeaders
from clinicalblip.web.middleware.hosts import Hosts
from clinicalblip.web.middleware.refusal import BodyReader, ErrorAnswers, Refused, refuse
from clinicalblip.web.middleware.routes import Route, find_route
from clinicalblip.web.middleware.uploads import take_in
from clinicalblip.web.upload_folder import upload_folder

_LOG = logging.getLogger(__name__)
_BODIES_BYTES: Final = 64 * 2**20
SESSION_BYTES: Final = 64 * 1024
"""The most that a call of the page's own script may have: what a browser still sends of a page that is closed."""

_TEXTS: Final = 16  # boxes of a page, and texts of a call
_KEY: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_FORWARDED: Final = (b"x-forwarded-host", b"forwarded")  # Gradio would build addresses from them
_OF_THE_BODY: Final = (b"content-length", b"transfer-encoding", b"accept-encoding")


class Gateway:
    """ASGI middleware, the outermost one: refuses what is not served, bounds what is, and has the last word."""

    def __init__(self, app: ASGIApp, settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
        self._app = app
        self._hosts = Hosts(settings.server, environment)
        self._headers = AnswerHeaders(settings.server, environment)
        self._admission = Admission(settings.server, behind_proxy=bool(environment.get("SPACE_ID")))
        self._hours = settings.session.hours
        self._budget = BodyBudget(_BODIES_BYTES)
        # A character may be six bytes of JSON.
        self._most_call_bytes = min(_BODIES_BYTES // 4, _TEXTS * 6 * settings.limits.text_characters + 2**16)
        self._most_file_bytes = settings.limits.file_mebibytes * 2**20
        self._file_too_large = wording.FILE_TOO_LARGE_TO_SEND.format(allowed=settings.limits.file_mebibytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever happens there is one sentence, and the fixed headers."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path, started, body = Headers(scope=scope), _path(scope), False, BodyReader(receive)
        origin = headers.get("origin")
        foreign = origin if origin is not None and self._hosts.allows_origin(origin) else None

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                given = self._headers.of(message["headers"], path, origin=foreign)
                if path == "/":
                    given = [*given, (b"set-cookie", cookie_for(scope, headers, hours=self._hours).encode())]
                message = {**message, "headers": given}
            await send(message)

        try:
            await self._serve(scope, path, headers, body, send_with_headers)
        except Disconnected:
            return
        except Refused as refused:
            await refuse(refused, scope, body, send_with_headers)
        except Exception as error:
            _LOG.error("unexpected %s while a request was served", type(error).__name__)
            if not started:  # otherwise the server closes the connection: nothing whole can be sent any more
                await refuse(Refused(500, page_wording.UNEXPECTED), scope, body, send_with_headers)

    async def _serve(self, scope: Scope, path: str, headers: Headers, receive: Receive, send: Send) -> None:
        self._hosts.check(headers)
        if scope["method"] == "OPTIONS" and "origin" in headers:
            await _answer_preflight(send)
            return
        route = find_route(scope["method"], path)
        if route is None:
            raise Refused(404, wording.NOT_SERVED)
        kept = [header for header in scope["headers"] if header[0] not in _FORWARDED]
        scope = {**scope, "path": path, "raw_path": path.encode(), "headers": kept}
        answers = ErrorAnswers(send)
        if route is Route.PLAIN:
            await self._app(scope, receive, answers)
        elif route is Route.STREAM:
            with self._admission.admit(route, scope, headers, _session_of_stream(scope)):
                await self._app(scope, receive, answers)
        elif route is Route.UPLOAD:
            with self._admission.admit(route, scope, headers):
                most = self._most_file_bytes
                await take_in(headers, receive, send, most_bytes=most, sentence=self._file_too_large)
        elif route is Route.FILM:
            with self._admission.admit(route, scope, headers):
                address = self._admission.address(scope, headers)
                scope = {**scope, "client": (address, 0) if address else None}  # whose session it is
                await self._app(scope, receive, answers)
        elif route is Route.SESSION:
            await self._session(scope, headers, receive, answers)
        else:
            await self._call(scope, headers, receive, answers)

    async def _session(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """A route of ours: its body is short, and it is never Gradio's."""
        declared = declared_length(headers, SESSION_BYTES, wording.TOO_LONG_A_CALL)
        with self._admission.admit(BODY, scope, headers):
            async with self._budget.take(declared):
                body = await read_call(receive, declared)
                address = self._admission.address(scope, headers)
                scope = {**scope, "client": (address, 0) if address else None}  # whose session it is
                await self._app(scope, replay(body, receive), send)

    async def _call(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        declared = declared_length(headers, self._most_call_bytes, wording.TOO_LONG_A_CALL)
        page: gr.Blocks = scope["app"].get_blocks()
        with self._admission.admit(BODY, scope, headers):
            async with self._budget.take(declared):
                body = await read_call(receive, declared)
                call = await asyncio.to_thread(check_call, page, scope["path"], body)
        for token in call.uploads:
            upload_folder().claim(token)
        with self._admission.admit(Route.CALL, scope, headers, call.session):
            given = [header for header in scope["headers"] if header[0] not in _OF_THE_BODY]
            address = self._admission.address(scope, headers)
            scope = {**scope, "client": (address, 0) if address else None}  # whose session it is
            scope = {**scope, "headers": [*given, (b"content-length", str(len(call.body)).encode())]}
            key, asks = headers.get(ONCE_HEADER, ""), Request(scope)
            if _KEY.fullmatch(key) and identify(asks) is not None:
                sessions = sessions_of_page(page)
                session = await asyncio.to_thread(session_of, sessions, asks)
                await session.answers.once(key, lambda send: self._app(scope, replay(call.body, receive), send), send)
                await asyncio.to_thread(sessions.keep, session)
            else:
                await self._app(scope, replay(call.body, receive), send)


def _path(scope: Scope) -> str:
    """The path below the server's root, without a slash at its end, for which Gradio would answer a redirect."""
    path: str = scope["path"]
    root = scope.get("root_path", "").rstrip("/")
    if root and path.startswith(f"{root}/"):
        path = path.removeprefix(root)
    return path.rstrip("/") or "/"


def _session_of_stream(scope: Scope) -> str:
    """The session key of a stream: in its query, or the end of its path."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[-1]
    return asked or str(scope["path"]).rpartition("/")[2]


async def _answer_preflight(send: Send) -> None:
    """Tell a page elsewhere, which the settings let call, that it may."""
    allowed = (
        (b"access-control-allow-methods", b"GET, HEAD, POST"),
        (b"access-control-allow-headers", b"content-type, x-clinicalblip, x-gradio-user"),
        (b"access-control-max-age", b"600"),
    )
    await send({"type": "http.response.start", "status": 204, "headers": allowed})
    await send({"type": "http.response.body", "body": b""})
