"""Calls that Gradio cannot take, on every endpoint: no word of them is written anywhere.

The page runs in a process of its own that logs everything at DEBUG with warnings on.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio.routes
import httpx
import pytest

from clinicalblip.web.middleware import wording
from tests.fixtures.page_process import PageProcess, page_processes

pytestmark = pytest.mark.system  # a page in a process of its own

WORD = "Zebraword"
KEY = f"{WORD}key"
NESTED: Any = {KEY: [[{KEY: WORD}, WORD], {"path": f"/tmp/{WORD}.dcm", "meta": {"_type": "gradio.FileData"}}]}
FILE = {"path": f"/tmp/{WORD}.dcm", "orig_name": f"{WORD}.dcm", "meta": {"_type": "gradio.FileData"}}
HEADERS = {
    "X-Word": WORD,
    "User-Agent": WORD,
    "Referer": f"http://{WORD}/",
    "Cookie": f"{KEY}={WORD}; session={WORD}",
    "X-Gradio-User": WORD,
    "Authorization": f"Bearer {WORD}",
}


def _body(data: Any, **more: Any) -> bytes:
    return json.dumps({"data": data, "session_hash": f"{WORD}hash", **more}).encode()


def malformed(number: int) -> list[bytes]:
    """Twenty bodies of a call that takes `number` values; none is as it has to be."""
    some = [WORD] * number
    return [
        _body(some[:-1]),
        _body([*some, WORD]),
        _body([]),
        _body([NESTED] * number),
        _body([FILE] * number),
        _body([[WORD, [WORD]]] * number),
        _body([10**400] * number),
        _body([float("nan")] * number),
        _body([f"{WORD}\ud800"] * number),
        _body([None, WORD]),
        _body(WORD),
        _body({KEY: WORD}),
        _body(some, event_data={KEY: WORD}, trigger_id=WORD),
        _body(some, fn_index=WORD),
        _body(some, session_hash={KEY: WORD}),
        _body(some, session_hash=f"{WORD}/../\n{WORD}"),
        _body(some, event_id=WORD, simple_format=WORD, batched=WORD, oauth_token=WORD),
        json.dumps([WORD, {KEY: WORD}]).encode(),
        f'{{"data": ["{WORD}", '.encode(),
        f'{{"{KEY}": '.encode() + b"\xff\xfe" + WORD.encode(),
    ]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[PageProcess]]:
    """A page as it is served, and one whose logs are as Gradio leaves them."""
    with page_processes(tmp_path_factory.mktemp("quiet"), {}, {"loud": True}) as pages:
        yield pages


@pytest.fixture
def page(pages: list[PageProcess]) -> PageProcess:
    """The page as it is served."""
    return pages[0]


@pytest.fixture
def client(page: PageProcess) -> Iterator[httpx.Client]:
    """A program that plants the word into every request's headers."""
    with httpx.Client(base_url=page.url, headers=HEADERS, timeout=20) as client:
        yield client


def post(client: httpx.Client, url: str, **sent: Any) -> int:
    """Send what no client would, and give the answer's status; 0 where the server closes instead of reading it."""
    try:
        return client.post(url, **sent).status_code
    except httpx.TransportError:
        return 0


def written(page: PageProcess) -> list[str]:
    """The lines with the word in them, in any case."""
    return [line[:300] for line in page.output().splitlines() if WORD.lower() in line.lower()]


def test_no_malformed_call_of_any_event_is_written_down(page: PageProcess, client: httpx.Client) -> None:
    """Twenty bodies for every event, by every way that an event can be called: by its name and by its number."""
    dependencies = client.get("/config").json()["dependencies"]
    assert len(dependencies) > 40
    ways = ["/gradio_api/run/{name}", "/gradio_api/api/{name}"] * 10
    ways[0] = ways[3] = "/gradio_api/queue/join"  # a few only: after each Gradio spends long on counting its events
    ways[1] = ways[4] = "/gradio_api/call/{name}"
    answers: set[int] = set()
    for event in dependencies:
        name = event["api_name"] or "predict"
        for number, body in enumerate(malformed(max(len(event["inputs"]), 1))):
            numbered = body.replace(b'"data"', f'"fn_index": {event["id"]}, "data"'.encode(), 1)
            url, sent = ways[number].format(name=name), numbered if number % 5 else body
            answers.add(post(client, url, content=sent, headers={"Content-Type": "application/json"}))
    assert answers >= {200, 422, 500}
    assert written(page) == []


def test_no_malformed_request_to_any_other_route_is_written_down(page: PageProcess, client: httpx.Client) -> None:
    """Every route of Gradio's with the word in its path, its query, its body and its form."""
    source = Path(gradio.routes.__file__).read_text(encoding="utf-8")
    paths = set(re.findall(r"@(?:app|router)\.(?:get|post|head|put|delete)\(\s*\"([^\"]+)\"", source))
    assert {"/queue/data", "/component_server", "/cancel", "/upload", "/reset", "/heartbeat/{session_hash}"} <= paths
    bodies = (malformed(2)[0], malformed(2)[11], malformed(2)[18], json.dumps({"session_hash": WORD}).encode())
    for path in sorted(paths - {"/heartbeat/{session_hash}"}):
        filled = re.sub(r"\{[^}]*\}", WORD, path)
        for prefix in ("", "/gradio_api"):
            for query in ({}, {"session_hash": WORD, KEY: WORD, "upload_id": WORD, "fn": WORD}):
                with suppress(httpx.TransportError):  # some answer only when something happens
                    client.get(prefix + filled, params=query, timeout=0.3)
        for body in bodies:
            post(client, f"/gradio_api{filled}", content=body, headers={"Content-Type": "application/json"})
    for fn in (WORD, "preprocess", "__init__"):
        sent = {"component_id": 1, "fn_name": fn, "session_hash": WORD, "data": NESTED}
        post(client, "/gradio_api/component_server", json=sent)
        post(client, "/gradio_api/component_server", data={"component_id": WORD, "fn_name": fn, KEY: WORD})
    assert written(page) == []


def test_no_malformed_upload_is_written_down(page: PageProcess, client: httpx.Client) -> None:
    """Names of fields and files, boundaries, and forms that end in the middle."""
    url = "/gradio_api/upload"
    post(client, url, files={"files": (f"{WORD}.dcm", WORD.encode())})
    post(client, url, files={KEY: (f"../{WORD}\0.dcm", WORD.encode())}, params={"upload_id": WORD})
    post(client, url, data={KEY: WORD})
    form = f'--x\r\nContent-Disposition: form-data; name="{KEY}"; filename="{WORD}"\r\n{KEY}: {WORD}\r\n\r\n{WORD}'
    for kind in (f"multipart/form-data; boundary={WORD}", "multipart/form-data; boundary=x", f"text/{WORD}", WORD):
        for end in ("", "\r\n--x", "\r\n--x--\r\n", "\r\n--x--trailing\r\n"):
            post(client, url, content=(form + end).encode(), headers={"Content-Type": kind})
    assert written(page) == []


def test_no_error_of_any_kind_is_written_down_with_its_text(page: PageProcess) -> None:
    """Uncaught in threads, tasks and destructors, warned of, printed and logged: its type and its place alone."""
    page.ask(what="raise", word=WORD)
    said = page.output()
    for part in (
        "uncaught in a thread: ValueError at ",
        "ignored: ValueError at ",
        "ERROR asyncio MainThread asyncio at ",
        "UserWarning at fixtures/page_process.py:",
        "something was printed at gradio/routes.py:",
        "an error of ours: KeyError at fixtures/page_process.py:",
        "uncaught: KeyError at ",
        "CRITICAL python_multipart.multipart MainThread python_multipart.multipart at ",
    ):
        assert part in said
    assert "DEBUG python_multipart" not in said
    assert written(page) == []


def test_as_json_every_line_is_an_object_and_no_text_is_in_it(tmp_path: Path) -> None:
    """Errors of every kind, calls and uploads that are none, uvicorn's lines and ours."""
    with page_processes(tmp_path, {"json": True}) as (page,):
        with httpx.Client(base_url=page.url, headers=HEADERS, timeout=20) as client:
            for body in malformed(2):
                for route in ("run/save_review", "queue/join", "upload"):
                    post(client, f"/gradio_api/{route}", content=body, headers={"Content-Type": "application/json"})
        page.ask(what="raise", word=WORD)
    lines = (page.folder / "stderr").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    assert {tuple(one) for one in said} == {("time", "level", "logger", "message")}
    messages = "\n".join(one["message"] for one in said)
    for part in ("uncaught in a thread: ValueError at ", "UserWarning at ", "an error of ours: KeyError at "):
        assert part in messages
    assert {"asyncio", "clinicalblip.web", "python_multipart.multipart"} <= {one["logger"] for one in said}
    assert written(page) == []
    assert "127.0.0.1" not in messages


def test_a_page_of_an_earlier_version_that_sends_one_value_too_few_is_not_written_down(
    pages: list[PageProcess],
) -> None:
    """It is told to reload the page, before Gradio, which would print every value, has the call."""
    for page in pages:
        with httpx.Client(base_url=page.url, timeout=20) as client:
            saving = next(
                one for one in client.get("/config").json()["dependencies"] if one["api_name"] == "save_review"
            )
            values = ["draft", *[f"{WORD} final {number}" for number in range(len(saving["inputs"]) - 2)]]
            queued = {"data": values, "fn_index": saving["id"], "session_hash": "earlier"}
            for route, call in (("run/save_review", {"data": values}), ("queue/join", queued)):
                answer = client.post(f"/gradio_api/{route}", json=call)
                assert (answer.status_code, answer.json()["detail"]) == (422, wording.OLD_PAGE)
        assert written(page) == []
