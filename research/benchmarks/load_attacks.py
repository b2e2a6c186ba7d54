"""Hostile requests of one kind after the other, beside five readers who go on working."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from research.benchmarks.hostile_requests import ATTACKS, Attack, Target
from research.benchmarks.load_cells import counted, longest, mebibytes
from research.benchmarks.load_crowd import introduce, own_words
from research.benchmarks.load_films import drawn_film
from research.benchmarks.page_process import PageProcess
from research.benchmarks.page_reader import PageReader, Refused

WORKING_READERS = 5

HOSTILE_COLUMNS = (
    *("kind", "sent", "answered", "s", "peak memory MiB", "log bytes", "readers' longest answer s"),
    *("readers' saves on disk", "lost"),
)


@dataclass
class Shift:
    """The five readers who work while others attack, and what they lost, by the sentence that said so."""

    readers: list[PageReader]
    lost: Counter[str] = field(default_factory=Counter)
    edits: int = 0

    async def work(self, ended: asyncio.Event) -> None:
        """Type, compare and save over and over, each reader on their own."""
        await asyncio.gather(*(self._work(reader, ended) for reader in self.readers))

    async def _work(self, reader: PageReader, ended: asyncio.Event) -> None:
        while not ended.is_set():
            await self._do(reader)
            await asyncio.sleep(0.5)

    async def _do(self, reader: PageReader) -> None:
        self.edits += 1
        try:
            await reader.save(f"Edit {self.edits} of the {reader.words}.")
        except (Refused, httpx.HTTPError) as error:
            self.lost[str(error) or type(error).__name__] += 1

    async def check(self) -> None:
        """Whether films and drafts are still there: the viewer is told of the film, and it can be drafted anew."""
        for reader in self.readers:
            reader.type("viewer", None)
            try:
                await reader.screen()
                if not reader.film():
                    self.lost["the film"] += 1
                if reader.value("context-indication") != f"Cough since the {reader.words}":
                    self.lost["the context"] += 1
                await reader.draft()
            except (Refused, httpx.HTTPError) as error:
                self.lost[str(error) or type(error).__name__] += 1


async def measure_attack(page: PageProcess, shift: Shift, name: str, count: int, seconds: float) -> list[str]:
    """Hostile requests of one kind beside the five readers; a row of the second table."""
    attack, at_once = ATTACKS[name]
    reader = shift.readers[0]
    typing, drafting = (reader.event(*named) for named in (("compare", "click"), ("ticket", "change")))
    target = Target(page.port, typing, reader.inputs_of(typing), drafting)
    answers: Counter[str] = Counter()
    shift.lost.clear()
    for reader in shift.readers:
        reader.waiting.answers.clear()
    log, begun, ended = page.log_bytes(), time.monotonic(), asyncio.Event()
    page.peak()
    working = asyncio.create_task(shift.work(ended))
    try:
        async with asyncio.timeout(seconds):
            await _attack(attack, target, count, at_once, answers)
    except TimeoutError:
        answers["not sent in time"] = count - answers.total()
    taken = time.monotonic() - begun
    ended.set()
    await working
    peak, answered = page.peak(), longest(reader.waiting.answers for reader in shift.readers)
    await shift.check()
    rows = page.saved()
    saved = [(reader, identifier) for reader in shift.readers for identifier in reader.saved]
    on_disk = sum(reader.words in rows.get(identifier, "") for reader, identifier in saved)
    if crossings := sum(reader.crossings for reader in shift.readers):
        shift.lost["crossings"] = crossings
    if not page.running():
        shift.lost["the server"] += 1
    sent = count - answers["not sent in time"]
    return [
        *(name, str(sent), counted(answers), f"{taken:.1f}", mebibytes(peak), str(page.log_bytes() - log)),
        *(answered, f"{on_disk} of {len(saved)}", counted(shift.lost)),
    ]


async def _attack(attack: Attack, target: Target, count: int, at_once: int, answers: Counter[str]) -> None:
    numbers = iter(range(count))

    async def attacker() -> None:
        for number in numbers:
            answers[await attack(target, number)] += 1

    await asyncio.gather(*(attacker() for _ in range(min(at_once, count))))


async def measure_attacks(page: PageProcess, kinds: Sequence[str], count: int, seconds: float) -> list[list[str]]:
    """All kinds, one after the other, beside the same five readers."""
    readers = [PageReader(page.port, own_words(500 + number)) for number in range(WORKING_READERS)]
    introduce(readers)
    async with AsyncExitStack() as stack:
        for number, reader in enumerate(readers):
            await stack.enter_async_context(reader.open())
            reader.type("context-indication", f"Cough since the {reader.words}")
            await reader.upload(drawn_film(number, 1024, noise=12))
            await reader.draft()
        shift = Shift(readers)
        return [await measure_attack(page, shift, kind, count, seconds) for kind in kinds]
