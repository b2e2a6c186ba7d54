"""What a reading session costs: until the page is there, from one study to the next, a key stroke, and memory.

    python -m research.benchmarks.page_session [--rounds N] [--sessions 1 50 200] [--side 2048] [--output FILE]

The page runs as app.py starts it, on loopback, with a list of drawn studies and `worklist.draft_ahead: 1`. In Chromium:
the first paint and when films can be chosen, from the beginning of the navigation, in a browser that has nothing
cached; from the key N until the next study's whole film and its draft are there; and from a key stroke until it is
painted (Event Timing), while drafts are written and while none is. Memory is resident bytes of server and workers once
so many sessions hold a film of `side` pixels each, in a process of its own. Nothing else should run beside it;
`--rounds 0` measures memory alone, for which that does not matter.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from selenium import webdriver
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from research.benchmarks.draft_all import write_studies
from research.benchmarks.load_crowd import own_words
from research.benchmarks.load_films import drawn_film
from research.benchmarks.page import wait_for
from research.benchmarks.page_process import PageProcess
from research.benchmarks.page_reader import PageReader
from research.benchmarks.processor import cpu_name

STUDIES: Final = 12
_FLAGS: Final = ("--headless=new", "--no-sandbox", "--no-first-run", "--window-size=1440,900")
_READY: Final = ".cb-ready #film-frontal"
# Runs before the page's own scripts: when films can be chosen, and how long each key stroke took to be painted.
_WATCH: Final = f"""
    window.strokes = [];
    new PerformanceObserver((list) => {{
      for (const entry of list.getEntries()) if (entry.name === "keydown") strokes.push(entry.duration);
    }}).observe({{ type: "event", durationThreshold: 16, buffered: true }});
    const looking = setInterval(() => {{
      if (!document.querySelector("{_READY}")) return;
      window.usable = performance.now();
      clearInterval(looking);
    }}, 10);
"""
_PAINTED: Final = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
# From the key until film and draft of another study are there: gives milliseconds.
_NEXT: Final = """
    const done = arguments[0], begun = performance.now();
    const draft = () => document.querySelector("#draft-id :is(textarea, input)").value, before = draft();
    const film = () => window.clinicalblip.viewer.films.of("frontal"), shown = film();
    document.activeElement.blur();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
    const looking = setInterval(() => {
      if (draft() === before || !/^[0-9a-f]{32}$/.test(draft()) || film() === shown || !film()?.whole) return;
      clearInterval(looking);
      done(performance.now() - begun);
    }, 5);
"""


def open_browser(profile: str) -> Chrome:
    """A Chromium that has nothing cached, with `_WATCH` in every page."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
    browser.set_script_timeout(60)
    return browser


def measure_arrival(url: str) -> dict[str, float]:
    """First paint, and when films can be chosen, in milliseconds."""
    with tempfile.TemporaryDirectory() as profile:
        browser = open_browser(profile)
        try:
            browser.get(url)
            wait_for(lambda: bool(browser.execute_script("return window.usable")))
            return {
                "first paint": browser.execute_script(_PAINTED),
                "films can be chosen": browser.execute_script("return window.usable"),
            }
        finally:
            browser.quit()


def measure_reading(url: str, rounds: int) -> dict[str, list[float]]:
    """The next study with its draft ahead, and key strokes beside drafts and without, in milliseconds."""
    with tempfile.TemporaryDirectory() as profile:
        browser = open_browser(profile)
        try:
            browser.get(url)
            wait_for(lambda: bool(browser.find_elements(By.CSS_SELECTOR, _READY)))
            browser.find_element(By.CSS_SELECTOR, ".cb-list-reader button").click()
            wait_for(lambda: bool(browser.find_elements(By.CSS_SELECTOR, ".cb-list li button")))
            browser.find_element(By.CSS_SELECTOR, ".cb-list li button").click()
            wait_for(lambda: bool(browser.find_elements(By.CSS_SELECTOR, ".cb-has-film")))
            wait_for(lambda: not browser.find_elements(By.CSS_SELECTOR, ".cb-looking"))  # no draft before that
            browser.find_element(By.ID, "draft").click()  # studies are prepared ahead of a reader who drafts
            wait_for(lambda: bool(browser.find_elements(By.CSS_SELECTOR, ".cb-sentence")))
            found: dict[str, list[float]] = {"the next study, its draft ahead": []}
            for _ in range(rounds):
                time.sleep(5.0)  # what is prepared ahead is ready
                found["the next study, its draft ahead"].append(browser.execute_async_script(_NEXT))
            found["a key stroke, nothing written"] = _strokes(browser, drafts=0)
            found["a key stroke beside drafts"] = _strokes(browser, drafts=4)
            return found
        finally:
            browser.quit()


def _strokes(browser: Chrome, *, drafts: int) -> list[float]:
    """Type a sentence into the comment, beside drafts or not; strokes under 16 ms, which have no entry, count as 16."""
    sentence = "the side is wrong and the heart is not large "
    browser.find_element(By.CSS_SELECTOR, "#comment textarea").click()
    browser.execute_script("window.strokes.length = 0")
    typed = 0
    for number in range(max(1, drafts)):
        if drafts:
            browser.execute_script("document.querySelector('#draft').click()")
        for letter in sentence:
            ActionChains(browser, duration=0).send_keys(letter).perform()
        typed += len(sentence)
        if drafts and number + 1 < drafts:
            time.sleep(1.0)
    time.sleep(1.0)
    slow: list[float] = browser.execute_script("return window.strokes")
    return [*slow, *[16.0] * (typed - len(slow))]


async def _hold(page: PageProcess, sessions: int, film: bytes) -> int:
    """Resident bytes once so many sessions hold a film each."""
    async with AsyncExitStack() as stack:
        for number in range(sessions):
            reader = await stack.enter_async_context(PageReader(page.port, own_words(number)).open())
            await reader.upload(film)
        await asyncio.sleep(2.0)
        return page.memory()


def measure_memory(sessions: int, film: bytes) -> int:
    """Resident bytes of a page of its own with so many sessions; 0 sessions are the page alone."""
    with PageProcess(CLINICALBLIP_LIMITS_FILMS_MEBIBYTES="4096") as page:
        return asyncio.run(_hold(page, sessions, film))


def _milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f}) ms"


def measure_browser(rounds: int) -> dict[str, list[float]]:
    """All that is timed in Chromium, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        studies = Path(folder) / "studies.jsonl"
        write_studies(studies, STUDIES)
        ahead = {"CLINICALBLIP_WORKLIST_STUDIES": str(studies), "CLINICALBLIP_WORKLIST_DRAFT_AHEAD": "1"}
        with PageProcess(**ahead) as page:
            url = f"http://127.0.0.1:{page.port}/"
            time.sleep(5.0)  # the model is loaded
            arrivals = [measure_arrival(url) for _ in range(rounds)]
            reading = measure_reading(url, rounds)
    return {**{name: [one[name] for one in arrivals] for name in arrivals[0]}, **reading}


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    found = measure_browser(given.rounds) if given.rounds else {}
    film = drawn_film(0, given.side, noise=40)
    memory = {sessions: measure_memory(sessions, film) for sessions in (0, *given.sessions)}
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {cpu_name()}; medians and ranges"]
    if found:
        lines += ["", "| in the browser | |", "|---|---|"]
        lines += [f"| {name} | {_milliseconds(values)} |" for name, values in found.items()]
    lines += ["", f"| sessions with a film of {given.side} x {given.side} each | resident memory |", "|---:|---:|"]
    lines += [f"| {sessions} | {held / 2**20:.0f} MiB |" for sessions, held in memory.items()]
    print("\n".join(lines))
    if given.output is not None:
        given.output.write_text(json.dumps({"cpu": cpu_name(), **found, "memory": memory}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
