"""What films cost in the browser: bytes, the first picture, the whole film, and a change of the window.

    python -m research.benchmarks.page [--side 3000] [--changes 40] [--output FILE]

The page runs as app.py starts it, on loopback, and Chromium shows a drawn film of `side` x `side` pixels and 16 bits,
once with WebGL2 and once without, so with the 2D canvas. Times are the browser's own: of the first picture and the
whole film from the moment the file is chosen, reading on the server included; of a window change until it is drawn.
Without a graphics card Chromium draws WebGL2 on the CPU; the table names what drew. Nothing else should run beside it.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from research.benchmarks.page_process import PageProcess
from research.benchmarks.processor import cpu_name

_FLAGS: Final = ("--headless=new", "--no-sandbox", "--no-first-run", "--window-size=1440,900")
RENDERERS: Final = {
    "WebGL2": ("--enable-unsafe-swiftshader",),
    "2D canvas": ("--disable-3d-apis",),
}
_SECONDS: Final = 120.0

_WHOLE: Final = "return Boolean(window.clinicalblip?.viewer?.films.of('frontal')?.whole)"
_TIMES: Final = """
    const marks = (name) => performance.getEntriesByName(`clinicalblip ${name} frontal`);
    const mark = (name) => marks(name).at(-1).startTime - window.chosen;
    const parts = performance.getEntriesByType("resource").filter(({name}) => name.includes("/films/"));
    const bytes = (size) => parts.filter(({name}) => name.endsWith(size)).at(-1).encodedBodySize;
    return {first: mark("first"), whole: mark("whole"), preview_bytes: bytes("preview"), whole_bytes: bytes("whole")};
"""
_CHANGES: Final = """
    const pane = window.clinicalblip.viewer.panes.current, {film, renderer} = pane, times = [];
    if (arguments[1]) pane.viewport.oneToOne(); else pane.viewport.fit();
    pane.draw();
    renderer.finish();
    for (let change = 0; change < arguments[0]; change++) {
      const begun = performance.now();
      pane.setWindow(film.centre + 40 * change, film.width / 2 + 10 * change);
      pane.draw();
      renderer.finish();
      times.push(performance.now() - begun);
    }
    return {times, device: renderer.device || renderer.name, name: renderer.name};
"""


def write_film(path: Path, side: int) -> None:
    """Write a PNG of 16 bits: smooth shapes with the noise of a detector, so that it packs as a film does."""
    down, across = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    chest = 30000 * np.exp(-((across / 0.7) ** 4) - (down / 0.9) ** 4) * (1 - 0.6 * np.exp(-((across / 0.2) ** 2)))
    noise = np.random.default_rng(0).normal(0, 120, (side, side))
    Image.fromarray(np.clip(3000 + chest + noise, 0, 65535).astype(np.uint16)).save(path)


def measure(url: str, film: Path, flags: Sequence[str], changes: int) -> dict[str, Any]:
    """Show the film in a new Chromium; gives milliseconds, bytes and what drew. Raises TimeoutError."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*_FLAGS, *flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            browser.get(url)
            wait_for(lambda: bool(browser.find_elements(By.CSS_SELECTOR, ".cb-ready #film-frontal")))
            browser.execute_script("window.chosen = performance.now()")
            browser.find_element(By.ID, "film-frontal").send_keys(str(film))
            wait_for(lambda: bool(browser.execute_script(_WHOLE)))
            found: dict[str, Any] = browser.execute_script(_TIMES)
            for place, at_full_size in (("fit", False), ("1:1", True)):
                said = browser.execute_script(_CHANGES, changes, at_full_size)
                found |= {place: statistics.median(said["times"]), "device": said["device"], "name": said["name"]}
            return found
        finally:
            browser.quit()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raises TimeoutError after two minutes."""
    end = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"the page was not ready within {_SECONDS:.0f} s")
        time.sleep(0.02)


def table(found: dict[str, dict[str, Any]], side: int) -> str:
    """The figures as a table in Markdown."""
    rows = {
        "drawn by": lambda one: one["device"],
        "first picture, ms": lambda one: f"{one['first']:.0f}",
        "whole film, ms": lambda one: f"{one['whole']:.0f}",
        "bytes of the first picture": lambda one: f"{one['preview_bytes']:,}",
        "bytes of the whole film": lambda one: f"{one['whole_bytes']:,}",
        "a window change, whole film in sight, ms": lambda one: f"{one['fit']:.1f}",
        "a window change at 1:1, ms": lambda one: f"{one['1:1']:.1f}",
    }
    lines = [f"| a film of {side} x {side}, 16 bits | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(say(one) for one in found.values())} |" for name, say in rows.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=3000)
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, PageProcess() as page:
        film = Path(folder) / "film.png"
        write_film(film, given.side)
        url = f"http://127.0.0.1:{page.port}/"
        found = {name: measure(url, film, flags, given.changes) for name, flags in RENDERERS.items()}
    print(f"{cpu_name()}\n\n{table(found, given.side)}")
    if given.output is not None:
        given.output.write_text(
            json.dumps({"cpu": cpu_name(), "side": given.side, **found}, indent=2), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
