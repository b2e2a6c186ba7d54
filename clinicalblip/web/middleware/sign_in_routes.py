"""The routes by which a reader comes and goes: the sign-in page, its form, what Hugging Face answers, and out.

A form has arrived, is bounded, and comes from a page of this server, when it comes here (gateway.py).
"""

import logging
from math import ceil
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinicalblip.web.access import wording
from clinicalblip.web.access.access import (
    CALLBACK_PATH,
    HUGGING_FACE_PATH,
    PROGRAM_PATH,
    SIGN_IN_PATH,
    SIGN_IN_PATHS,
    SIGN_OUT_PATH,
)
from clinicalblip.web.access.accounts import NoAccount
from clinicalblip.web.access.lockout import Locked
from clinicalblip.web.access.passwords import Role, TooManyChecks
from clinicalblip.web.access.sign_in_page import SignInPage
from clinicalblip.web.access.tokens import cookie_for, is_framed, make_token, read_cookie_token, token_key
from clinicalblip.web.app_context import AppContext, served_app
from clinicalblip.web.identity import visitor_address
from clinicalblip.web.middleware import wording as refusals
from clinicalblip.web.middleware.refusal import Refused

_UNREACHED: Final = {"TransportError", "HTTPStatusError"}
"""By name: authlib asks by httpx, or by httpx2 where that is installed."""

_LOG = logging.getLogger(__name__)
FRAMED: Final = "framed"
NOT_CONFIRMED, NO_ACCOUNT, NOT_REACHED = "not-confirmed", "no-account", "not-reached"
SAID: Final = {
    NOT_CONFIRMED: wording.NOT_CONFIRMED,
    NO_ACCOUNT: wording.NO_ACCOUNT,
    NOT_REACHED: wording.NOT_REACHED,
}
"""Why nobody was signed in, by the word after the question mark of the sign-in page's address."""

_FIELDS: Final = 8


class NotSignedIn(Exception):
    """Nobody was signed in: a status, the sentence about it, and how long to wait where that is known."""

    def __init__(self, status: int, sentence: str, *, seconds: int = 0) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
        self.headers = {"retry-after": str(seconds)} if seconds else {}


class SignInRoutes:
    """ASGI middleware that answers what has to do with signing in and out; everything else is passed on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of a sign-in, or pass it on."""
        if scope["type"] != "http" or scope["path"] not in SIGN_IN_PATHS:
            await self._app(scope, receive, send)
            return
        app, request = served_app(scope), Request(scope, receive)
        if not app.access.has_sign_in:
            raise Refused(404, refusals.NOT_SERVED)
        match scope["path"], scope["method"]:
            case (path, "POST") if path == SIGN_IN_PATH:
                answer = await self._sign_in(app, request)
            case (path, "GET" | "HEAD") if path == SIGN_IN_PATH:
                answer = HTMLResponse(_page(app, request).markup(SAID.get(request.url.query, "")))
            case (path, "POST") if path == PROGRAM_PATH:
                answer = await self._sign_in_program(app, request)
            case (path, "POST") if path == SIGN_OUT_PATH:
                answer = _sign_out(app, request)
            case (path, "GET") if path in (HUGGING_FACE_PATH, CALLBACK_PATH) and app.access.accounts is not None:
                answer = await self._ask_hugging_face(app, request, is_back=path == CALLBACK_PATH)
            case _:
                raise Refused(404, refusals.NOT_SERVED)
        await answer(scope, receive, send)

    async def _sign_in(self, app: AppContext, request: Request) -> Response:
        try:
            role = await _check_password(app, request)
        except NotSignedIn as error:
            return HTMLResponse(_page(app, request).markup(error.sentence), error.status, headers=error.headers)
        answer = RedirectResponse("./", 303)
        _set_cookie(answer, app, request, app.access.begin(role), framed=_is_framed(request))
        return answer

    async def _sign_in_program(self, app: AppContext, request: Request) -> Response:
        try:
            role = await _check_password(app, request)
        except NotSignedIn as error:
            said = {"detail": error.sentence, "error": error.sentence}
            return JSONResponse(said, error.status, headers=error.headers)
        answer = JSONResponse({"success": True})
        _set_cookie(answer, app, request, app.access.begin(role), framed=False)
        return answer

    async def _ask_hugging_face(self, app: AppContext, request: Request, *, is_back: bool) -> Response:
        """Have Gradio send the reader to Hugging Face, or take its answer.

        Gradio keeps the account and the token that it got in a cookie; both are taken out before the answer goes, so
        that they are nowhere once this is over. Whatever Gradio answers to what it does not take, and it would have the
        browser try without an end, is one sentence here.
        """
        scope = request.scope if is_back else {**request.scope, "query_string": b""}
        kept: dict[str, Any] = scope["session"]
        started: Message = {"status": 500, "headers": []}

        async def hold(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message

        word = NOT_CONFIRMED
        try:
            await self._app(scope, request.receive, hold)
        except Exception as error:
            if _UNREACHED & {each.__name__ for each in type(error).__mro__}:
                word = NOT_REACHED
            _LOG.warning("%s while Hugging Face was asked who signs in", type(error).__name__)
            started = {"status": 500, "headers": []}
        location = Headers(raw=started["headers"]).get("location", "")
        if not is_back and started["status"] in (302, 307) and location:
            return RedirectResponse(location, 303)
        info = kept.pop("oauth_info", None)
        kept.clear()
        if isinstance(info, dict):
            try:
                token = app.access.begin_account(info)
            except NoAccount:
                word = NO_ACCOUNT
            else:
                answer = RedirectResponse("../", 303)
                _set_cookie(answer, app, request, token, framed=False)
                return answer
        return RedirectResponse(f"../sign-in?{word}", 303)  # the address that came back has the provider's code


async def _check_password(app: AppContext, request: Request) -> Role:
    """Whose password the form has. Raises NotSignedIn."""
    password = _password(await request.body())
    if not app.access.passwords or password is None:
        raise NotSignedIn(400, wording.NOT_A_FORM)
    try:
        with app.access.lockout.attempt(visitor_address(request)) as attempt:
            role = await app.access.passwords.check(password)
            attempt.is_right = role is not None
    except Locked as locked:
        seconds = ceil(locked.seconds)
        raise NotSignedIn(
            429, wording.LOCKED.format(seconds=seconds) if seconds else wording.TOO_MANY, seconds=max(1, seconds)
        ) from locked
    except TooManyChecks as error:
        raise NotSignedIn(503, wording.TOO_MANY, seconds=5) from error
    if role is None:
        raise NotSignedIn(401, wording.WRONG_PASSWORD)
    return role


def _password(body: bytes) -> str | None:
    """The password of a form; None for what is none."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="replace")
    except ValueError:
        return None
    return fields.get("password", [None])[-1]


def _sign_out(app: AppContext, request: Request) -> Response:
    _end(app, request)
    answer = RedirectResponse("./", 303)
    _keep_token(answer, app, request, make_token())
    return answer


def _set_cookie(answer: Response, app: AppContext, request: Request, token: str, *, framed: bool) -> None:
    """Have the browser keep the new token, and none that was put there before; who was signed in with that is out."""
    _end(app, request)
    _keep_token(answer, app, request, token, framed=framed)


def _keep_token(answer: Response, app: AppContext, request: Request, token: str, *, framed: bool | None = None) -> None:
    hours = app.settings.session.hours
    cookie = cookie_for(request.scope, request.headers, hours=hours, token=token, framed=framed)
    answer.headers.append("set-cookie", cookie)


def _end(app: AppContext, request: Request) -> None:
    before = read_cookie_token(request.headers)
    if before is not None and app.access.sign_ins.find(before) is not None:
        app.access.sign_ins.end(before)
        app.sessions.end(token_key(before))


def _page(app: AppContext, request: Request) -> SignInPage:
    return SignInPage(
        app.settings.wording.title,
        has_password=bool(app.access.passwords),
        has_account=app.access.accounts is not None,
        is_open=app.access.is_open,
        framed=_is_framed(request),
    )


def _is_framed(request: Request) -> bool:
    """Whether a frame of another site shows the page; a form in it is of this site, and its address says so."""
    return is_framed(request.headers) or request.url.query == FRAMED
