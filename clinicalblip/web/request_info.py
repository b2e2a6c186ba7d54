"""What the page and its API need of a request: the film that came with it, and the sentence about an error."""

import logging
from collections.abc import Mapping
from typing import Any

from clinicalblip.errors import ClinicalBlipError, RadiographError, UnreadableRadiograph
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.metrics import count_refusal, refusal_kind
from clinicalblip.web.middleware.calls import FILE
from clinicalblip.web.upload_folder import upload_folder

_log = logging.getLogger(__name__)


def error_sentence(error: Exception) -> str:
    """The sentence that a person reads about an error, which is counted.

    Of an unexpected error only the type is logged, because its message may hold a reader's texts.
    """
    count_refusal(refusal_kind(error))
    if isinstance(error, ClinicalBlipError):
        return str(error)
    _log.error("unexpected %s on the page", type(error).__name__)
    return wording.UNEXPECTED


def receive_uploads(app: AppContext, uploads: Any, *, most: int) -> list[bytes]:
    """Read uploads that came at once and delete them all. Raises RadiographError, also for more than `most`."""
    if not isinstance(uploads, list):
        raise UnreadableRadiograph(wording.FILM_ELSEWHERE)
    taken: list[bytes] = []
    refused: RadiographError | None = None
    for one in uploads:  # none of them stays behind
        try:
            taken.append(receive_upload(app, one))
        except RadiographError as error:
            refused = error
        if len(uploads) > most:
            taken.clear()
            refused = UnreadableRadiograph(wording.TOO_MANY_FILES.format(count=len(uploads), most=most))
    if refused is not None:
        raise refused
    return taken


def receive_upload(app: AppContext, upload: Any) -> bytes:
    """Read an upload and delete it. Raises RadiographError, also for several files in the place of one."""
    if isinstance(upload, list | tuple):
        for one in upload:
            receive_upload(app, one)  # none of them stays behind
        raise UnreadableRadiograph(wording.ONE_FILM)
    token = upload.get(FILE) if isinstance(upload, Mapping) else upload
    return upload_folder().take(token, most_bytes=app.settings.limits.file_mebibytes * 2**20)
