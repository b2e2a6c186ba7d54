"""The repository is a Space as it stands, and its README says what is so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def card() -> SpaceCard:
    """The README as the hub reads it."""
    return SpaceCard.load(ROOT / "README.md")


@pytest.fixture(scope="module")
def requirements() -> dict[str, Requirement]:
    """requirements.txt by name."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    parsed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {each.name.lower(): each for each in parsed}


def test_the_front_matter_names_what_a_space_needs(card: SpaceCard) -> None:
    """The hub's own card class reads it, and the file that it starts is there."""
    assert card.data.sdk == "gradio"
    assert card.data.license == "apache-2.0"
    assert card.data.models
    assert card.data.tags
    assert (ROOT / card.data.app_file).is_file()


def test_the_sdk_version_is_the_pin(card: SpaceCard, requirements: dict[str, Requirement]) -> None:
    """The Space's gradio is the lowest that requirements.txt allows, the one that was tested."""
    floor = next(each for each in requirements["gradio"].specifier if each.operator == ">=")
    assert Version(card.data.sdk_version) == Version(floor.version)
    assert requirements["gradio"].specifier.contains(card.data.sdk_version)


def test_the_python_version_is_the_one_that_is_asked_for(card: SpaceCard) -> None:
    """pyproject.toml and the Space agree on the oldest Python."""
    asked = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert asked
    assert card.data.python_version == asked[1]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("torch", ">=2.8,<2.14"), ("gradio", ">=6.31,<7"), ("transformers", ">=5.23,<6"), ("pydicom", ">=3.0.2")],
)
def test_ranges_are_those_that_were_tried(name: str, wanted: str, requirements: dict[str, Requirement]) -> None:
    """The ranges that the project promises stand in requirements.txt."""
    assert requirements[name].specifier == Requirement(f"{name}{wanted}").specifier


def test_torchvision_is_not_asked_for(requirements: dict[str, Requirement]) -> None:
    """A torchvision that does not match torch stops InstructBLIP from importing."""
    assert "torchvision" not in requirements


def tracked() -> list[Path]:
    """Every file in git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_is_above_ten_megabytes() -> None:
    """The hub takes no larger file without LFS."""
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > 10_000_000] == []


def test_links_in_the_documents_lead_somewhere() -> None:
    """Every relative link of the README, the docs and the model card is a file in the repository."""
    broken = [
        f"{document.relative_to(ROOT)} -> {target}"
        for document in tracked()
        if document.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_paths_in_the_documents_are_there() -> None:
    """What a document names as a file or a folder of the repository, or of a room; the changelog names what was."""
    tops = {folder.name for folder in (*ROOT.iterdir(), *(ROOT / "clinicalblip").iterdir()) if folder.is_dir()}
    missing = []
    for document in tracked():
        if document.suffix == ".md" and document.name != "CHANGELOG.md":
            text = re.sub(r"\w+://\S+", "", document.read_text(encoding="utf-8"))
            named = [path.rstrip(".") for path in re.findall(r"[\w.-]+(?:/[\w.-]+)+/?", text)]
            ours = [path for path in named if path.split("/")[0] in tops]
            places = (ROOT, ROOT / "clinicalblip", document.parent)
            missing += [f"{document.name}: {path}" for path in ours if not any((top / path).exists() for top in places)]
    assert missing == []


def test_app_lies_above_the_rooms() -> None:
    """app.py serves the page as the command does, and nothing in the package imports it."""
    source = (ROOT / "app.py").read_text()
    assert len(source.splitlines()) <= 30
    rooms = set(re.findall(r"^from clinicalblip\.(\w+)", source, re.MULTILINE))
    assert rooms == {"cli", "errors", "settings"}
    package = [path for path in tracked() if path.suffix == ".py" and "clinicalblip" in path.parts[-3:-1]]
    assert not [path for path in package if re.search(r"^\s*(?:from|import) app\b", path.read_text(), re.MULTILINE)]


def test_importing_the_package_imports_no_torch() -> None:
    """`import clinicalblip` is quick, and the command line's help too."""
    code = "import clinicalblip, clinicalblip.cli, sys; sys.exit(any(m in sys.modules for m in ('torch', 'gradio')))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, timeout=60).returncode == 0
