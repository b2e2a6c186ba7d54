"""Signing in by a password and out again, on a real page by plain HTTP."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AuthenticationError

from clinicalblip.web.access import wording
from clinicalblip.web.access.lockout import Lockout
from clinicalblip.web.access.signed_in import reader_key
from clinicalblip.web.access.tokens import COOKIE, token_key
from clinicalblip.web.app_context import AppContext, app_of
from clinicalblip.web.middleware import wording as refusals
from clinicalblip.web.session import Session
from tests.fixtures.page_passwords import HASHES, OWNERS_WORD, WORD, with_password
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page

# Gradio asks pandas for an option that pandas has deprecated, and never closes the event loops that it makes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

TAB = {"x-clinicalblip-tab": "a" * 32}
FRAME = {"sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page that asks for a password."""
    with one_page(tmp_path_factory.mktemp("page"), with_password(), ScriptedReporter()) as running:
        yield running


@pytest.fixture
def page(served: Served) -> Served:
    """The page, with no wrong password counted yet, and no second that passes while they are counted."""
    app(served).access.lockout = Lockout(lambda: 0.0)
    return served


def app(served: Served) -> AppContext:
    """What the page works with."""
    return app_of(served.blocks)


def sign_in(page: Served, word: str = WORD, **headers: str) -> httpx.Response:
    """Send the form."""
    return httpx.post(f"{page.url}sign-in", data={"password": word}, headers=headers)


def token_of(answer: httpx.Response) -> str:
    """The token that an answer has the browser keep."""
    return answer.cookies[COOKIE]


def sessions_of(page: Served, token: str) -> list[Session]:
    """The sessions of a browser."""
    return [each for _, each in page.sessions._sessions.values() if each.token_key == token_key(token)]


def test_the_password_opens_the_page(page: Served) -> None:
    """By a new token in a cookie that no script reads; who knows the owners' is an owner."""
    for word, is_owner in ((WORD, False), (OWNERS_WORD, True)):
        answer = sign_in(page, word)
        assert (answer.status_code, answer.headers["location"]) == (303, "./")
        assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]
        inside = httpx.get(page.url, cookies={COOKIE: token_of(answer)})
        assert inside.status_code == 200
        assert token_of(inside) == token_of(answer), "it lasts on"
        reader = app(page).access.sign_ins.find(token_of(answer))
        assert reader is not None
        assert (reader.is_owner, reader.reader_key) == (is_owner, reader_key(token_of(answer)))


def test_a_token_that_was_there_before_signs_nobody_in(page: Served) -> None:
    """Whoever put it there does not come in with the one who types the password."""
    planted = "p" * 43
    answer = sign_in(page, cookie=f"{COOKIE}={planted}")
    assert token_of(answer) != planted
    assert httpx.get(f"{page.url}config", cookies={COOKIE: planted}).status_code == 401
    again = sign_in(page, cookie=f"{COOKIE}={token_of(answer)}")
    assert httpx.get(f"{page.url}config", cookies={COOKIE: token_of(answer)}).status_code == 401
    assert httpx.get(f"{page.url}config", cookies={COOKIE: token_of(again)}).status_code == 200


def test_a_wrong_password_is_said_and_the_eleventh_is_not_looked_at(page: Served) -> None:
    """With how long to wait, whatever address a forged header names; the right one is not taken then either."""
    answers = [sign_in(page, "wrong word", **{"x-forwarded-for": f"9.9.9.{number}"}) for number in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert wording.WRONG_PASSWORD in answers[0].text
    assert wording.LOCKED.format(seconds=60) in answers[10].text
    assert answers[10].headers["retry-after"] == "60"
    locked = sign_in(page)
    assert (locked.status_code, COOKIE in locked.cookies) == (429, False)
    assert httpx.post(f"{page.url}login", data={"password": WORD}).status_code == 429


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"word=x", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=b"] * 100), "application/x-www-form-urlencoded"),
        (b'{"password": "x"}', "application/json"),
    ],
)
def test_what_is_no_form_is_one_sentence(page: Served, body: bytes, kind: str) -> None:
    """And counts as no password."""
    answer = httpx.post(f"{page.url}sign-in", content=body, headers={"content-type": kind})
    assert (answer.status_code, COOKIE in answer.cookies) == (400, False)
    assert wording.NOT_A_FORM.replace("'", "&#x27;") in answer.text


def test_a_form_of_megabytes_is_refused(page: Served) -> None:
    """Before it is read."""
    assert sign_in(page, "x" * 1_000_000).status_code == 413


@pytest.mark.parametrize("path", ["sign-in", "sign-out", "login"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    ],
)
def test_another_page_signs_nobody_in_or_out(page: Served, path: str, headers: dict[str, str]) -> None:
    """What a page elsewhere has a browser send is refused."""
    token = token_of(sign_in(page))
    data = {"password": WORD}
    answer = httpx.post(f"{page.url}{path}", data=data, headers=headers, cookies={COOKIE: token})
    assert (answer.status_code, answer.json()["detail"]) == (403, refusals.WRONG_ORIGIN)
    assert httpx.get(f"{page.url}config", cookies={COOKIE: token}).status_code == 200


def test_in_a_frame_of_another_site_the_cookie_is_kept_apart(page: Served) -> None:
    """The form in it is sent by this page, so the address says that it is framed; a frame takes secure ones alone."""
    assert httpx.get(page.url, headers=FRAME).headers["location"] == "sign-in?framed"
    shown = httpx.get(f"{page.url}sign-in?framed", headers=FRAME)
    assert 'action="sign-in?framed"' in shown.text
    inside = {**FRAME, "sec-fetch-site": "same-origin", "origin": page.url.rstrip("/")}
    answer = httpx.post(f"{page.url}sign-in?framed", data={"password": WORD}, headers=inside)
    assert answer.headers["set-cookie"].endswith("HttpOnly; SameSite=None; Secure; Partitioned")


def test_signing_out_leaves_nothing_for_who_comes_next(page: Served) -> None:
    """The token is worthless, the session is gone from memory and disk, and the browser has another token."""
    token = token_of(sign_in(page))
    asks = {**TAB, "cookie": f"{COOKIE}={token}"}
    body = {"number": 1, "boxes": {"findings": "Heart normal."}}
    assert httpx.post(f"{page.url}session/boxes", json=body, headers=asks).status_code == 200
    journal = page.cache.parent / "sessions"
    assert (len(sessions_of(page, token)), len(list(journal.iterdir()))) == (1, 1)
    out = httpx.post(f"{page.url}sign-out", headers=asks)
    assert (out.status_code, out.headers["location"]) == (303, "./")
    assert token_of(out) != token
    assert httpx.post(f"{page.url}session", headers=asks).status_code == 401
    assert (sessions_of(page, token), list(journal.iterdir())) == ([], [])
    assert not (page.cache.parent / "sign-ins" / token_key(token)).exists()
    nobody = httpx.post(f"{page.url}sign-out")
    assert nobody.status_code == 303, "who is not signed in may press it too"


def test_a_program_signs_in_as_gradio_client_does(page: Served, film: Path) -> None:
    """By `auth`, whatever the name in it; its reviews are those of its sign-in, and a wrong word is refused."""
    with pytest.raises(AuthenticationError):
        Client(page.url, verbose=False)
    with pytest.raises(AuthenticationError):
        Client(page.url, auth=("reader", "wrong word"), verbose=False)
    client = Client(page.url, auth=("reader", WORD), verbose=False)
    drafted = client.predict(handle_file(film), api_name="/draft")
    saved = client.predict(
        *(drafted["draft_id"], drafted["findings"], drafted["impression"], 4, "accepted"), api_name="/save_review"
    )
    key = reader_key(client.cookies[COOKIE])
    assert [review.id for review in page.store.reviews(reader_key=key)] == [saved]


def test_many_at_once_are_all_answered(page: Served) -> None:
    """Ten are looked at, the rest are told to wait, and the server answers others meanwhile."""
    form = {"password": "wrong word"}
    with httpx.Client(base_url=page.url, timeout=120) as strangers, ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda _: strangers.post("/sign-in", data=form).status_code, range(200)))
        assert strangers.get("/healthz").status_code == 200
    assert answers.count(401) == 10
    assert set(answers) <= {401, 429, 503}


def test_neither_password_nor_hash_nor_token_is_in_any_output(
    page: Served, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a log, not in an answer, not in a file, and not in what the settings print."""
    caplog.set_level(logging.DEBUG)
    token = token_of(sign_in(page))
    answers = [sign_in(page, f"{WORD} wrong"), sign_in(page, "")]
    answers += [
        httpx.get(f"{page.url}{path}", cookies={COOKIE: token}) for path in ("config", "gradio_api/info", "nowhere")
    ]
    answers.append(httpx.post(f"{page.url}gradio_api/queue/join", json={"data": [WORD]}, cookies={COOKIE: token}))
    printed = capfd.readouterr()
    held = "".join([printed.out, printed.err, caplog.text, repr(app(page).settings), *(each.text for each in answers)])
    held += "".join(file.name for file in page.cache.parent.rglob("*"))
    files = b"".join(file.read_bytes() for file in page.cache.parent.rglob("*") if file.is_file())
    for planted in (WORD, OWNERS_WORD, *HASHES, token):
        assert planted not in held
        assert planted.encode() not in files
