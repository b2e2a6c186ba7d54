"""What belongs to one visitor: films, drafts, the Stop flag. It lives in memory and goes when they leave."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.radiograph import Radiograph, Region
from clinicalblip.radiology.report import ClinicalContext, Report

_DRAFTS_KEPT = 8


class Slot(StrEnum):
    """Where a film is put; in this order the model sees them."""

    FRONTAL = "frontal"
    LATERAL = "lateral"
    PRIOR = "prior"


class TextQuestion(StrEnum):
    """Why a film waits for its reader: text was found in it, or its file says that there is some."""

    FOUND = "found"
    SAID = "said"


@dataclass(frozen=True)
class Held:
    """A film in its slot, with what was seen in it and what the reader answered; it changes by being replaced.

    `id` stays the same until another film is put there. `looked`: it was looked through. `texts`: the places of text
    that is no side marker, while `question` is open; `let_be`: those that name nobody, as the reader said. `answered`:
    the reader said so of what the file warns of. `doubts`: why it may be no chest radiograph; `overruled`: the reader
    drafts from it all the same. `asks_view`: its file does not say its view; `view_said`: the reader did.
    """

    film: Radiograph
    id: str = field(default_factory=lambda: uuid4().hex)
    looked: bool = False
    texts: tuple[Region, ...] = ()
    question: TextQuestion | None = None
    let_be: tuple[Region, ...] = ()
    answered: bool = False
    doubts: tuple[str, ...] = ()
    overruled: bool = False
    asks_view: bool = False
    view_said: bool = False


@dataclass(frozen=True)
class Saved:
    """A review on disk: its id, and all that it was made of, so that saving the same again is noticed."""

    id: str
    content: tuple[object, ...]


@dataclass
class Drafted:
    """A finished draft with what it was made from; `draft` never changes.

    `masks`: what is kept of its context and prompt is masked first. `kept_as_is`: texts that the reader wants kept
    although they may name somebody.
    """

    draft: Draft
    context: ClinicalContext
    masks: bool = False
    kept_as_is: set[str] = field(default_factory=set)
    id: str = field(default_factory=lambda: uuid4().hex)
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))
    saved: Saved | None = None


@dataclass
class Visit:
    """One visitor's things.

    `asked` is when a draft was last asked for, `context` what it was asked with, `ended` what was said at its end.
    `used_as_is` are the texts that the reader wants used although they may name somebody. `looking` is held while
    films are looked through. `filled` is what the page last wrote into the report's boxes, so that edits show; `kept`
    the report as it was last saved; `set_aside` what the AI draft replaced.
    """

    films: dict[Slot, Held] = field(default_factory=dict)
    drafts: OrderedDict[str, Drafted] = field(default_factory=OrderedDict)
    shown: Drafted | None = None
    filled: Report = field(default_factory=Report)
    kept: Report = field(default_factory=Report)
    set_aside: Report | None = None
    waiting: bool = False
    drafting: bool = False
    asked: float = 0.0
    ended: str = ""
    context: ClinicalContext = field(default_factory=ClinicalContext)
    used_as_is: set[str] = field(default_factory=set)
    warned: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    looking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def busy(self) -> bool:
        """Whether a draft is asked for or being written."""
        return self.waiting or self.drafting

    def radiographs(self) -> tuple[Radiograph, ...]:
        """The films in the model's order."""
        return tuple(self.films[slot].film for slot in Slot if slot in self.films)

    def keep(self, drafted: Drafted) -> None:
        """Remember a draft so that it can be reviewed; the oldest goes when there are many."""
        self.drafts[drafted.id] = drafted
        while len(self.drafts) > _DRAFTS_KEPT:
            self.drafts.popitem(last=False)

    def edited(self, final: Report) -> bool:
        """Whether the report's boxes hold anything that the page did not put there."""
        return not final.empty and not _same(final, self.filled)

    def unsaved(self, final: Report) -> bool:
        """Whether the report's boxes hold the reader's own work, and not as it was last saved."""
        return self.edited(final) and not _same(final, self.kept)


def _same(one: Report, other: Report) -> bool:
    return (one.findings.strip(), one.impression.strip()) == (other.findings.strip(), other.impression.strip())


class Visits:
    """All visitors of one server, by the session key that Gradio gives each open page.

    Who leaves has the model freed at once; their things are dropped `grace` seconds later, because a page whose
    network failed for a moment comes back under the same key. Of visitors who say nothing for `idle` seconds, and of
    more than `most`, the longest silent go.
    """

    def __init__(self, *, grace: float = 120.0, idle: float = 4 * 3600.0, most: int = 200) -> None:
        self._visits: OrderedDict[str, tuple[float, Visit]] = OrderedDict()
        self._leaving: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()
        self._grace, self._idle, self._most = grace, idle, most

    def of(self, session: str) -> Visit:
        """The visit of this session, made on its first sight."""
        now = time.monotonic()
        with self._lock:
            timer = self._leaving.pop(session, None)
            if timer is not None:
                timer.cancel()
            known = self._visits.pop(session, None)
            visit = known[1] if known else Visit()
            self._visits[session] = (now, visit)
            self._drop(lambda seen: now - seen > self._idle)
            return visit

    def leave(self, session: str) -> None:
        """Stop what is being written for this session, and drop its things after the grace."""
        with self._lock:
            if session not in self._visits:
                return
            visit = self._visits[session][1]
            visit.stop.set()
            visit.waiting = False
            if session in self._leaving:
                return
            timer = threading.Timer(self._grace, self._forget, [session])
            timer.daemon = True
            self._leaving[session] = timer
            timer.start()

    def waiting(self) -> int:
        """How many readers wait for the model."""
        with self._lock:
            return sum(visit.waiting for _, visit in self._visits.values())

    def before(self, visit: Visit) -> int:
        """How many readers asked for a draft before this one and have it still to come or being written."""
        with self._lock:
            others = [other for _, other in self._visits.values() if other is not visit and other.busy]
        return sum(other.drafting or other.asked < visit.asked for other in others)

    def __contains__(self, session: object) -> bool:
        with self._lock:
            return session in self._visits

    def _forget(self, session: str) -> None:
        with self._lock:
            self._leaving.pop(session, None)
            self._visits.pop(session, None)

    def _drop(self, old: Callable[[float], bool]) -> None:
        for session, (seen, visit) in list(self._visits.items())[:-1]:
            if not old(seen) and len(self._visits) <= self._most:
                return
            visit.stop.set()
            del self._visits[session]
