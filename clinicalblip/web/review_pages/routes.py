"""The routes of the pages over reviews: what each answers, and to whom."""

import re
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.exports.archive import ARCHIVES, pack_reviews
from clinicalblip.feedback.exports.write import FORMATS, Format
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.web.access.signed_in import SignedIn, signed_in
from clinicalblip.web.app_context import AppContext, served_app
from clinicalblip.web.handler_threads import in_review_threads
from clinicalblip.web.review_pages import own_pages, owner_wording, wording
from clinicalblip.web.review_pages.counting import ReviewCounts
from clinicalblip.web.review_pages.documents import Place, page, paragraph
from clinicalblip.web.review_pages.forgetting import forget_review
from clinicalblip.web.review_pages.owner_page import owner_body, state_body
from clinicalblip.web.review_pages.server_state import StorageLook, look

_ROUTES: Final = re.compile(r"/(reviews|owner)(/.*)?", re.DOTALL)
_REVIEW: Final = re.compile(r"/reviews/([0-9a-f]{16})(/forget)?")
_ID: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_LATEST: Final = 10
_CHUNK: Final = 2**18


class _NotShown(Exception):
    """A status, and the sentence in place of a page."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class ReviewPages:
    """ASGI middleware that answers `/reviews` and what is below it for the reader who asks, and `/owner` for owners.

    Each answer is made in a thread. Everything else is passed on. A review of another reader and one that is not there
    are refused in the same words.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counts, self._storage = ReviewCounts(), StorageLook()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or not _ROUTES.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        request, reader = Request(scope, receive), signed_in(scope)
        place = Place.of(scope, reader)
        try:
            if scope["path"] == "/reviews/known":
                answer: Response = await in_review_threads(_known)(served_app(scope), reader)
            else:
                answer = await in_review_threads(self._answer)(request, served_app(scope), place, reader)
        except _NotShown as refusal:
            answer = _instead(scope, place, refusal.sentence, refusal.status)
        except ClinicalBlipError as error:
            answer = _instead(scope, place, str(error), 503)
        await answer(scope, receive, send)

    def _answer(self, request: Request, app: AppContext, place: Place, reader: SignedIn | None) -> Response:
        path = request.scope["path"]
        if reader is None:
            raise _NotShown(403, wording.NOT_KNOWN)
        if path.startswith("/owner"):
            if not reader.is_owner:
                raise _NotShown(403, wording.NOT_OWNER)
            return _export(request, app, None) if path == "/owner/export" else self._owner(app, place)
        if path == "/reviews":
            return _list(request, app, place, reader)
        if path == "/reviews/export":
            return _export(request, app, reader.reader_key)
        if path == "/reviews/find":
            asked = request.query_params.get("id", "").strip().lower()
            review = _find(app, reader, asked if _ID.fullmatch(asked) else "")
            return RedirectResponse(f"{place.root}/reviews/{review.id}", 303)
        found = _REVIEW.fullmatch(path)
        if found is None:
            raise _NotShown(404, wording.NOT_SERVED)
        review = _find(app, reader, found[1])
        return _forget(request, app, place, review) if found[2] else _open(place, review)

    def _owner(self, app: AppContext, place: Place) -> Response:
        state = look(app, self._storage)
        if app.study is not None:  # counts by model, and decisions, would tell its arms apart
            return page(place, owner_wording.TITLE, state_body(app.settings, state), here="/owner")
        summaries, latest = self._counts.of(app.store), app.store.newest(_LATEST)
        body = owner_body(place, app.settings, state, summaries, latest)
        return page(place, owner_wording.TITLE, body, here="/owner")


def _instead(scope: Scope, place: Place, sentence: str, status: int) -> Response:
    title = owner_wording.TITLE if scope["path"].startswith("/owner") else wording.OWN
    return page(place, title, [paragraph(sentence, "cb-warning")], status=status)


def _known(app: AppContext, reader: SignedIn | None) -> Response:
    """Which of the pages lead anywhere for who asks, for the strip of the page (assets/review_links.js)."""
    has_any = reader is not None and bool(app.store.newest(1, reader_key=reader.reader_key))
    return JSONResponse({"reviews": has_any, "owner": reader is not None and reader.is_owner})


def _list(request: Request, app: AppContext, place: Place, reader: SignedIn) -> Response:
    asked = request.query_params.get("before", "")
    before = int(asked) if _NUMBER.fullmatch(asked) else None
    asked_for = own_pages.LISTED + 1
    found = app.store.newest(asked_for, before=before, reader_key=reader.reader_key)
    if not found and before is not None:
        found = app.store.newest(asked_for, reader_key=reader.reader_key)
    return page(place, wording.OWN, own_pages.list_body(place, reader, found), here="/reviews")


def _find(app: AppContext, reader: SignedIn, review_id: str) -> StoredReview:
    """A review of the reader's, of anybody for an owner; another one is refused as one that is not there."""
    review = app.store.find(review_id) if review_id else None
    if review is None or not (reader.is_owner or review.reader_key == reader.reader_key):
        raise _NotShown(404, wording.NO_REVIEW if reader.is_owner else wording.NO_SUCH_REVIEW)
    return review


def _open(place: Place, review: StoredReview) -> Response:
    return page(place, wording.REVIEW.format(id=review.id), own_pages.review_body(place, review))


def _forget(request: Request, app: AppContext, place: Place, review: StoredReview) -> Response:
    title = wording.REVIEW.format(id=review.id)
    if request.method != "POST":
        return page(place, title, own_pages.question_body(place, review))
    said = forget_review(app, review.id)
    return page(place, title, ['<div role="status">', *map(paragraph, said), "</div>"])


def _export(request: Request, app: AppContext, reader_key: str | None) -> Response:
    """The reviews of a reader, or all of them, from a file without a name, which is gone with the answer."""
    asked = request.query_params.get("format", "jsonl")
    format: Format | None = next((each for each in FORMATS if each == asked), None)
    if format is None:
        raise _NotShown(400, wording.NO_FORMAT)
    if format == "parquet" and not own_pages.has_parquet():
        raise _NotShown(400, wording.NO_PARQUET)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - _Sent closes it
    try:
        pack_reviews(app.store.reviews(reader_key=reader_key), file, format)
        length = file.seek(0, 2)
        file.seek(0)
    except OSError as error:
        file.close()
        raise _NotShown(503, wording.NOT_EXPORTED.format(reason=reason_of(error))) from error
    except BaseException:
        file.close()
        raise
    return _Sent(file, ARCHIVES[format], length)


class _Sent(StreamingResponse):
    """A file that is sent as a download, and closed however that ends."""

    def __init__(self, file: IO[bytes], name: str, length: int) -> None:
        headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(length)}
        super().__init__(_chunks(file), headers=headers, media_type="application/octet-stream")
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while part := await in_review_threads(file.read)(_CHUNK):
        yield part
