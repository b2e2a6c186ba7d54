"""The route of the viewer's scripts, which the page imports as modules."""

import hashlib
from pathlib import Path
from typing import Final

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.asset_folder import ASSETS

FOLDER: Final = ASSETS / "viewer"
_KEPT: Final = {"cache-control": "public, max-age=31536000, immutable"}  # another content has another address


def scripts_path(folder: Path = FOLDER) -> str:
    """The path of the scripts below the server's root, made of what stands in them.

    So a browser keeps them until one changes, and a page that was loaded before an update never mixes two versions.
    """
    content = hashlib.sha256()
    for file in sorted(folder.glob("*.js")):
        content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"/viewer/{content.hexdigest()[:16]}"


class ViewerScripts:
    """ASGI middleware that serves the viewer's scripts, the same to everybody."""

    def __init__(self, app: ASGIApp, folder: Path = FOLDER) -> None:
        self._app = app
        path = scripts_path(folder)
        self._scripts = {f"{path}/{file.name}": file.read_text(encoding="utf-8") for file in folder.glob("*.js")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a script, or pass it on."""
        if scope["type"] != "http" or not scope["path"].startswith("/viewer/"):
            await self._app(scope, receive, send)
            return
        script = self._scripts.get(scope["path"])
        answer = (
            Response(status_code=404) if script is None else PlainTextResponse(script, 200, _KEPT, "text/javascript")
        )
        await answer(scope, receive, send)
