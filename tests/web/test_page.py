"""How the page is served."""

from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web.page import launch_arguments


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
