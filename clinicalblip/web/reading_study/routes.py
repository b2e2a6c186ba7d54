"""The routes of a study: the reader's own pages, their case for programs, and the owner's page."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.reader_study.progress import ArmOutcome, study_progress, unblind
from clinicalblip.reader_study.records.records import Choice, EventKind, PairwiseChoice, QuestionnaireAnswers
from clinicalblip.web.access.access import ENTER_PATH, READER_STUDY_PATH
from clinicalblip.web.access.signed_in import SignedIn, signed_in
from clinicalblip.web.access.tokens import cookie_for
from clinicalblip.web.app_context import AppContext, served_app
from clinicalblip.web.handler_threads import in_film_threads, in_review_threads, in_saving_threads
from clinicalblip.web.identity import TAB_HEADER, session_of
from clinicalblip.web.middleware import wording as refusals
from clinicalblip.web.middleware.refusal import Refused
from clinicalblip.web.reading_study import owner_pages, program_calls, reader_pages
from clinicalblip.web.reading_study.forms import read_form
from clinicalblip.web.reading_study.pair_film import draw_film
from clinicalblip.web.reading_study.takeover import enter
from clinicalblip.web.review_pages.documents import Place, page, paragraph
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.questions import read_answers
from clinicalblip.web.served_study.served_study import ServedStudy

_OWNER_PATH: Final = "/owner/study"
_CASE_PATH: Final = "/reader-study/case"
_OURS: Final = re.compile(r"/reader-study(/.*)?|/owner/study|/reviews(/.*)?|/owner/export|/", re.DOTALL)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PROGRAM_TAB: Final = b"0" * 32
"""The tab of a program that names none: it reads one case after another."""


class StudyPages:
    """ASGI middleware that answers what belongs to a study, where one is served, and passes on everything else.

    Readers who have not agreed yet are sent to their own page from the cases' page, and owners to theirs. Pages over
    reviews, which would tell models apart, are not there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on. Raises Refused where no study is served."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not _OURS.fullmatch(path):
            await self._app(scope, receive, send)
            return
        app, request, reader = served_app(scope), Request(scope, receive), signed_in(scope)
        if app.study is None:
            if path.startswith((READER_STUDY_PATH, _OWNER_PATH)):
                raise Refused(404, refusals.NOT_SERVED)
            await self._app(scope, receive, send)
            return
        if path == "/":
            elsewhere = await in_review_threads(_elsewhere)(app.study, reader)
            if not elsewhere:
                await self._app(scope, receive, send)
                return
            answer: Response = RedirectResponse(elsewhere, 303)
        else:
            answer = await self._answer(request, app, app.study, reader)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, app: AppContext, study: ServedStudy, reader: SignedIn | None) -> Response:
        path, body = request.scope["path"], await request.body()
        place = Place.of(request.scope, reader)
        try:
            if path == _CASE_PATH:
                return await _program(request, app, reader, body)
            if path == "/reader-study/pair/film":
                return await in_film_threads(_film)(app, study, _reader(study, reader))
            threads = in_saving_threads if request.method == "POST" else in_review_threads
            return await threads(_document)(request, app, study, place, reader, body)
        except ClinicalBlipError as error:
            title = wording.OWNER_TITLE if path.startswith("/owner") else wording.TITLE
            return page(place, title, [paragraph(str(error), "cb-warning")], status=409)


def _elsewhere(study: ServedStudy, reader: SignedIn | None) -> str:
    """Where who asks for the cases' page is sent instead; "" where they may read."""
    if reader is not None and reader.is_owner:
        return _OWNER_PATH.lstrip("/")
    return "" if reader is not None and study.may_read(reader.pseudonym) else READER_STUDY_PATH.lstrip("/")


def _reader(study: ServedStudy, signed: SignedIn | None) -> str:
    """The pseudonym of the reader who asks. Raises ClinicalBlipError where it is none of this study's."""
    if signed is None or not signed.pseudonym or study.enrolment(signed.pseudonym) is None:
        raise ClinicalBlipError(wording.NOT_A_READER)
    return signed.pseudonym


def _document(
    request: Request, app: AppContext, study: ServedStudy, place: Place, signed: SignedIn | None, body: bytes
) -> Response:
    path, is_post = request.scope["path"], request.method == "POST"
    if path.startswith(("/reviews", "/owner/export")):
        return _reviews(place, path)
    if path == _OWNER_PATH:
        return _owner(app, study, place, signed, read_form(body) if is_post else {}, request)
    if path == ENTER_PATH:
        return _enter(request, app, study, place, read_form(body))
    if path == READER_STUDY_PATH and (signed is None or signed.is_owner):
        return _entrance(place, app)
    reader = _reader(study, signed)
    if is_post:
        return _POSTS[path](request, study, place, reader, read_form(body))
    return _shown(study, place, reader, path)


def _reviews(place: Place, path: str) -> Response:
    if path == "/reviews/known":  # assets/review_links.js asks which of the strip's links lead anywhere
        return JSONResponse({"reviews": False, "owner": False})
    return page(place, wording.TITLE, [paragraph(wording.NO_REVIEWS)], status=403)


def _entrance(place: Place, app: AppContext, said: str = "", status: int = 200) -> Response:
    body = reader_pages.entrance_body(place, said, has_password=bool(app.access.passwords))
    return page(place, wording.TITLE, body, status=status, links=False, script=reader_pages.ENTER_SCRIPT)


def _enter(request: Request, app: AppContext, study: ServedStudy, place: Place, form: dict[str, str]) -> Response:
    given = form.get("token", "").strip()
    reader = study.records.use_link(given) if _TOKEN.fullmatch(given) else None
    if reader is None:
        return _entrance(place, app, wording.LINK_USED, 403)
    answer = RedirectResponse("../reader-study", 303)
    token = enter(app, study, reader)
    cookie = cookie_for(request.scope, request.headers, hours=app.settings.session.hours, token=token, framed=False)
    answer.headers.append("set-cookie", cookie)
    return answer


def _shown(study: ServedStudy, place: Place, reader: str, path: str) -> Response:
    enrolment = study.enrolment(reader)
    if enrolment is not None and enrolment.left is not None:
        return page(place, study.design.title, [paragraph(wording.LEFT)], links=False)
    if enrolment is not None and enrolment.consented is None:
        return page(place, study.design.title, reader_pages.consent_body(place, study), links=False)
    if path == "/reader-study/leave":
        return page(place, study.design.title, reader_pages.leave_body(place))
    if path == "/reader-study/pair":
        return _pair_page(study, place, reader)
    return _home(study, place, reader)


def _home(study: ServedStudy, place: Place, reader: str, *, said: str = "", link: str = "") -> Response:
    body = reader_pages.home_body(place, study, reader, said=said, link=link)
    return page(place, study.design.title, body, here=READER_STUDY_PATH)


def _pair_page(study: ServedStudy, place: Place, reader: str, *, said: str = "", status: int = 200) -> Response:
    pair = study.next_pair(reader)
    if pair is None or study.is_ended:
        return RedirectResponse(f"{place.root}{READER_STUDY_PATH}", 303)
    drafts = tuple(study.folder.drafts[pair.case, arm].draft.report for arm in (pair.left, pair.right))
    title = wording.PAIR_TITLE.format(number=len(study.choices(reader)) + 1, count=len(study.pairs(reader)))
    body = reader_pages.pair_body(place, pair, (drafts[0], drafts[1]), said=said)
    return page(place, title, body, status=status, script=reader_pages.PAIR_SCRIPT)


def _film(app: AppContext, study: ServedStudy, reader: str) -> Response:
    pair = study.next_pair(reader)
    if pair is None or not study.may_read(reader):
        raise ClinicalBlipError(wording.NO_PAIR)
    return Response(draw_film(app, pair.case), media_type="image/png")


def _to_home(place: Place) -> Response:
    return RedirectResponse(f"{place.root}{READER_STUDY_PATH}", 303)


def _consent(request: Request, study: ServedStudy, place: Place, reader: str, form: dict[str, str]) -> Response:
    if form.get("answer") == "agree":
        study.records.consent(reader)
    elif form.get("answer") == "leave":
        study.leave(reader)
    return _to_home(place)


def _leave(request: Request, study: ServedStudy, place: Place, reader: str, form: dict[str, str]) -> Response:
    study.leave(reader)
    return _to_home(place)


def _new_link(request: Request, study: ServedStudy, place: Place, reader: str, form: dict[str, str]) -> Response:
    return _home(study, place, reader, link=_address(request, place, study.make_link(reader)))


def _address(request: Request, place: Place, token: str) -> str:
    """The address of a link, as the browser that asks names this server."""
    origin = request.headers.get("origin") or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{origin}{place.root}{READER_STUDY_PATH}#{token}"


def _break(request: Request, study: ServedStudy, place: Place, reader: str, form: dict[str, str]) -> Response:
    study.take_break(reader)
    return _home(study, place, reader, said=wording.PAUSED)


def _choose(request: Request, study: ServedStudy, place: Place, reader: str, form: dict[str, str]) -> Response:
    pair = study.next_pair(reader)
    if not study.may_read(reader):
        raise ClinicalBlipError(wording.CONSENT_FIRST)
    if pair is None or form.get("pair") != str(pair.position):
        return _pair_page(study, place, reader, said=wording.OTHER_PAIR)
    chosen, why = form.get("choice", ""), form.get("why", "").strip()
    if chosen not in list(Choice):
        return _pair_page(study, place, reader, said=wording.CHOOSE_FIRST, status=400)
    if len(why) > reader_pages.MOST_WHY:
        said = wording.WHY_TOO_LONG.format(most=reader_pages.MOST_WHY)
        return _pair_page(study, place, reader, said=said, status=400)
    study.records.add_choice(
        PairwiseChoice(
            reader=reader,
            position=pair.position,
            case=pair.case,
            left=pair.left,
            right=pair.right,
            choice=Choice(chosen),
            why=why,
            seconds=_seconds(form.get("seconds", "")),
            saved=datetime.now(UTC),
        )
    )
    following = study.next_pair(reader)
    return RedirectResponse(f"{place.root}{READER_STUDY_PATH}{'/pair' if following else ''}", 303)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:  # a browser that runs no script
        return 0.0
    return seconds if 0 <= seconds < math.inf else 0.0


def _answer_questions(
    request: Request, study: ServedStudy, place: Place, reader: str, form: dict[str, str]
) -> Response:
    asked = study.next_questionnaire(reader)
    if not study.may_read(reader):
        raise ClinicalBlipError(wording.CONSENT_FIRST)
    if asked is None or form.pop("questionnaire", "") != asked.name:
        return _to_home(place)
    given = read_answers(asked.items, form)
    study.records.add_answers(QuestionnaireAnswers(reader, asked.name, given, datetime.now(UTC)))
    return _to_home(place)


_Post = Callable[[Request, ServedStudy, Place, str, dict[str, str]], Response]
_POSTS: Final[dict[str, _Post]] = {
    "/reader-study/consent": _consent,
    "/reader-study/leave": _leave,
    "/reader-study/link": _new_link,
    "/reader-study/break": _break,
    "/reader-study/pair": _choose,
    "/reader-study/questions": _answer_questions,
}


async def _program(request: Request, app: AppContext, signed: SignedIn | None, body: bytes) -> Response:
    """The case of a program; what is refused is a sentence in JSON."""
    try:
        if app.study is None:
            raise ClinicalBlipError(refusals.NOT_SERVED)
        _reader(app.study, signed)
        if request.method == "POST" and "application/json" not in request.headers.get("content-type", ""):
            raise ClinicalBlipError(wording.NOT_JSON)
        return JSONResponse(await in_film_threads(_of_program)(request, app, body))
    except ClinicalBlipError as error:
        raise Refused(409, str(error)) from error


def _of_program(request: Request, app: AppContext, body: bytes) -> dict[str, object]:
    headers = request.scope["headers"]
    if TAB_HEADER not in request.headers:
        headers = [*headers, (TAB_HEADER.encode(), _PROGRAM_TAB)]
    session = session_of(app.sessions, Request({**request.scope, "headers": headers}))
    with session.at_work():
        if request.method == "POST":
            return program_calls.read_case(app, session, body)
        return program_calls.current_case(app, session)


def _owner(
    app: AppContext,
    study: ServedStudy,
    place: Place,
    signed: SignedIn | None,
    form: dict[str, str],
    request: Request,
) -> Response:
    if signed is None or not signed.is_owner:
        raise ClinicalBlipError(wording.OWNERS_ONLY)
    said, link, outcomes = "", "", tuple[ArmOutcome, ...]()
    match form.get("action"):
        case "add":
            reader = study.add_reader().reader
            said = f"{wording.ADDED.format(reader=reader)} {wording.LINK_OF.format(reader=reader)}"
            link = _address(request, place, study.make_link(reader))
        case "link":
            reader = form.get("reader", "")
            link = _address(request, place, study.make_link(reader))
            said = wording.LINK_OF.format(reader=reader)
        case "end" if form.get("sure") == "yes":
            study.folder.record(EventKind.ENDED)
            said = wording.HAS_ENDED
        case "end":
            said = wording.SURE_FIRST
        case "extend":
            study.folder.record(EventKind.EXTENDED)
            said = wording.GOES_ON
        case "unblind":
            outcomes = unblind(study.folder)
            said = "" if study.is_ended else wording.UNBLINDED
    body = owner_pages.owner_body(place, study, study_progress(study.folder), said=said, link=link, outcomes=outcomes)
    return page(place, study.design.title, body, here=_OWNER_PATH)
