"""The bundled model's card, one press away from the page that drafts with it."""

from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BUNDLED = "instructblip-mini"
"""The name under which the bundled base writes, whatever adapter lies on it."""

PATH = "/model-card"


class ModelCard:
    """ASGI middleware that serves a card as plain text; nothing in it depends on the visitor."""

    def __init__(self, app: ASGIApp, card: Path) -> None:
        self._app, self._text = app, card.read_text(encoding="utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for the card, or pass it on."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].endswith(PATH):
            await PlainTextResponse(self._text)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
