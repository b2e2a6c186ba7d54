"""The load figures: the page in a process of its own, readers without a browser, and what is counted of them."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinicalblip.errors import OutOfMemory
from clinicalblip.settings import Settings
from research.benchmarks.load import main
from research.benchmarks.load_attacks import HOSTILE_COLUMNS
from research.benchmarks.load_crowd import CROWD_COLUMNS, Crowd, own_words, visit
from research.benchmarks.page_reader import PageReader
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page, png_film

# gradio asks pandas for an option that pandas has deprecated
pytestmark = pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Served]:
    """A page in this process, with a reporter that recites."""
    with one_page(tmp_path, Settings(), ScriptedReporter()) as served:
        yield served


def visited(page: Served, reader: PageReader, *, patience: float = 0.0) -> Crowd:
    """What is counted of one reader."""
    crowd = Crowd()
    asyncio.run(visit(reader, png_film(), crowd, time.monotonic() + patience))
    return crowd


def port(page: Served) -> int:
    """The port of a page."""
    return int(page.url.rstrip("/").rpartition(":")[2])


def cells(table: list[str], columns: tuple[str, ...], name: str) -> dict[str, str]:
    """The cells of a row of a Markdown table by their columns."""
    row = next(line for line in table if line.startswith(f"| {name} |"))
    return dict(zip(columns, row.strip("| ").split(" | "), strict=True))


@pytest.mark.system
@pytest.mark.timeout(240)
def test_the_command_counts_what_became_of_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two readers save what is on disk, and hostile calls are answered while five others work and lose nothing."""
    file = tmp_path / "load.md"
    small = ["--readers", "2", "--films", "1", "--side", "300", "--requests", "6", "--seconds", "100"]
    assert main([*small, "--only", "readers", "malformed calls", "made-up keys", "--output", str(file)]) == 0
    table = capsys.readouterr().out.splitlines()
    assert file.read_text("utf-8").splitlines() == table
    readers = cells(table, CROWD_COLUMNS, "readers")
    assert (readers["readers"], readers["saved"], readers["rows on disk"]) == ("2", "2", "2 of 2")
    assert (readers["refused by a sentence"], readers["failed"], readers["crossings"]) == ("0", "0", "0")
    assert int(readers["peak memory MiB"]) > 100
    attacked = cells(table, HOSTILE_COLUMNS, "malformed calls")
    assert attacked["sent"] == "6"
    assert sum(int(answer.rpartition(" ")[2]) for answer in attacked["answered"].split(";")) == 6
    saved, of = attacked["readers' saves on disk"].split(" of ")
    assert saved == of
    assert int(saved) >= 5
    assert attacked["lost"] == "0"
    assert cells(table, HOSTILE_COLUMNS, "made-up keys")["answered"] == "200: 6"  # calls that a reader's script makes
    assert {"upload", "screen", "write"} <= {line.split(" | ")[1] for line in table if line.startswith("| readers | ")}


def test_a_reader_comes_to_a_saved_review(page: Served) -> None:
    """Film, context, draft and save go through the page's own events; the row has the reader's words."""
    reader = PageReader(port(page), own_words(3))
    crowd = visited(page, reader)
    assert (crowd.saved, crowd.refused.total(), crowd.refusals) == (1, 0, 0)
    assert page.reporter.contexts[0].indication == f"Cough since the {reader.words}"
    (row,) = page.store.reviews()
    assert [row.id] == reader.saved
    assert row.texts is not None
    assert row.texts.final.findings.endswith(f"Seen by the {reader.words}.")
    assert reader.crossings == 0
    assert len(reader.waiting.saves) == len(reader.waiting.drafts) == 1


def test_a_sentence_is_a_refusal(page: Served) -> None:
    """A reader whose draft fails until there is no more time is counted under the page's sentence."""
    page.reporter.failure = OutOfMemory("The draft did not fit in memory; try again.")
    crowd = visited(page, PageReader(port(page), own_words(4)))
    assert crowd.refused == {"The draft did not fit in memory; try again.": 1}
    assert (crowd.saved, crowd.failed.total()) == (0, 0)


def test_words_of_others_are_crossings(page: Served) -> None:
    """Whatever answer they stand in."""
    reader = PageReader(port(page), own_words(5))
    reader.watch_for({"nowhere said", "normal size"})  # of the recited report
    visited(page, reader)
    assert reader.crossings > 0


def test_own_words_are_of_one_reader() -> None:
    """Five hundred readers have a word each, and no word holds another one."""
    words = [own_words(number) for number in range(512)]
    assert len(set(words)) == 512
    assert len({len(word) for word in words}) == 1
