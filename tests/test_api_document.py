"""The examples of docs/api.md and of the README run as they stand there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinicalblip.settings import PrivacySettings, Settings
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page

ROOT = Path(__file__).parents[1]
ADDRESS = "http://127.0.0.1:7860/"

# gradio asks pandas for an option that pandas has deprecated
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


def examples(document: str) -> list[str]:
    """The blocks of Python in a document, in order."""
    return re.findall(r"^```python\n(.*?)^```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the two films that the examples name."""
    case = ROOT / "assets" / "cases" / "effusion"
    for name, picture in (("FILM.dcm", "frontal.png"), ("OLD.dcm", "prior.png")):
        (tmp_path / name).write_bytes((case / picture).read_bytes())  # known by their content, not by their name
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Served]:
    """A running page with a reciting reporter."""
    settings = Settings(privacy=PrivacySettings(find_burned_in=False))
    with one_page(tmp_path / "page", settings, ScriptedReporter(text="FINDINGS: Seen. IMPRESSION: Known.")) as served:
        yield served


def test_the_examples_in_python_run(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One after another, with the bundled model; the first prints a report."""
    blocks = [block for block in examples("docs/api.md") if "gradio_client" not in block and "client." not in block]
    assert len(blocks) >= 5
    names: dict[str, object] = {}
    exec(blocks[0], names)
    assert "FINDINGS:" in capsys.readouterr().out
    for block in blocks[1:]:
        exec(block, names)
    assert "words_added" not in capsys.readouterr().err


def test_the_examples_of_the_pages_api_run(films: Path, page: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """One after another, at the address of a page that runs."""
    blocks = [block for block in examples("docs/api.md") if "gradio_client" in block or "client." in block]
    assert len(blocks) == 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(block.replace(ADDRESS, page.url), names)
    assert "Seen." in capsys.readouterr().out
    assert names["review"]
    names["client"].close()  # type: ignore[attr-defined]


def test_the_readme_drafts_from_python(films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three lines and an import."""
    (block,) = examples("README.md")
    assert len([line for line in block.splitlines() if line and not line.startswith("import")]) <= 3
    exec(block, {})
    assert "FINDINGS:" in capsys.readouterr().out


def test_what_is_documented_is_offered() -> None:
    """Every name of the package in the table, and the examples use no others."""
    import clinicalblip

    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    offered = {name for name in clinicalblip.__all__ if not name.startswith("_")}
    assert {name for name in offered if f"`{name}(" in text or f"`clinicalblip.{name}`" in text} == offered
    assert set(re.findall(r"(?<!from )\bclinicalblip\.(\w+)\(", text)) <= offered
