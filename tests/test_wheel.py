"""The package as it is installed: what the wheel holds, and that it drafts and serves outside the clone."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from packaging.requirements import Requirement
from PIL import Image

from clinicalblip.version import __version__
from tests.fixtures.built_wheel import build_wheel, make_environment, tracked
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.served_page import free_port, until

ROOT = Path(__file__).parents[1]
EXTRAS = {
    "requirements.txt": "",
    "requirements-evaluate.txt": "evaluate",
    "requirements-export.txt": "export",
    "requirements-postgresql.txt": "postgresql",
    "requirements-ray.txt": "ray",
    "requirements-reader-study.txt": "reader-study",
    "requirements-train.txt": "train",
}
NOWHERE = "http://127.0.0.1:9"
"""A proxy that answers nobody: what asks the network fails."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from a copy of the files in git."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(opened.read(name))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment in which the wheel is installed, beside what the tests' one has."""
    programs = make_environment(tmp_path_factory.mktemp("environment"))
    install = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install"]
    subprocess.run([*install, "--quiet", "--no-deps", "--no-index", wheel], check=True, timeout=200)
    return programs


@pytest.fixture
def outside(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder outside the clone and an environment in which nothing leads to the clone or to a network."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and "PROXY" not in name}
    environment |= {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "0"}
    environment |= {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1,localhost"}
    return tmp_path, environment


def test_the_wheel_holds_the_package_and_its_assets(wheel: Path) -> None:
    """Every file of clinicalblip/ and assets/, the model and the cases among them, and nothing else but metadata."""
    with ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert held == tracked("clinicalblip") | {f"clinicalblip/{name}" for name in tracked("assets")}


def test_the_wheel_says_what_it_is(metadata: Message) -> None:
    """One version, both licences with their texts, and the requirement files."""
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0 AND CC-BY-NC-SA-4.0"
    assert metadata.get_all("License-File") == ["LICENSE", "assets/mini/LICENSE"]
    assert set(metadata.get_all("Provides-Extra", [])) == set(EXTRAS.values()) - {""}
    needed = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    for name, extra in EXTRAS.items():
        lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
        wanted = [each for each in needed if extra in str(each.marker or "") and bool(each.marker) == bool(extra)]
        assert {(each.name, each.specifier) for each in wanted} == {
            (each.name, each.specifier) for each in (Requirement(line) for line in lines if line)
        }


def test_the_licence_texts_are_the_real_ones(wheel: Path) -> None:
    """Both are in the wheel, whole."""
    with ZipFile(wheel) as opened:
        texts = [opened.read(name).decode() for name in opened.namelist() if "/licenses/" in name]
    apache, creative_commons = sorted(texts, key=len)
    assert "Apache License" in apache
    assert "END OF TERMS AND CONDITIONS" in apache
    assert creative_commons.startswith("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International")
    assert "Section 8" in creative_commons


@pytest.mark.system
def test_it_drafts_outside_the_clone(installed: Path, outside: tuple[Path, dict[str, str]]) -> None:
    """The installed program drafts from a DICOM file with the bundled model, without a network."""
    folder, environment = outside
    film = np.asarray(Image.open(ROOT / "assets" / "cases" / "normal" / "frontal.png"))
    (folder / "FILM.dcm").write_bytes(write_dicom(film, bits=8))
    ran = subprocess.run(
        [installed / "clinicalblip", "draft", "FILM.dcm", "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr
    draft = json.loads(ran.stdout)
    assert (draft["base"], draft["adapter"]) == ("instructblip-mini", "clinicalblip-mini")
    assert draft["findings"]


@pytest.mark.system
def test_it_serves_outside_the_clone(installed: Path, outside: tuple[Path, dict[str, str]]) -> None:
    """The installed program serves the page with its assets and cases, without a network."""
    folder, environment = outside
    port = free_port()
    serving = subprocess.Popen(
        [installed / "clinicalblip", "serve"],
        cwd=folder,
        env=environment | {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(folder / "uploads")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert until(lambda: serving.poll() is not None or answers(port), seconds=120)
        assert serving.poll() is None, serving.communicate()[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=30) as answer:
            page = answer.read().decode()
    finally:
        serving.terminate()
        serving.communicate(timeout=60)
    assert "cb-list" in page
    code = (
        "from clinicalblip.asset_folder import ASSETS\n"
        "from clinicalblip.worklist.sample_cases import read_sample_cases\n"
        "print(*(study.title for study in read_sample_cases(ASSETS / 'cases').studies), sep='\\n')"
    )
    run = subprocess.run(
        [installed / "python", "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    cases = json.loads((ROOT / "assets" / "cases" / "cases.json").read_text(encoding="utf-8"))
    assert run.stdout.splitlines() == [case["title"] for case in cases]


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
