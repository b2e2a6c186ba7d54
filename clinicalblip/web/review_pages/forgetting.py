"""Withdraws the consents to a review, in the database and in the bucket, for a page that waits only so long."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from clinicalblip.feedback.bucket.erase import erase_in_bucket
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.review_pages import wording

BUCKET_SECONDS: Final = 10.0
"""How long the page waits to hear that the bucket is erased too."""


def forget_review(app: AppContext, review_id: str, seconds: float = BUCKET_SECONDS) -> list[str]:
    """Erase the texts and the reading of a review everywhere, and say what was reached and what was not.

    The bucket is erased in a thread of its own; what it does not take now waits in the spool. Raises ReviewNotSaved
    where the database does not do it.
    """
    unreached = app.store.forget(review_id)
    said = [wording.FORGOTTEN.format(id=review_id), *([unreached] if unreached else [])]
    if app.bucket is not None and app.spool is not None:
        said.append(_erase(partial(erase_in_bucket, app.bucket, app.store, app.spool), seconds))
    return said


def _erase(in_bucket: Callable[[], str], seconds: float) -> str:
    said: list[str] = []

    def erase() -> None:
        try:
            said.append(in_bucket())
        except Exception:  # of the database, or of the bucket's library: the spool has it, and the page tries again
            said.append(wording.ERASURE_FAILED)

    thread = threading.Thread(target=erase, name="bucket-erasing", daemon=True)
    thread.start()
    thread.join(seconds)
    return said[0] if said else wording.BUCKET_SLOW.format(seconds=f"{seconds:g}")
