"""The route of the bundled model's card, which the page links to."""

from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BUNDLED = "instructblip-mini"
"""The bundled base's name in `ModelIdentity`, whatever adapter it has."""

PATH = "/model-card"


class ModelCard:
    """ASGI middleware that serves a model card as plain text, the same for everybody."""

    def __init__(self, app: ASGIApp, card: Path) -> None:
        self._app, self._text = app, card.read_text(encoding="utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for the card, or pass it on."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].endswith(PATH):
            await PlainTextResponse(self._text)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
