"""Half a character, which a browser sends where an emoji was cut in two, is replaced at every endpoint."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import Settings
from clinicalblip.web.page import build_page
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

HALF = "heart\ud83d large"
WHOLE = "heart\ufffd large"


def test_by_program(serve: Callable[..., Served]) -> None:
    """The answer holds U+FFFD in its place; before, no answer could be written."""
    page = serve()
    answered = httpx.post(
        f"{page.url}gradio_api/run/compare",
        content=json.dumps({"data": [HALF, "heart small"]}),
        headers={"content-type": "application/json"},
    )
    changes = answered.json()["data"][0]["changes"]
    assert "".join(change["before"] for change in changes) == WHOLE


def test_on_the_page(store: ReviewStore, reporter: ScriptedReporter, tmp_path: Path) -> None:
    """What any handler of the page answers to half a character can be sent."""
    location = StoragePath(tmp_path / "reviews.sqlite3", persistent=True)
    blocks = build_page(Settings(), reporter, store, location)
    asked = 0
    for event in blocks.fns.values():
        if event.api_visibility != "private" or event.fn is None or not event.inputs:
            continue
        values: list[Any] = [HALF if isinstance(box, gr.Textbox) else True for box in event.inputs]
        if HALF not in values or not hasattr(event.fn, "__self__") or event.inputs_as_dict:
            continue
        answer = event.fn(gr.Request(session_hash="halves"), *values)
        for updates in [answer] if isinstance(answer, dict) else list(answer):
            for update in updates.values():
                str(update.get_config() if isinstance(update, gr.blocks.Block) else update).encode()
        asked += 1
    assert asked >= 3
    blocks.close(verbose=False)
