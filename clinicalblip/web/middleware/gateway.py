"""What every request passes before Gradio, and every answer after it."""

import asyncio
import logging
import os
import re
from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import parse_qs

import gradio as gr
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinicalblip.errors import OverLimit
from clinicalblip.settings import Settings
from clinicalblip.web import wording as page_wording
from clinicalblip.web.access.access import HUGGING_FACE_PATH, PAGES, Access
from clinicalblip.web.access.signed_in import signed_in
from clinicalblip.web.access.tokens import cookie_for, is_framed
from clinicalblip.web.answers import ONCE_HEADER
from clinicalblip.web.app_context import served_app
from clinicalblip.web.identity import identify, session_of, sessions_of_page
from clinicalblip.web.metrics import count_refusal
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.admission import BODY, Admission
from clinicalblip.web.middleware.bodies import BodyBudget, Disconnected, declared_length, read_call, replay
from clinicalblip.web.middleware.calls import check_call
from clinicalblip.web.middleware.headers import AnswerHeaders
from clinicalblip.web.middleware.hosts import Hosts
from clinicalblip.web.middleware.refusal import BodyReader, ErrorAnswers, Refused, over_limit, refuse
from clinicalblip.web.middleware.routes import API, Route, find_route
from clinicalblip.web.middleware.uploads import take_in
from clinicalblip.web.rates import Visitor
from clinicalblip.web.root_path import root_path_of, said_prefix
from clinicalblip.web.served_study import wording as study_wording
from clinicalblip.web.upload_folder import upload_folder

_LOG = logging.getLogger(__name__)
_BODIES_BYTES: Final = 64 * 2**20
SESSION_BYTES: Final = 64 * 1024
"""The most that a call of the page's own script may have: what a browser still sends of a page that is closed."""

STARTED_PATH: Final = f"{API}/startup-events"
"""By which Gradio asks its own server, once, whether it has started."""

SIGN_IN_BYTES: Final = 8 * 1024
"""The most that the sign-in page's form may have."""

_TEXTS: Final = 16  # boxes of a page, and texts of a call
_KEY: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_FORWARDED: Final = (b"x-forwarded-host", b"forwarded", b"x-gradio-server")  # Gradio would build addresses from them
_OF_THE_BODY: Final = (b"content-length", b"transfer-encoding", b"accept-encoding")


class Gateway:
    """ASGI middleware: refuses what is not served and who is not signed in, bounds what is, and has the last word.

    Nothing of this page's stands before it; where readers sign in with Hugging Face, only the cookie of Gradio's that
    holds a sign-in while it is under way.
    """

    def __init__(self, app: ASGIApp, settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
        self._app = app
        self._hosts = Hosts(settings.server, environment)
        self._headers = AnswerHeaders(settings.server, environment)
        self._on_space = bool(environment.get("SPACE_ID"))
        self._admission = Admission(settings.server, behind_proxy=self._on_space)
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
                leaves = path == HUGGING_FACE_PATH  # to the address that the provider itself names
                given = self._headers.of(message["headers"], path, origin=foreign, leaves=leaves)
                if path == "/" and message["status"] == 200:
                    given = [*given, (b"set-cookie", cookie_for(scope, headers, hours=self._hours).encode())]
                message = {**message, "headers": given}
            await send(message)

        try:
            await self._serve(scope, path, headers, body, send_with_headers)
        except Disconnected:
            return
        except OverLimit as error:
            await self._refuse(over_limit(error), scope, body, send_with_headers)
        except Refused as refused:
            await self._refuse(refused, scope, body, send_with_headers)
        except Exception as error:
            _LOG.error("unexpected %s while a request was served", type(error).__name__)
            if not started:  # otherwise the server closes the connection: nothing whole can be sent any more
                await self._refuse(Refused(500, page_wording.UNEXPECTED), scope, body, send_with_headers)

    async def _serve(self, scope: Scope, path: str, headers: Headers, receive: Receive, send: Send) -> None:
        self._hosts.check(headers)
        if scope["method"] == "OPTIONS" and "origin" in headers:
            await _answer_preflight(send)
            return
        if path == root_path_of(scope):  # what the page names lies beside this address, not below it
            await _send_to(f"{path}/", send)
            return
        access = _access(scope)
        scope = access.enter(scope)
        headers = Headers(scope=scope)
        if not access.lets_in(scope, path) and not (path == STARTED_PATH and _is_starting(scope)):
            if path in PAGES and scope["method"] in ("GET", "HEAD"):
                framed = is_framed(headers) and not access.is_study
                place = f"{access.entrance}?framed" if framed else access.entrance
                await RedirectResponse(place, 303)(scope, receive, send)
                return
            raise Refused(401, access.refusal(headers))
        route = find_route(scope["method"], path)
        if route is None or path == "/":
            self._check_prefix(scope, headers)
        if route is None:
            raise Refused(404, wording.NOT_SERVED)
        kept = [header for header in scope["headers"] if header[0] not in _FORWARDED]
        scope = {**scope, "path": path, "raw_path": path.encode(), "headers": kept}
        answers = ErrorAnswers(send)
        if route is Route.HEALTH:
            await self._app(scope, receive, send)  # what is not ready says so in its own words
        elif route is Route.PLAIN:
            await self._app(scope, receive, answers)
        elif route is Route.STREAM:
            with self._admission.admit(route, scope, headers, _session_of_stream(scope)):
                await self._app(scope, receive, answers)
        elif route is Route.UPLOAD:
            if access.is_study:
                raise Refused(403, study_wording.NO_UPLOADS)
            with self._admission.admit(route, scope, headers):
                most, reader = self._most_file_bytes, signed_in(scope)
                visitor = Visitor(reader.reader_key if reader else "", self._admission.address(scope, headers) or "")
                counted = partial(served_app(scope).rates.upload, visitor)
                await take_in(headers, receive, send, most_bytes=most, sentence=self._file_too_large, counted=counted)
        elif route is Route.FILM:
            with self._admission.admit(route, scope, headers):
                await self._app(self._named(scope, headers), receive, answers)
        elif route is Route.SESSION:
            await self._session(scope, headers, receive, answers)
        elif route is Route.SIGN_IN:
            self._hosts.check(headers, own_page=True)
            await self._sign_in(scope, headers, receive, send)
        elif route is Route.STUDY:
            await self._study(scope, headers, receive, send)
        elif route is Route.REVIEWS:
            if scope["method"] == "POST":
                self._hosts.check_own(headers)
            with self._admission.admit(route, scope, headers):
                await self._app(scope, receive, send)  # its refusals are pages; no body of it is read
        else:
            await self._call(scope, headers, receive, answers)

    def _named(self, scope: Scope, headers: Headers) -> Scope:
        """The scope with the address of whose session it is, where it is one visitor's."""
        address = self._admission.address(scope, headers)
        return {**scope, "client": (address, 0) if address else None}

    async def _refuse(self, refused: Refused, scope: Scope, body: BodyReader, send: Send) -> None:
        count_refusal(refused.kind)
        await refuse(refused, scope, body, send)

    def _check_prefix(self, scope: Scope, headers: Headers) -> None:
        """Refuse to show a page whose parts the browser would ask for elsewhere. Raises Refused."""
        said, expected = said_prefix(headers), root_path_of(scope)
        if said is not None and said != expected and not self._on_space:
            raise Refused(500, wording.WRONG_ROOT_PATH.format(said=said or "/", expected=expected or "/"))

    async def _session(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """A route of ours: its body is short, and it is never Gradio's."""
        declared = declared_length(headers, SESSION_BYTES, wording.TOO_LONG_A_CALL)
        with self._admission.admit(BODY, scope, headers):
            async with self._budget.take(declared):
                body = await read_call(receive, declared)
                await self._app(self._named(scope, headers), replay(body, receive), send)

    async def _sign_in(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """What has to do with signing in: counted apart, so that who guesses passwords takes nobody else's turn."""
        declared = declared_length(headers, SIGN_IN_BYTES, wording.TOO_LONG_A_CALL)
        with self._admission.admit(Route.SIGN_IN, scope, headers):
            body = await read_call(receive, declared)
            await self._app(self._named(scope, headers), replay(body, receive), send)  # whose passwords are counted

    async def _study(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """A form or a program's call of a reader study; a form is known as this server's own by its origin."""
        is_program = headers.get("content-type", "").split(";")[0].strip() == "application/json"
        if scope["method"] == "POST" and not is_program:  # no page elsewhere can send JSON without being asked first
            self._hosts.check_own(headers)
        most = self._most_call_bytes if scope["method"] == "POST" else 0
        declared = declared_length(headers, most, wording.TOO_LONG_A_CALL)
        with self._admission.admit(Route.STUDY, scope, headers):
            async with self._budget.take(declared):
                body = await read_call(receive, declared)
                await self._app(self._named(scope, headers), replay(body, receive), send)

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
            scope = self._named(scope, headers)
            scope = {**scope, "headers": [*given, (b"content-length", str(len(call.body)).encode())]}
            key, asks = headers.get(ONCE_HEADER, ""), Request(scope)
            if _KEY.fullmatch(key) and identify(asks) is not None:
                sessions = sessions_of_page(page)
                session = await asyncio.to_thread(session_of, sessions, asks)
                await session.answers.once(key, lambda send: self._app(scope, replay(call.body, receive), send), send)
                await asyncio.to_thread(sessions.keep, session)
            else:
                await self._app(scope, replay(call.body, receive), send)


def _is_starting(scope: Scope) -> bool:
    """Whether `launch` still waits to hear from its own server; whether it is monitored it says after that."""
    return scope["app"].get_blocks().enable_monitoring is None


def _access(scope: Scope) -> Access:
    return served_app(scope).access


def _path(scope: Scope) -> str:
    """The path below the server's root, without a slash at its end, for which Gradio would answer a redirect."""
    path: str = scope["path"]
    root = root_path_of(scope)
    if root and path.startswith(f"{root}/"):
        path = path.removeprefix(root)
    return path.rstrip("/") or "/"


def _session_of_stream(scope: Scope) -> str:
    """The session key of a stream: in its query, or the end of its path."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[-1]
    return asked or str(scope["path"]).rpartition("/")[2]


async def _send_to(path: str, send: Send) -> None:
    headers = ((b"location", path.encode()), (b"content-length", b"0"))
    await send({"type": "http.response.start", "status": 308, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _answer_preflight(send: Send) -> None:
    """Tell a page elsewhere, which the settings let call, that it may."""
    allowed = (
        (b"access-control-allow-methods", b"GET, HEAD, POST"),
        (b"access-control-allow-headers", b"content-type, x-clinicalblip, x-gradio-user"),
        (b"access-control-max-age", b"600"),
    )
    await send({"type": "http.response.start", "status": 204, "headers": allowed})
    await send({"type": "http.response.body", "body": b""})
