"""A page below a path: where a proxy takes the path away, where it leaves it, and where the two do not agree."""

from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from clinicalblip.errors import SettingsError
from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web.middleware import wording
from clinicalblip.web.root_path import PREFIX_HEADER, VARIABLE, choose_root_path, root_path_of, said_prefix
from tests.fixtures.served_page import Served

PATH = "/clinical/blip"


@pytest.mark.parametrize(
    ("named", "variable", "expected"),
    [
        (None, "", ""),
        (None, "/clinicalblip/", "/clinicalblip"),
        (None, "https://reader.example/blip", "https://reader.example/blip"),
        ("/named", "/clinicalblip", "/named"),
        ("/named", "nonsense", "/named"),
    ],
)
def test_the_setting_beats_gradios_variable(named: str | None, variable: str, expected: str) -> None:
    """Which may be a whole address, as Gradio has it."""
    assert choose_root_path(ServerSettings(root_path=named), {VARIABLE: variable}) == expected


@pytest.mark.parametrize("variable", ["clinicalblip", "/a//b", "/a b", "https://", "/../x?y"])
def test_a_variable_that_is_no_path_is_one_sentence(variable: str) -> None:
    """Gradio would answer each request with an error of its own."""
    with pytest.raises(SettingsError, match=rf"^The variable {VARIABLE} is .*[^\n]\.$"):
        choose_root_path(ServerSettings(), {VARIABLE: variable})


@pytest.mark.parametrize(
    ("given", "expected"), [("", ""), ("/a/", "/a"), ("https://x.example/a/b", "/a/b"), ("https://x.example", "")]
)
def test_the_path_of_a_whole_address_counts(given: str, expected: str) -> None:
    """Cookies and routes lie below it."""
    assert root_path_of({"root_path": given}) == expected


@given(st.text(st.characters(codec="latin-1")))
def test_what_a_proxy_says_is_a_path_or_nothing(said: str) -> None:
    """Nothing else of a header that anybody can send stands in the refusal."""
    path = said_prefix(Headers({PREFIX_HEADER: said}))
    assert path is None or path == "" or (path[0] == "/" and not set(path) & set(" <>\"'%\n\\"))


def test_a_page_below_a_path_is_served_with_and_without_it(serve: Callable[..., Served]) -> None:
    """A proxy may take the path away or leave it; the page, its cookie and its parts lie below it."""
    page = serve(Settings(server=ServerSettings(root_path=PATH)))
    with httpx.Client(base_url=page.url) as client:
        for place in ("/", f"{PATH}/"):
            answer = client.get(place, headers={PREFIX_HEADER: f"{PATH}/"})
            assert answer.status_code == 200
            assert f"Path={PATH};" in answer.headers["set-cookie"]
            assert client.get(f"{place}config").json()["root"].endswith(PATH)
            assert client.get(f"{place}healthz").json() == {"status": "up"}
            assert client.get(f"{place}gradio_api/info").status_code == 200
        sent_on = client.get(PATH, follow_redirects=False)
        assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"{PATH}/")


def test_a_page_under_another_path_than_its_settings_say_is_one_sentence(serve: Callable[..., Served]) -> None:
    """Its parts would be asked for elsewhere, and the reader see nothing."""
    page = serve(Settings(server=ServerSettings(root_path=PATH)))
    for said, shown in (("/elsewhere", "/elsewhere"), ("/", "/")):
        for place in ("", "elsewhere/"):
            answer = httpx.get(page.url + place, headers={PREFIX_HEADER: said})
            sentence = wording.WRONG_ROOT_PATH.format(said=shown, expected=PATH)
            assert (answer.status_code, answer.json()["detail"]) == (500, sentence)
        assert httpx.get(f"{page.url}healthz", headers={PREFIX_HEADER: said}).status_code == 200
    assert httpx.get(page.url, headers={PREFIX_HEADER: "<script>"}).status_code == 200
