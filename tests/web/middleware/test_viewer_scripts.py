"""The viewer's scripts on their way to the browser."""

import shutil
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from clinicalblip.settings import ServerSettings
from clinicalblip.web.middleware.headers import AnswerHeaders
from clinicalblip.web.middleware.routes import Route, find_route
from clinicalblip.web.middleware.viewer_scripts import FOLDER, ViewerScripts, scripts_path


def test_each_script_is_served_and_kept_by_the_browser() -> None:
    """Every module has an address that the gateway serves, as JavaScript, without being asked for again."""
    client = TestClient(ViewerScripts(PlainTextResponse("the page"), FOLDER))
    scripts = sorted(FOLDER.glob("*.js"))
    assert scripts
    for script in scripts:
        path = f"{scripts_path()}/{script.name}"
        answer = client.get(path)
        assert answer.text == script.read_text(encoding="utf-8")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert find_route("GET", path) is Route.PLAIN
        kept = dict(AnswerHeaders(ServerSettings()).of(answer.headers.raw, path))
        assert b"immutable" in kept[b"cache-control"]
    assert client.get("/").text == "the page"


def test_another_version_has_another_address(tmp_path: Path) -> None:
    """A page that was loaded before an update gets nothing of the new version."""
    folder = shutil.copytree(FOLDER, tmp_path / "viewer")
    (folder / "main.js").write_text("changed", encoding="utf-8")
    assert scripts_path(folder) != scripts_path()
    client = TestClient(ViewerScripts(PlainTextResponse("the page"), folder))
    assert client.get(f"{scripts_path()}/main.js").status_code == 404
    assert client.get(f"{scripts_path(folder)}/main.js").text == "changed"
