"""What the page and its API need of a request: its session, the film that came with it, the sentence about an error."""

import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from clinicalblip.errors import ClinicalBlipError, UnreadableRadiograph
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.middleware.uploads import take_upload

_log = logging.getLogger(__name__)


def session_key(request: gr.Request | None) -> str:
    """The key that Gradio gives an open page or a client; a request without one gets a new random key."""
    return str(getattr(request, "session_hash", None) or secrets.token_hex(16))


def error_sentence(error: Exception) -> str:
    """The sentence that a person reads about an error.

    Of an unexpected error only the type is logged, because its message may hold a reader's texts.
    """
    if isinstance(error, ClinicalBlipError):
        return str(error)
    _log.error("unexpected %s on the page", type(error).__name__)
    return wording.UNEXPECTED


def receive_upload(app: AppContext, upload: Any) -> bytes:
    """Read an upload and delete it. Raises RadiographError, also for several files in the place of one."""
    if isinstance(upload, list | tuple):
        for one in upload:
            receive_upload(app, one)  # none of them stays behind
        raise UnreadableRadiograph(wording.ONE_FILM)
    path = upload.get("path") if isinstance(upload, Mapping) else upload
    if not isinstance(path, str):
        raise UnreadableRadiograph(wording.FILM_ELSEWHERE)
    return take_upload(path, Path(get_upload_folder()), most_bytes=app.settings.limits.file_mebibytes * 2**20)
