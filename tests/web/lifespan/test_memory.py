"""After the grace no live object of the server's process holds a word of a reader who left.

The page runs in a process of its own, which walks all its objects from their roots.
"""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from clinicalblip.web.middleware.uploads import PAGE_HEADER
from tests.fixtures.page_process import PageProcess, page_processes
from tests.fixtures.page_protocol import PageReader
from tests.fixtures.served_page import until

pytestmark = pytest.mark.system  # two pages in processes of their own

WORD = "Zebraword"
BOXES = (
    *("context_indication", "context_history", "context_technique", "context_comparison", "context_prior_report"),
    *("context_hints", "reference_findings", "reference_impression"),
)
PIXELS = "Zebrafilm "  # two letters a pixel


def planted_film() -> bytes:
    """A film with a word in the values of its pixels, in rows."""
    values = np.linspace(2000, 60000, 128 * 128).reshape(128, 128).astype(np.uint16)
    values[::16, : len(PIXELS) * 5] = np.frombuffer((PIXELS * 10).encode(), np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[PageProcess]]:
    """A page that forgets soon who left, and one that soon forgets who only fell silent."""
    options = {"grace": 0.5}, {"idle": 4.0, "sweep": 0.2}
    with page_processes(tmp_path_factory.mktemp("memory"), *options) as pages:
        yield pages


@pytest.fixture
def page(pages: list[PageProcess]) -> PageProcess:
    """The page that forgets soon who left."""
    return pages[0]


@pytest.fixture
def short_page(pages: list[PageProcess]) -> PageProcess:
    """The page that soon forgets who fell silent."""
    return pages[1]


def held(page: PageProcess) -> int:
    """How many of the two planted words the page's process holds."""
    return len(page.ask(what="find", backwards=[WORD[::-1], (PIXELS * 2)[::-1]], ways=False))


def held_where(page: PageProcess) -> str:
    """Where the page's process holds a planted word, a place a line."""
    return "\n".join(page.ask(what="find", backwards=[WORD[::-1], (PIXELS * 2)[::-1]], ways=True)[:12])


def gone(page: PageProcess) -> bool:
    """Whether every session is dropped, and what Gradio keeps of it."""
    return bool(page.ask(what="sessions") == {"ours": [], "gradio": []})


def test_nothing_of_a_reader_who_left_is_held(page: PageProcess) -> None:
    """Words in every box, a file's name and the film itself: there before the page is closed, and nowhere after."""
    reader = PageReader(page.url)
    path = reader.upload(f"{WORD}-file.png", planted_film())
    reader.call("upload", {"file": path, "role": "frontal"})
    reader.call("screen")
    reader.set(**{box: f"{WORD} {box}." for box in BOXES})
    reader.call("ask")
    reader.stream("write")
    assert "heart" in reader.get("findings")
    reader.set(findings=f"{reader.get('findings')} {WORD} agrees.", comment=f"{WORD} comment", consent=True)
    reader.set(overall=3, verdict="minor edits")
    reader.call("compare_1")
    reader.call("save")
    assert "Saved as" in reader.get("saved")
    assert held(page) == 2
    reader.leave()
    assert until(lambda: gone(page))
    assert held_where(page) == ""


def test_nothing_of_a_program_that_left_is_held(page: PageProcess, tmp_path: Path) -> None:
    """gradio_client: its texts, its answers and its file's name; also of a call that failed."""
    film = tmp_path / f"{WORD}-file.png"
    film.write_bytes(planted_film())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = Client(page.url, verbose=False)
        draft = client.predict(handle_file(str(film)), indication=f"{WORD} cough", api_name="/draft")
        client.predict(draft["draft_id"], f"{WORD} final", "", 3, "minor edits", WORD, True, api_name="/save_review")
        client.predict(f"{WORD} before", f"{WORD} after", api_name="/compare")
        with pytest.raises(Exception, match="overall"):
            client.predict(draft["draft_id"], WORD, WORD, 77, "accepted", api_name="/save_review")
        assert held(page)  # a program's films go with its call
        client.close()
    assert until(lambda: gone(page))
    assert held_where(page) == ""


def draft(url: str, path: str, **more: Any) -> str:
    """Ask for a draft as a program without gradio_client does, and give the number of the call."""
    film = {"path": path, "meta": {"_type": "gradio.FileData"}}
    data = [film, None, None, f"{WORD} cough", "", "", "", "", "", False, False, ""]
    return str(httpx.post(f"{url}/gradio_api/call/draft", json={"data": data, **more}).json()["event_id"])


def uploaded(url: str) -> str:
    """Upload a film."""
    files = {"files": (f"{WORD}-file.png", planted_film())}
    return str(httpx.post(f"{url}/gradio_api/upload", files=files, headers={PAGE_HEADER: "1"}).json()[0])


def test_nothing_of_a_program_that_fell_silent_is_held(short_page: PageProcess) -> None:
    """Neither a session key nor a goodbye, and one answer that nobody fetched: all of it goes after the idle time."""
    url = short_page.url
    event = draft(url, uploaded(url))
    answer = httpx.get(f"{url}/gradio_api/call/draft/{event}", timeout=30).text
    assert "event: complete" in answer
    draft(url, uploaded(url))
    httpx.post(f"{url}/gradio_api/run/save_review", json={"data": [WORD], "session_hash": f"{WORD}-made-up"})
    assert held(short_page)
    assert until(lambda: gone(short_page))
    assert held_where(short_page) == ""


def test_made_up_keys_drop_no_reader(page: PageProcess) -> None:
    """A hundred and twenty keys that have no session: the reader's values are kept, of theirs the last few."""
    reader = PageReader(page.url)
    reader.call("screen")
    with httpx.Client(base_url=page.url, timeout=30) as client:
        for number in range(120):
            sent = {"data": ["a", "b"], "session_hash": f"made-up-{number}"}
            assert client.post("/gradio_api/run/compare", json=sent).status_code == 200
    keys = page.ask(what="sessions")["gradio"]
    assert reader.key in keys
    assert 10 < len(keys) < 100
    assert keys[-1] == "made-up-119"
    reader.leave()
