"""The routes by which whatever watches over the server sees whether it is up, and whether it can be used.

They name no version, no model and no reader, and are served to everybody.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.web.app_context import AppContext, served_app
from clinicalblip.web.loading import ModelState, model_state

UP, READY = "/healthz", "/readyz"

_FAILED: Final = "failed"


class Health:
    """ASGI middleware that answers `/healthz` and `/readyz` with JSON; everything else is passed on.

    `/healthz` is 200 as long as the process serves requests. `/readyz` is 200 where the model is loaded and reviews can
    be saved, else 503, and says which of the two is not so; a server that is ending is not ready. It also counts the
    reviews that are not in the bucket yet, which makes no page unready.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["path"] not in (UP, READY):
            await self._app(scope, receive, send)
            return
        if scope["path"] == UP:
            answer = JSONResponse({"status": "up"})
        else:
            found = await asyncio.to_thread(_look, served_app(scope))
            answer = JSONResponse(found, 200 if found["ready"] else 503)
        await answer(scope, receive, send)


def _look(app: AppContext) -> dict[str, bool | str | int]:
    """Whether the server can be used, and what is wrong where it cannot."""
    model, store, waiting = model_state(app.reporter), _store_state(app), app.copies_waiting
    ready = model is ModelState.LOADED and store == "writable" and not app.sessions.is_ending
    found: dict[str, bool | str | int] = {
        "ready": ready,
        "model": str(model),
        "reviews": store,
        "ending": app.sessions.is_ending,
    }
    return found if waiting is None else {**found, "waiting_for_bucket": waiting}


def _store_state(app: AppContext) -> str:
    try:
        app.store.check_writable()
    except ReviewNotSaved:
        return _FAILED
    return "writable"
