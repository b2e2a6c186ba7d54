"""Uploads between the browser and the handler: their file names are dropped, and they are deleted once they are read.

Gradio keeps an upload under a digest of its content and its own name, which often is the patient's, where anyone who
knows the address can fetch it; and two visitors with the same file share it, so that one would delete the other's.
"""

import asyncio
import json
import math
import os
import secrets
import time
from pathlib import Path

from gradio.utils import get_upload_folder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph
from clinicalblip.web import wording


def take_upload(path: str, folder: Path, *, most_bytes: int) -> bytes:
    """Read an uploaded file, then delete it and the folder around it, even where it cannot be read.

    Raises UnreadableRadiograph for a path outside the upload folder, a link, or a file that is not there, and
    RadiographTooLarge above `most_bytes`.
    """
    if "\0" in path:
        raise UnreadableRadiograph(wording.FILM_ELSEWHERE)
    file, root = Path(os.path.abspath(path)), Path(os.path.abspath(folder))
    inside = [part for part in (file, *file.parents) if root in part.parents]
    if file not in inside or any(part.is_symlink() for part in inside):
        raise UnreadableRadiograph(wording.FILM_ELSEWHERE)
    try:
        opened = file.open("rb")
    except OSError as error:
        raise UnreadableRadiograph(wording.FILM_GONE) from error
    try:
        with opened:
            found = os.fstat(opened.fileno()).st_size
            if found > most_bytes:
                sizes = {"found": math.ceil(found / 2**20), "allowed": most_bytes // 2**20}
                raise RadiographTooLarge(wording.FILE_TOO_LARGE.format(**sizes))
            return opened.read()
    finally:
        file.unlink(missing_ok=True)
        if file.parent != root and not any(file.parent.iterdir()):
            file.parent.rmdir()


def delete_old_uploads(folder: Path, seconds: float) -> None:
    """Delete uploads older than that many seconds: no handler came to read them, or they never arrived whole.

    Gradio deletes only what still lies where it put it: neither uploads that were moved here, nor the temporary file
    that its parser leaves when a reader goes away in the middle. Other Gradio programs may share the folder; their
    files have other names and are left.
    """
    oldest = time.time() - seconds
    for path in [*folder.glob("tmp*"), *folder.glob("*/film")]:
        try:
            if path.is_dir() and not path.is_symlink():
                continue
            if path.lstat().st_mtime <= oldest:
                path.unlink()
                if path.parent != folder and not any(path.parent.iterdir()):
                    path.parent.rmdir()
        except (FileNotFoundError, PermissionError):
            continue  # a handler took it in this moment; it is another user's


class AnonymousUploads:
    """ASGI middleware that moves every upload to a random path before anybody learns of it.

    What no handler takes is deleted after `kept_seconds`, which is longer than anybody waits in line for the model.
    """

    def __init__(self, app: ASGIApp, *, kept_seconds: float = 3600.0) -> None:
        self._app = app
        self._kept_seconds = kept_seconds
        self._delete_old()  # what a server that was ended left behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; only the answer to an upload is changed."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].rstrip("/").endswith("/upload"):
            await self._app(scope, receive, send)
            return
        try:
            await self._answer_upload(scope, receive, send)
        finally:
            asyncio.get_running_loop().call_later(self._kept_seconds + 1, self._delete_old)

    def _delete_old(self) -> None:
        delete_old_uploads(Path(get_upload_folder()), self._kept_seconds)

    async def _answer_upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = b""

        async def send_renamed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            if start["status"] == 200:
                body = json.dumps([_moved(Path(path)) for path in json.loads(body)]).encode()
            kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_renamed)


def _moved(file: Path) -> str:
    place = Path(get_upload_folder()) / secrets.token_hex(16) / "film"
    place.parent.mkdir(parents=True)
    file.rename(place)
    if not any(file.parent.iterdir()):
        file.parent.rmdir()
    return str(place)
