"""A Space's files in an empty folder, started as a Space starts them."""

import os
import sys
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from clinicalblip.deploy.space_plan import plan_space
from tests.fixtures.served_page import free_port
from tests.fixtures.started_page import start_page

ROOT = Path(__file__).parents[2]
USER = 1000
NOWHERE = "http://127.0.0.1:9"
"""A proxy that answers nobody: what asks the network fails."""

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


def as_user(command: list[str]) -> list[str]:
    """The command as user 1000 where this is root; reading what lies in root's home, as Python may, stays allowed."""
    if os.getuid() != 0:
        return command
    reads = "+dac_read_search"
    rights = [f"--bounding-set=-all,{reads}", f"--inh-caps={reads}", f"--ambient-caps={reads}"]
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *rights, *command]


def test_what_a_dry_run_names_starts_as_a_space_does(tmp_path: Path) -> None:
    """Without the clone, a network or a home to write to but for its cache, the sample case is drafted from.

    The packages are those of the tests; tests/test_requirements.py holds requirements.txt to what is imported.
    """
    app, home, log = tmp_path / "app", tmp_path / "home", tmp_path / "log"
    plan = plan_space(ROOT, "reader/clinicalblip", environment={})
    for file in plan.files:
        place = app / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content if isinstance(file.content, bytes) else file.content.read_bytes())
    for folder in (home / ".cache", tmp_path / "tmp", log):
        folder.mkdir(parents=True)
        if os.getuid() == 0:
            os.chown(folder, USER, USER)
    for folder in (home, app, *(place for place in app.rglob("*") if place.is_dir())):
        folder.chmod(0o555)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "OMP_NUM_THREADS")}
    port = free_port()
    environment = {
        **kept,
        **plan.variables,
        "HOME": str(home),
        "TMPDIR": str(tmp_path / "tmp"),
        "SYSTEM": "spaces",
        "SPACE_ID": plan.repo,
        "SPACE_HOST": "reader-clinicalblip.hf.space",
        "SPACE_AUTHOR_NAME": "reader",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(port),
        **{"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1,localhost"},
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    before = sorted(app.rglob("*"))
    command = as_user(["env", f"--chdir={app}", sys.executable, "app.py"])
    with start_page(command, port, folder=log, environment=environment) as page:
        if os.getuid() == 0:
            assert f"\nUid:\t{USER}\t{USER}\t{USER}\t{USER}\n" in Path(f"/proc/{page.pid}/status").read_text()
        client = Client(f"http://127.0.0.1:{port}/", verbose=False)
        film = app / "assets" / "cases" / "normal" / "frontal.png"
        assert client.predict(handle_file(film), api_name="/draft")["findings"]
        client.close()
    assert page.returncode == 0
    assert sorted(app.rglob("*")) == before
    assert [place.name for place in home.iterdir()] == [".cache"]
    for folder in (home, app, *(place for place in app.rglob("*") if place.is_dir())):
        folder.chmod(0o755)  # pytest removes it
