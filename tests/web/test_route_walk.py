"""Every route of the running page refuses who is not signed in, but those that are named here."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route

from clinicalblip.web.access.access import OPEN_PATHS, PAGES
from clinicalblip.web.access.wording import SIGN_IN_FIRST
from clinicalblip.web.middleware.routes import _GET, _POST
from tests.fixtures.page_passwords import with_password
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page

OPEN = {"/healthz", "/readyz", "/sign-in", "/sign-out", "/login", "/login/huggingface", "/login/callback", "/metrics"}
"""Whether the server is up, and the way in and out; none of them says anything of a reader or the model."""

OURS = (
    *(
        "/",
        "/config",
        "/theme.css",
        "/favicon.ico",
        "/manifest.json",
        "/robots.txt",
        "/model-card",
        "/healthz",
        "/readyz",
        "/metrics",
    ),
    *("/sign-in", "/login/huggingface", "/login/callback", "/assets/a.js", "/static/a.css", "/svelte/a.js"),
    *(f"/viewer/{'a' * 16}/keys.js", f"/films/{'a' * 32}/preview", f"/evidence/{'a' * 32}", f"/scores/{'a' * 32}"),
    *("/gradio_api/info", "/gradio_api/app_id", "/gradio_api/startup-events", "/gradio_api/theme.css"),
    *("/gradio_api/heartbeat/a", "/gradio_api/queue/data", "/gradio_api/call/draft/a", "/gradio_api/queue/join"),
    *("/gradio_api/run/draft", "/gradio_api/api/draft", "/gradio_api/call/draft", "/gradio_api/cancel"),
    *("/gradio_api/reset", "/gradio_api/upload", "/sign-out", "/login", "/session", "/session/boxes"),
    *("/session/history", "/session/ticks", "/reviews", f"/reviews/{'a' * 16}/forget", "/owner"),
    *("/reader-study", "/reader-study/pair/film", "/reader-study/enter", "/owner/study"),
)
"""One path for each kind that `middleware/routes.py` serves."""

TRICKS = (
    *("//", "//config", "/healthz/../config", "/healthz/..%2fconfig", "/sign-in/../config", "/healthz%00/config"),
    *(
        "/HEALTHZ",
        "/healthz/config",
        "/sign-in/config",
        "/healthz;/config",
        "/config/",
        "/config?/healthz",
        "/%2e/config",
    ),
    *("/login/huggingface/../../config", "/gradio_api/file=/etc/passwd", "/file=/etc/passwd", "/proxy=http://a/"),
)
"""Paths that look like an open one."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page that asks for a password."""
    with one_page(tmp_path_factory.mktemp("page"), with_password(), ScriptedReporter()) as served:
        yield served


def paths_of(routes: list[BaseRoute], above: str = "") -> Iterator[str]:
    """A path for each route of an app, with something in the place of what varies."""
    for route in routes:
        if isinstance(route, Mount):
            yield f"{above}{route.path}/x"
            yield from paths_of(list(route.routes), f"{above}{route.path}")
        elif router := getattr(route, "original_router", None):  # as FastAPI includes one
            yield from paths_of(router.routes, above + route.include_context.prefix)
        else:
            path = getattr(route, "path", None)
            assert isinstance(path, str), f"{route} is a kind of route that this test does not know"
            names = route.param_convertors if isinstance(route, Route) else {}
            for name in names:
                path = path.replace(f"{{{name}:path}}", "x").replace(f"{{{name}}}", "x")
            yield above + path


def test_one_path_is_named_for_each_kind_that_is_served() -> None:
    """So that a route that is added is walked too."""
    for pattern, _ in (*_GET, *_POST):
        assert any(pattern.fullmatch(path) for path in OURS), pattern.pattern


def test_nothing_else_is_open() -> None:
    """What this test lets through is what the page does."""
    assert OPEN == OPEN_PATHS
    assert {"/", "/reviews", "/owner"} == PAGES


def test_every_route_refuses_who_is_not_signed_in(page: Served) -> None:
    """Gradio's and ours, by any method, with a sentence; what a person opens leads to the sign-in page."""
    found = set(paths_of(page.blocks.app.routes))
    assert {"/config", "/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/file=x"} <= found
    walked = sorted(found | set(OURS))
    assert len(walked) > 60
    with httpx.Client(base_url=page.url) as stranger:
        for path in walked:
            for method in ("GET", "POST", "HEAD", "PUT"):
                answer = stranger.request(method, path)
                if (path.rstrip("/") or "/") in OPEN:
                    assert answer.status_code != 401
                elif path in PAGES and method in ("GET", "HEAD"):
                    assert (answer.status_code, answer.headers["location"]) == (303, "sign-in")
                    assert "set-cookie" not in answer.headers
                else:
                    assert answer.status_code == 401, (method, path)
                    assert method == "HEAD" or answer.json()["detail"] == SIGN_IN_FIRST


def test_no_path_is_taken_for_an_open_one(page: Served) -> None:
    """However it is written; it is refused before anything is looked for."""
    with httpx.Client() as stranger:
        for path in TRICKS:
            url = httpx.URL(page.url).copy_with(raw_path=path.encode())
            answer = stranger.get(url)
            assert answer.status_code in (303, 401), path
            assert "window.gradio_config" not in answer.text


def test_what_is_open_says_nothing_of_the_page(page: Served) -> None:
    """No version, no model, no reader."""
    with httpx.Client(base_url=page.url) as stranger:
        held = "".join(stranger.get(path).text for path in sorted(OPEN))
    for word in ("recited", "gradio", "6.3", "by-heart"):
        assert word not in held.lower()


def test_a_cookie_that_nobody_gave_opens_nothing(page: Served) -> None:
    """Nor does a token in a header, or one that is well formed."""
    token = "a" * 43
    for headers in (
        {"cookie": f"clinicalblip_reader={token}"},
        {"x-clinicalblip-token": token, "x-clinicalblip-tab": "a" * 32},
        {"authorization": f"Bearer {token}"},
        {"cookie": "access-token=a; access-token-unsecure=a"},
    ):
        assert httpx.get(f"{page.url}config", headers=headers).status_code == 401
