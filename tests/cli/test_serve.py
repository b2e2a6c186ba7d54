"""The command `serve` and app.py: settings, then the reporter, then the page."""

import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.copies import BucketCopies
from clinicalblip.feedback.bucket.folder_bucket import FolderBucket
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.study import Study, StudyImage
from tests.feedback.conftest import make_review
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import free_port, png_film, until

STUDY_WITHOUT_FILMS = json.dumps(
    {"study_id": "a", "patient_id": "p", "split": "test", "images": [], "tags": []}
    | dict.fromkeys(("indication", "history", "technique", "comparison", "prior_report", "findings", "impression"), "")
)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """What pages were launched with; none is really served, and no model loaded."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("clinicalblip.instructblip.reporter.load_reporter", lambda settings: ScriptedReporter())
    monkeypatch.setattr(gr.Blocks, "launch", lambda page, **how: calls.append({"title": page.title, **how}))
    monkeypatch.setenv("CLINICALBLIP_STORAGE_REVIEWS", str(tmp_path / "reviews.sqlite3"))
    return calls


def test_serve_launches_the_page_of_its_settings(launched: list[dict[str, Any]], tmp_path: Path) -> None:
    """The named file's title and port are the page's."""
    config = tmp_path / "settings.yaml"
    config.write_text("wording: {title: A page}\nserver: {port: 4321}\n", encoding="utf-8")
    assert main(["serve", "--config", str(config)]) == 0
    (page,) = launched
    assert (page["title"], page["server_port"]) == ("A page", 4321)


def test_serve_refuses_wrong_settings_in_one_line(
    launched: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is launched, and the exit code is 2."""
    config = tmp_path / "settings.yaml"
    config.write_text("limits: {megapixels: many}\n", encoding="utf-8")
    assert main(["serve", "--config", str(config)]) == 2
    said = capsys.readouterr().err
    assert "limits.megapixels" in said
    assert said.count("\n") == 1
    assert launched == []


def test_serve_reads_a_work_list(
    launched: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the option, or by the settings relative to their file; it says what it has, and keeps a key by the reviews."""
    (tmp_path / "film.png").write_bytes(png_film())
    studies = [Study(name, "p", "test", (StudyImage(tmp_path / "film.png"),)) for name in ("a", "b", "a")]
    write_studies(studies, tmp_path / "studies.jsonl")
    config = tmp_path / "settings.yaml"
    config.write_text("worklist: {studies: studies.jsonl, order: shuffled}\n", encoding="utf-8")
    for options in (["--config", str(config)], ["--studies", str(tmp_path / "studies.jsonl")]):
        assert main(["serve", *options]) == 0
        assert "The work list has 3 studies. 1 of them cannot be read." in capsys.readouterr().out
    assert (tmp_path / "worklist.key").stat().st_size == 32
    assert len(launched) == 2


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (None, "no studies file or folder"),
        ("", "no study in it"),
        ("{}", "Line 1 of the studies file breaks the format"),
        (STUDY_WITHOUT_FILMS, "has no frontal film"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_line(
    launched: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str | None, says: str
) -> None:
    """Nothing is launched, and the exit code is 2."""
    file = tmp_path / "studies.jsonl"
    if written is not None:
        file.write_text(written, encoding="utf-8")
    assert main(["serve", "--studies", str(file)]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert launched == []


def test_app_serves_the_page_with_the_settings_beside_it(launched: list[dict[str, Any]]) -> None:
    """What a Space starts; a port is only passed where the settings name one."""
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    (page,) = launched
    assert page["title"] == "ClinicalBLIP"
    assert "server_port" not in page


def test_app_says_in_one_sentence_why_it_cannot_start(
    launched: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence is what the program exits with."""
    monkeypatch.setenv("CLINICALBLIP_LIMITS_MEGAPIXELS", "many")
    with pytest.raises(SystemExit, match=r"limits\.megapixels"):
        runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    assert launched == []


def test_on_zerogpu_the_model_is_built_before_the_page_is_launched(
    launched: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the thread that launches it, which alone sees what goes to the GPU."""
    built: list[tuple[threading.Thread, int]] = []

    def load(settings: object) -> ScriptedReporter:
        built.append((threading.current_thread(), len(launched)))
        return ScriptedReporter()

    monkeypatch.setattr("clinicalblip.instructblip.reporter.load_reporter", load)
    for on_zerogpu in ("true", ""):
        monkeypatch.setenv("SPACES_ZERO_GPU", on_zerogpu)
        assert main(["serve", "--config", str(tmp_path / "none.yaml")]) == 0
    assert built[0] == (threading.current_thread(), 0)
    assert built[1][0] is not threading.current_thread()
    assert len(launched) == 2


def test_serve_fills_a_lost_disk_from_the_bucket(
    launched: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the page is launched."""
    monkeypatch.setenv("CLINICALBLIP_STORAGE_BUCKET", (tmp_path / "bucket").as_uri())
    spool, folder = Spool(tmp_path / "lost" / "bucket-spool"), BucketFolder(FolderBucket(tmp_path / "bucket"), "page")
    with ReviewStore(tmp_path / "lost" / "reviews.sqlite3", spool.add) as lost:
        number = lost.add(make_review(0))
        BucketCopies(lost, spool, folder).sync()
    assert main(["serve", "--config", str(tmp_path / "none.yaml")]) == 0
    assert len(launched) == 1
    with ReviewStore(tmp_path / "reviews.sqlite3") as filled:
        assert [kept.id for kept in filled.reviews()] == [number]


def test_serve_refuses_a_bucket_that_others_can_read(
    launched: list[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one line, and nothing is launched."""
    (tmp_path / "bucket").mkdir(mode=0o755)
    monkeypatch.setenv("CLINICALBLIP_STORAGE_BUCKET", (tmp_path / "bucket").as_uri())
    assert main(["serve", "--config", str(tmp_path / "none.yaml")]) == 2
    assert "can be read by others" in capsys.readouterr().err
    assert launched == []


@pytest.mark.system
@pytest.mark.timeout(180)
def test_a_process_that_is_told_to_end_does_so_within_ten_seconds(tmp_path: Path) -> None:
    """As a container or systemd tells it, with exit code 0."""
    port = free_port()
    environment = {
        **os.environ,
        "CLINICALBLIP_SERVER_PORT": str(port),
        "CLINICALBLIP_STORAGE_REVIEWS": str(tmp_path / "reviews.sqlite3"),
    }
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
    try:
        assert until(lambda: _is_ready(port), seconds=120)
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
        assert time.monotonic() - began < 10
    finally:
        server.kill()
        server.wait()


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.HTTPError:
        return False
