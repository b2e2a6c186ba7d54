"""What the frame of a Space says of the reader, for the page's own calls."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver import Chrome

from clinicalblip.asset_folder import ASSETS
from tests.fixtures.browser_marks import BROWSER

pytestmark = BROWSER

FRAME = """
window.supports_zerogpu_headers = arguments[0];
window.told = [];
window.parent = { postMessage: (said, origin, [port]) => {
  window.told.push([said, origin]);
  if (ANSWERS) port.postMessage({ "X-IP-Token": "who" });
} };
"""
ASK = "const done = arguments[0]; window.clinicalblipReader().then((headers) => done([headers, window.told]));"


@pytest.mark.parametrize(
    ("supports", "answers", "headers", "told"),
    [
        (True, True, {"X-IP-Token": "who"}, [["zerogpu-headers", "https://huggingface.co"]]),
        (True, False, {}, [["zerogpu-headers", "https://huggingface.co"]]),
        (False, True, {}, []),
    ],
)
def test_the_frame_of_a_space_names_the_reader(
    chromium: Callable[..., Chrome], supports: bool, answers: bool, headers: dict[str, str], told: list[Any]
) -> None:
    """Only the hub's frame is asked, only where it says that it answers, and a silent one is waited for two seconds."""
    browser = chromium()
    browser.get("data:text/html,<p>A page.</p>")
    browser.execute_script(FRAME.replace("ANSWERS", str(answers).lower()), supports)
    browser.execute_script((ASSETS / "lent_gpu.js").read_text(encoding="utf-8"))
    browser.set_script_timeout(20)
    assert browser.execute_async_script(ASK) == [headers, told]
