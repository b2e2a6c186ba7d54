"""Somebody at the page without a browser: the page's own events, called over HTTP as Gradio's script calls them.

A reader holds what stands in the components, presses what has a name, and follows the events that come after. Each
answer is looked through for words of other readers.
"""

import asyncio
import html
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

API = "/gradio_api"
UPLOAD_HEADERS = {"x-clinicalblip": "page"}
"""What a script of another page cannot send without asking: uploads need it."""

_CALL_SECONDS = 300.0  # longer than the server lets anybody wait
_REFUSED = 400


class Refused(Exception):
    """The page, or what stands before it, said no; the message is its sentence, or empty."""


@dataclass
class Waiting:
    """Seconds that a reader waited: for each answer, for each save, for each draft from the press to the last word.

    `events` holds, by the name of the page's handler, what each of its calls took, waiting in Gradio's queue included.
    """

    answers: list[float] = field(default_factory=list)
    events: dict[str, list[float]] = field(default_factory=dict)
    saves: list[float] = field(default_factory=list)
    drafts: list[float] = field(default_factory=list)


class PageReader:
    """One open page. `words`: what only this reader types; `crossings`: answers that held words of others."""

    def __init__(self, port: int, words: str) -> None:
        self.words, self.crossings = words, 0
        self._foreign: re.Pattern[str] | None = None
        self.waiting = Waiting()
        self.saved: list[str] = []
        self._key = secrets.token_hex(8)
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            timeout=_CALL_SECONDS,
            limits=httpx.Limits(max_connections=None),
            verify=False,  # plain HTTP: no certificates need be loaded
        )
        self._values: dict[int, Any] = {}
        self._heartbeat: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["PageReader"]:
        """Open the page; it is left at the end."""
        async with self._client:
            await self._get("/")
            config = json.loads(await self._get("/config"))
            self._names = {part["props"]["elem_id"]: part["id"] for part in config["components"] if _named(part)}
            self._values = {part["id"]: _value(part) for part in config["components"]}
            self._events = {event["id"]: event for event in config["dependencies"]}
            self._heartbeat = asyncio.create_task(self._stay())
            try:
                yield self
            finally:
                self._heartbeat.cancel()
                with suppress(asyncio.CancelledError):
                    await self._heartbeat

    async def _stay(self) -> None:
        """Hold the connection by which the server knows that the page is open."""
        with suppress(httpx.HTTPError):
            async with self._client.stream("GET", f"{API}/heartbeat/{self._key}", timeout=None) as answer:
                async for _ in answer.aiter_raw():
                    pass

    async def _get(self, address: str) -> str:
        begun = time.monotonic()
        answer = await self._client.get(address)
        self.waiting.answers.append(time.monotonic() - begun)
        return self._checked(answer)

    def _checked(self, answer: httpx.Response) -> str:
        self._look_for_others(answer.text)
        if answer.status_code >= _REFUSED:
            raise Refused(_sentence(answer.text))
        return answer.text

    def _look_for_others(self, text: str) -> None:
        self.crossings += bool(self._foreign and self._foreign.search(text))

    def watch_for(self, words: Collection[str]) -> None:
        """Count answers that hold any of these words, which only others type."""
        self._foreign = re.compile("|".join(map(re.escape, words))) if words else None

    def value(self, name: str) -> Any:
        """What stands in the component of that name."""
        return self._values[self._names[name]]

    def said(self, name: str = "message") -> str:
        """What a component says, without markup."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.value(name) or "")).split())

    def type(self, name: str, value: Any) -> None:
        """Type into a box, or choose."""
        self._values[self._names[name]] = value

    async def press(self, name: str, event: str = "click", data: Any = None) -> None:
        """Make an event happen, and all that follow it."""
        target = [self._names[name], event]
        for number, known in self._events.items():
            if target in known["targets"]:
                await self._run(number, data)

    def event(self, name: str, event: str) -> int:
        """The number of the first event of that name on a component."""
        target = [self._names[name], event]
        return next(int(number) for number, known in self._events.items() if target in known["targets"])

    def inputs_of(self, number: int) -> list[Any]:
        """What stands in the components that an event reads."""
        return [self._values[component] for component in self._events[number]["inputs"]]

    async def _run(self, number: int, data: Any = None) -> None:
        event, ticket = self._events[number], self.value("ticket")
        if event["backend_fn"]:
            call = {
                "data": self.inputs_of(number),
                "fn_index": number,
                "session_hash": self._key,
                "event_data": data,
                "trigger_id": event["targets"][0][0] if event["targets"] else None,
            }
            begun = time.monotonic()
            answered = await (self._queue(call) if event["queue"] else self._call(call))
            self.waiting.events.setdefault(event["api_name"], []).append(time.monotonic() - begun)
            self._take(event["outputs"], answered)
        if self.value("ticket") != ticket:
            await self._draft()
        for later, known in self._events.items():
            if known["trigger_after"] == number and not known["trigger_only_on_failure"]:
                await self._run(later)

    async def _call(self, call: dict[str, Any]) -> Sequence[Any]:
        begun = time.monotonic()
        answer = await self._client.post(f"{API}/run/predict", json=call)
        self.waiting.answers.append(time.monotonic() - begun)
        given: list[Any] = json.loads(self._checked(answer))["data"]
        return given

    async def _queue(self, call: dict[str, Any]) -> Sequence[Any]:
        joined = json.loads(self._checked(await self._client.post(f"{API}/queue/join", json=call)))["event_id"]
        stream = self._client.stream("GET", f"{API}/queue/data", params={"session_hash": self._key})
        async with stream as messages:
            async for line in messages.aiter_lines():
                self._look_for_others(line)
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed" and message.get("event_id") == joined:
                    if not message["success"]:
                        raise Refused(str(message["output"].get("error") or ""))
                    done: list[Any] = message["output"]["data"]
                    return done
        raise Refused("")

    def _take(self, outputs: Sequence[int], answered: Sequence[Any]) -> None:
        for component, news in zip(outputs, answered, strict=True):
            if not (isinstance(news, dict) and news.get("__type__") == "update"):
                self._values[component] = news
            elif "value" in news:
                self._values[component] = news["value"]

    async def _draft(self) -> None:
        """What the change of the ticket sets off; the page asks for its place in line every second meanwhile."""
        asking = asyncio.create_task(self._ask_for_place())
        try:
            await self.press("ticket", "change")
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError, Refused, httpx.HTTPError):
                await asking

    async def _ask_for_place(self) -> None:
        (tick,) = (number for number, event in self._events.items() if event["api_name"] == "show_queue")
        while True:
            await asyncio.sleep(1)
            with suppress(Refused):
                await self._run(tick)

    async def upload(self, film: bytes) -> None:
        """Choose a frontal film, have it screened, and answer what is asked about it. Raises Refused."""
        form = {"files": ("film", film)}
        begun = time.monotonic()
        answer = await self._client.post(f"{API}/upload", files=form, headers=UPLOAD_HEADERS)
        self.waiting.answers.append(time.monotonic() - begun)
        self.waiting.events.setdefault("the file's way", []).append(self.waiting.answers[-1])
        (token,) = json.loads(self._checked(answer))
        await self.press("viewer", "upload", {"role": "frontal", "file": token, "discard": False})
        self._refuse_on_message()
        while shown := (self.film() or {}).get("questions"):
            asked, answers = self.film()["id"], [answer for answer, _ in shown[0]["answers"]]
            event = {"role": "frontal", "id": asked, "question": answers[0], "answer": "", "discard": False}
            await self.press("viewer", "select", event)
            self._refuse_on_message()

    def film(self) -> Any:
        """What the viewer was told last of the frontal film."""
        return (self.value("viewer") or {}).get("films", {}).get("frontal")

    async def draft(self) -> None:
        """Press Draft report and wait for the last word. Raises Refused where nothing is drafted."""
        begun = time.monotonic()
        await self.press("draft")
        self._refuse_on_message()
        if not self.said("status").startswith("Drafted"):
            raise Refused(self.said("status"))
        self.waiting.drafts.append(time.monotonic() - begun)

    async def save(self, findings: str) -> None:
        """Rate the draft, and save these findings with consent. Raises Refused where nothing is saved."""
        for name, value in {"findings": findings, "overall": 4, "verdict": "minor edits", "consent": True}.items():
            self.type(name, value)
        await self.press("compare")  # as the page's script does after a key
        self.type("saved", "")
        begun = time.monotonic()
        await self.press("save")
        self.waiting.saves.append(time.monotonic() - begun)
        self._refuse_on_message()
        identifiers = re.findall(r"\b[0-9a-f]{16}\b", self.said("saved"))
        if not identifiers:
            raise Refused(self.said("saved"))
        self.saved.append(identifiers[0])

    async def screen(self) -> None:
        """Have the viewer told anew which films the server has."""
        (first, *_) = (number for number, event in self._events.items() if event["api_name"] == "screen")
        await self._run(first)

    def _refuse_on_message(self) -> None:
        if 'role="alert"' in (self.value("message") or ""):
            raise Refused(self.said())


def _named(part: dict[str, Any]) -> bool:
    return bool(part["props"].get("elem_id"))


def _value(part: dict[str, Any]) -> Any:
    """What stands in a component at first; in a text box Gradio's script has an empty text for nothing."""
    value = part["props"].get("value")
    return "" if value is None and part["type"] == "textbox" else value


def _sentence(body: str) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return " ".join(body.split())
    said = answer.get("detail") or answer.get("error") if isinstance(answer, dict) else ""
    return said if isinstance(said, str) else ""
