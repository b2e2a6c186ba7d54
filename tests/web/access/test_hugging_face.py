"""Readers who sign in with Hugging Face: by Gradio's own routes, against an OpenID provider over real HTTP."""

import logging
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import gradio.oauth
import httpx
import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.settings import AccessSettings, Settings
from clinicalblip.web.access.access import Access
from clinicalblip.web.access.tokens import COOKIE, token_key
from clinicalblip.web.access.wording import NO_ACCOUNT, NOT_CONFIRMED, NOT_REACHED
from tests.fixtures.openid_provider import ACCESS_TOKEN, CLIENT, CLIENT_SECRET, Provider, openid_provider
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page

HOST = "owner-page.hf.space"
ACCOUNT = {"sub": "planted-number-1", "preferred_username": "PlantedName", "name": "Planted Person"}
ELSE = {"sub": "planted-number-2", "preferred_username": "somebody-else", "name": "Other Person"}
SPACE = {
    "SYSTEM": "spaces",
    "SPACE_ID": "owner/page",
    "SPACE_HOST": HOST,
    "OAUTH_CLIENT_ID": CLIENT,
    "OAUTH_CLIENT_SECRET": CLIENT_SECRET,
    "OAUTH_SCOPES": "openid profile",
    "OPENID_PROVIDER_URL": "https://huggingface.co",
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The provider that this file's page asks."""
    with openid_provider() as running:
        yield running


@pytest.fixture(scope="module")
def page(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page as on a Space, whose readers sign in with Hugging Face; PlantedName is an owner."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (SPACE | {"OPENID_PROVIDER_URL": provider.url}).items():
            patch.setenv(name, value)
            if hasattr(gradio.oauth, name):
                patch.setattr(gradio.oauth, name, value)
        # On a Space Gradio watches the files there, with a package that is there.
        patch.setattr("gradio.http_server.watchfn_spaces", lambda reloader: None)
        settings = Settings(access=AccessSettings(mode="huggingface", owners=("plantedname",)))
        with one_page(tmp_path_factory.mktemp("page"), settings, ScriptedReporter()) as served:
            yield served


@pytest.fixture(autouse=True)
def _plain(provider: Provider) -> None:
    """Each test begins with a provider that knows the owner's account."""
    provider.userinfo, provider.audience, provider.is_down = dict(ACCOUNT), CLIENT, False


class Browser:
    """A browser on a Space, whose https ends at the hub's proxy: it keeps cookies and follows nothing by itself."""

    def __init__(self, page: Served) -> None:
        self._url, self.cookies = page.url.rstrip("/"), dict[str, str]()

    def get(self, path: str, method: str = "GET") -> httpx.Response:
        """Ask the page."""
        headers = {"host": HOST, "x-forwarded-proto": "https"}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = httpx.request(method, f"{self._url}{path}", headers=headers)
        for said in answer.headers.get_list("set-cookie"):
            for name, each in SimpleCookie(said).items():
                if each["expires"].startswith("Thu, 01 Jan 1970"):
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = each.value
        return answer

    def answer_of(self, provider: Provider) -> str:
        """Go to the provider, and give the path with which it sends the reader back."""
        away = self.get("/login/huggingface")
        assert away.status_code == 303
        assert away.headers["location"].startswith(f"{provider.url}/authorize?")
        back = httpx.get(away.headers["location"]).headers["location"]
        assert back.startswith(f"https://{HOST}/login/callback?")
        return back.removeprefix(f"https://{HOST}")


def said_on(browser: Browser, answer: httpx.Response) -> str:
    """The sign-in page to which an answer sends the browser; nobody is signed in."""
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("../sign-in?")
    assert browser.get("/config").status_code == 401
    return browser.get(answer.headers["location"].removeprefix("..")).text


def test_an_account_becomes_a_reader_and_is_kept_nowhere(
    page: Served, provider: Provider, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A pseudonym that stays the same; neither account nor tokens are in a cookie, a file, a log or an answer."""
    caplog.set_level(logging.DEBUG)
    browser = Browser(page)
    assert browser.get("/").headers["location"] == "sign-in"
    assert "login/huggingface" in browser.get("/sign-in").text
    back = browser.get(browser.answer_of(provider))
    assert (back.status_code, back.headers["location"]) == (303, "../")
    assert list(browser.cookies) == [COOKIE]
    answers = [browser.get(path) for path in ("/", "/config")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert browser.get("/session", "POST").json()["signedIn"] is True
    (kept,) = [file for file in page.cache.parent.glob("sign-ins/*") if file.name == token_key(browser.cookies[COOKIE])]
    files = [file.read_bytes() for file in page.cache.parent.rglob("*") if file.is_file()]
    held = b"".join([*files, *(answer.content for answer in answers), str(browser.cookies).encode()])
    held += (capfd.readouterr().out + capfd.readouterr().err + caplog.text).encode()
    for planted in (*ACCOUNT.values(), "plantedname", ACCESS_TOKEN, CLIENT_SECRET, browser.cookies[COOKIE]):
        assert planted.encode() not in held.replace(str(browser.cookies).encode(), b""), planted
    assert kept.stat().st_mode & 0o077 == 0


def test_pseudonym_key_and_owner_follow_from_the_account(page: Served, provider: Provider) -> None:
    """The same for every sign-in of an account, another one for another account."""
    found = []
    for userinfo in (ACCOUNT, ACCOUNT, ELSE):
        provider.userinfo = dict(userinfo)
        browser = Browser(page)
        browser.get(browser.answer_of(provider))
        found.append((page.cache.parent / "sign-ins" / token_key(browser.cookies[COOKIE])).read_text())
    readers = [text.partition('"begun"')[0] for text in found]
    assert readers[0] == readers[1] != readers[2]
    assert ['"is_owner":true' in text for text in readers] == [True, True, False]


def test_a_reader_whose_account_gives_a_pseudonym_chooses_none(page: Served, provider: Provider) -> None:
    """Their session has it from the start, and their reviews have the key of the account."""
    browser = Browser(page)
    browser.get(browser.answer_of(provider))
    tab = {"x-clinicalblip-tab": "a" * 32, "cookie": f"{COOKIE}={browser.cookies[COOKIE]}", "host": HOST}
    body = {"number": 1, "boxes": {"findings": "Heart normal."}}
    httpx.post(f"{page.url}session/boxes", headers=tab, json=body)
    sessions = [session for _, session in page.sessions._sessions.values()]
    (session,) = [each for each in sessions if each.token_key == token_key(browser.cookies[COOKIE])]
    assert session.signed_in is not None
    assert session.reader == session.signed_in.pseudonym
    assert len(session.reader) == len("reader-") + 8


def test_an_answer_of_another_state_signs_nobody_in(page: Served, provider: Provider) -> None:
    """As one that somebody else began, or that has none; the browser is not sent round in circles."""
    browser = Browser(page)
    path = browser.answer_of(provider)
    state = parse_qs(urlsplit(path).query)["state"][0]
    for changed in (
        path.replace(state, "another"),
        "/login/callback",
        "/login/callback?_nb_redirects=x&state=a&code=b",
    ):
        assert NOT_CONFIRMED in said_on(browser, browser.get(changed))
    assert NOT_CONFIRMED in said_on(Browser(page), Browser(page).get(path))


def test_a_code_of_another_space_signs_nobody_in(page: Served, provider: Provider) -> None:
    """The provider refuses it, because it was given to another client, or for another address."""
    for client, address in (("another-space", None), (CLIENT, "https://another.hf.space/login/callback")):
        browser = Browser(page)
        path = browser.answer_of(provider)
        asked = parse_qs(urlsplit(path).query)
        theirs = provider.begin(client, address or f"https://{HOST}/login/callback?_target_url=%2F%3F", "")
        assert NOT_CONFIRMED in said_on(browser, browser.get(path.replace(asked["code"][0], theirs)))
        assert provider.refused[-1] == theirs


def test_an_identity_signed_for_another_space_signs_nobody_in(page: Served, provider: Provider) -> None:
    """Although the provider itself signed it."""
    provider.audience = "another-space"
    browser = Browser(page)
    assert NOT_CONFIRMED in said_on(browser, browser.get(browser.answer_of(provider)))


@pytest.mark.parametrize("userinfo", [{}, {"preferred_username": "PlantedName"}, {"sub": "x" * 300}])
def test_an_answer_without_an_account_signs_nobody_in(
    page: Served, provider: Provider, userinfo: dict[str, str]
) -> None:
    """A name alone is none, because a name can be taken by somebody else."""
    provider.userinfo = userinfo
    browser = Browser(page)
    text = said_on(browser, browser.get(browser.answer_of(provider)))
    assert NO_ACCOUNT in text or NOT_CONFIRMED in text


def test_a_provider_that_is_down_is_said(page: Served, provider: Provider) -> None:
    """When the answer is fetched, in a sentence; nothing is kept of the attempt."""
    browser = Browser(page)
    path = browser.answer_of(provider)
    provider.is_down = True
    assert NOT_REACHED in said_on(browser, browser.get(path))
    assert list(browser.cookies) == []


def test_signing_out_ends_it_for_that_browser_alone(page: Served, provider: Provider) -> None:
    """Another browser of the same account stays signed in."""
    here, there = Browser(page), Browser(page)
    for browser in (here, there):
        browser.get(browser.answer_of(provider))
    old = dict(here.cookies)
    assert here.get("/sign-out", "POST").status_code == 303
    assert (here.get("/config").status_code, there.get("/config").status_code) == (401, 200)
    here.cookies = old
    assert here.get("/config").status_code == 401


@pytest.mark.parametrize("unset", ["SYSTEM", "SPACE_ID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES"])
def test_outside_a_space_it_is_refused_at_the_start(unset: str, tmp_path: Path) -> None:
    """There Gradio signs in everybody as whoever runs the page."""
    environment = {name: value for name, value in SPACE.items() if name != unset}
    with pytest.raises(SettingsError, match=rf"^The setting access\.mode is huggingface, .*{unset} is not set"):
        Access(AccessSettings(mode="huggingface"), folder=tmp_path, environment=environment)


def test_a_space_that_lost_its_disk_knows_its_readers_again(tmp_path: Path) -> None:
    """The key is made of its OAuth secret where no disk lasts; another Space makes other readers of an account."""
    settings, info = AccessSettings(mode="huggingface"), {"userinfo": ACCOUNT}
    spaces = [Access(settings, environment=SPACE | {"OAUTH_CLIENT_SECRET": secret}) for secret in ("one", "one", "two")]
    disks = [Access(settings, folder=folder, environment=SPACE) for folder in (tmp_path, tmp_path, tmp_path / "new")]
    for one, again, other in (spaces, disks):
        readers = [each.accounts.reader_of(info) for each in (one, again, other) if each.accounts]
        assert readers[0] == readers[1] != readers[2]
