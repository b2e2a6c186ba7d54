"""How the page is bound and served."""

from pathlib import Path

from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web.page import build_page, launch_arguments
from tests.fixtures.scripted_reporter import ScriptedReporter


def test_an_unnamed_server_is_left_to_gradio() -> None:
    """An argument would beat GRADIO_SERVER_NAME, so there is none unless the settings name it."""
    arguments = launch_arguments(Settings())
    assert not {"server_name", "server_port"} & set(arguments)
    named = launch_arguments(Settings(server=ServerSettings(name="0.0.0.0", port=1234)))
    assert (named["server_name"], named["server_port"]) == ("0.0.0.0", 1234)


def test_gradios_open_doors_are_shut() -> None:
    """No share link, no history in the browser, no monitoring, no traceback on the page."""
    arguments = launch_arguments(Settings())
    assert not any(
        arguments[name] for name in ("share", "run_history", "enable_monitoring", "show_error", "mcp_server")
    )


def test_every_refused_call_of_the_page_is_answered_by_a_sentence(
    tmp_path: Path, reporter: ScriptedReporter, store: ReviewStore
) -> None:
    """Each event that calls the server has another one that shows why the server did not take the call."""
    page = build_page(Settings(), reporter, store, StoragePath(tmp_path / "reviews.sqlite3", persistent=True))
    events = [event for event in page.config["dependencies"] if event["api_visibility"] == "private"]
    closing = {event["id"] for event in events if any(name == "unload" for _, name in event["targets"])}
    calls = {event["id"] for event in events if event["backend_fn"]} - closing
    answered = {event["trigger_after"] for event in events if "failed()" in str(event["js"])}
    assert len(calls) > 20
    assert calls <= answered
