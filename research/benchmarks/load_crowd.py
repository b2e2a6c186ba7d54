"""Readers who come to the page at once, each with a film, and what became of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

import httpx

from research.benchmarks.load_cells import counted, longest, mebibytes
from research.benchmarks.page_process import PageProcess
from research.benchmarks.page_reader import PageReader, Refused

CROWD_COLUMNS = (
    *(
        "what",
        "readers",
        "saved",
        "refused by a sentence",
        "failed",
        "refusals on the way",
        "crossings",
        "rows on disk",
    ),
    *("peak memory MiB", "memory after MiB", "longest save s", "longest answer s", "drafts' wait s: median, longest"),
)

EVENT_COLUMNS = ("what", "event of the page", "calls", "median s", "longest s", "share of all waiting")

_AGAIN_SECONDS = 5.0
_SYLLABLES = ("ka", "vo", "li", "mu", "ze", "to", "ra", "ni")


@dataclass
class Crowd:
    """What became of readers who came at once: `failed` names what was no sentence."""

    saved: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    refusals: int = 0


def own_words(number: int) -> str:
    """A word that only this reader types, and that names nobody."""
    digits = [number // 64 % 8, number // 8 % 8, number % 8]
    return "qu" + "".join(_SYLLABLES[digit] for digit in digits)


async def visit(reader: PageReader, film: bytes, crowd: Crowd, until: float) -> None:
    """One reader from the film to the saved review; where the page says to try again, they do, until `until`."""
    async with reader.open():
        reader.type("context-indication", f"Cough since the {reader.words}")
        said = await _again_until(until, lambda: reader.upload(film), crowd)
        said = said or await _again_until(until, reader.draft, crowd)
        findings = f"{reader.value('findings')} Seen by the {reader.words}."
        said = said or await _again_until(until, lambda: reader.save(findings), crowd)
    if said:
        crowd.refused[said] += 1
    else:
        crowd.saved += 1


async def _again_until(until: float, step: Callable[[], Awaitable[None]], crowd: Crowd) -> str:
    """Try a step until it is done; gives what was said last where there was no more time."""
    while True:
        try:
            await step()
        except Refused as refused:
            if not str(refused).endswith("."):
                raise
            crowd.refusals += 1
            if time.monotonic() > until:
                return str(refused)
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return ""


def event_rows(what: str, readers: Sequence[PageReader]) -> list[list[str]]:
    """Where the readers' time goes: a row for each event that took a hundredth of all waiting or more."""
    took: dict[str, list[float]] = {}
    for reader in readers:
        for name, seconds in reader.waiting.events.items():
            took.setdefault(name, []).extend(seconds)
    total = sum(map(sum, took.values()))
    return [
        [what, name, str(len(each)), f"{median(each):.2f}", f"{max(each):.2f}", f"{sum(each) / total:.0%}"]
        for name, each in sorted(took.items(), key=lambda item: -sum(item[1]))
        if sum(each) >= total / 100
    ]


async def measure_crowd(
    page: PageProcess, what: str, films: Sequence[bytes], seconds: float
) -> tuple[list[str], list[list[str]]]:
    """Readers at once, each with a film; a row of the first table, and those of the second."""
    readers = [PageReader(page.port, own_words(number)) for number in range(len(films))]
    introduce(readers)
    crowd, before, until = Crowd(), len(page.saved()), time.monotonic() + 0.8 * seconds
    page.peak()

    async def come(reader: PageReader, film: bytes) -> None:
        try:
            async with asyncio.timeout(seconds):
                await visit(reader, film, crowd, until)
        except (Refused, httpx.HTTPError, TimeoutError) as error:
            crowd.failed[str(error) or type(error).__name__] += 1

    await asyncio.gather(*(come(reader, film) for reader, film in zip(readers, films, strict=True)))
    peak = page.peak()
    rows = page.saved()
    kept = sum(all(reader.words in rows.get(saved, "") for saved in reader.saved) for reader in readers if reader.saved)
    drafts = sorted(seconds for reader in readers for seconds in reader.waiting.drafts)
    waits = f"{drafts[len(drafts) // 2]:.1f}, {drafts[-1]:.1f}" if drafts else "none"
    row = [
        *(what, str(len(readers)), str(crowd.saved), counted(crowd.refused), counted(crowd.failed)),
        *(str(crowd.refusals), str(sum(reader.crossings for reader in readers))),
        f"{kept} of {len(rows) - before}",
        *(mebibytes(peak), mebibytes(page.memory())),
        longest(reader.waiting.saves for reader in readers),
        longest(reader.waiting.answers for reader in readers),
        waits,
    ]
    return row, event_rows(what, readers)


def introduce(readers: Sequence[PageReader]) -> None:
    """Tell each reader the words of the others, which none of their answers may hold."""
    for reader in readers:
        reader.watch_for({other.words for other in readers} - {reader.words})
