"""The image: its steps over this machine's files, and a container of it that can write to its volume alone."""

import os
import subprocess
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from clinicalblip.feedback.store import ReviewStore
from tests.fixtures.built_wheel import ROOT, build_wheel
from tests.fixtures.image import Image, read_dockerfile, reason_against
from tests.fixtures.served_page import free_port
from tests.fixtures.started_page import start_page

DOCKERFILE = ROOT / "Dockerfile"

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


def test_the_dockerfile_is_short_and_ends_as_somebody() -> None:
    """At most 25 lines, one volume, a user who is not root, and a command that gets the signals itself."""
    assert len(DOCKERFILE.read_text().splitlines()) <= 25
    steps = list(read_dockerfile(DOCKERFILE))
    words = [word for word, _ in steps]
    assert words.count("VOLUME") == words.count("USER") == words.count("HEALTHCHECK") == 1
    assert dict(steps)["USER"] not in ("root", "0")
    assert dict(steps)["CMD"].startswith("[")
    assert words.index("USER") > max(at for at, word in enumerate(words) if word == "RUN")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image of this clone's wheel."""
    if reason := reason_against():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("image")
    built = Image(folder)
    built.build(DOCKERFILE, build_wheel(tmp_path_factory.mktemp("wheel")).parent)
    return built


@pytest.mark.system
@pytest.mark.timeout(1800)
def test_a_container_drafts_and_saves_and_writes_to_its_volume_alone(image: Image, tmp_path: Path) -> None:
    """As a user of its own over files that are read-only; it is healthy, and ends by itself when it is told to."""
    volume, port = tmp_path / "volume", str(free_port())
    volume.mkdir(mode=0o777)
    volume.chmod(0o777)
    (tmp_path / "outside").mkdir()
    threads = {name: value for name, value in os.environ.items() if name.startswith("OMP_")}
    command = image.start(image.command, volume, GRADIO_SERVER_PORT=port, **threads)
    with start_page(
        command, int(port), folder=tmp_path / "outside", environment={"PATH": "/usr/sbin:/usr/bin"}
    ) as page:
        status = Path(f"/proc/{page.pid}/status").read_text()
        assert "\nUid:\t10001\t10001\t10001\t10001\n" in status
        client = Client(f"http://127.0.0.1:{port}/", verbose=False)
        film = ROOT / "assets" / "cases" / "normal" / "frontal.png"
        drafted = client.predict(handle_file(film), api_name="/draft")
        saved = client.predict(drafted["draft_id"], "mine", "", 4, "minor edits", api_name="/save_review")
        client.close()
        health = image.start(["sh", "-c", image.health], volume, GRADIO_SERVER_PORT=port)
        assert subprocess.run(health, check=False, timeout=120).returncode == 0
    assert page.returncode == 0
    with ReviewStore(volume / "reviews.sqlite3") as store:
        assert [review.id for review in store.reviews()] == [saved]
    elsewhere = image.start(
        ["sh", "-c", "for place in / /tmp /usr /var/tmp /opt/python; do touch $place/x && exit 1; done"], volume
    )
    said = subprocess.run(elsewhere, check=False, capture_output=True, text=True, timeout=60)
    assert said.stderr.count("Read-only file system") == 5
    unhealthy = image.start(["sh", "-c", image.health], volume, GRADIO_SERVER_PORT=port)
    assert subprocess.run(unhealthy, check=False, capture_output=True, timeout=120).returncode != 0
