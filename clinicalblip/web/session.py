"""What belongs to one visitor: films, drafts, the Stop flag. It lives in memory and goes when they leave."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening.films import FilmScreening

_MAX_DRAFTS = 8


@dataclass(frozen=True)
class LoadedFilm:
    """A film of a session, what screening found in it and what the reader answered; a change makes a new one.

    `id`: stays the same until another film takes this one's place.
    `screened`: the film was searched for text and doubts since it last changed.
    `asks_view`: the file does not say the view. `view_chosen`: the reader did.
    """

    radiograph: Radiograph
    id: str = field(default_factory=lambda: uuid4().hex)
    screened: bool = False
    screening: FilmScreening = field(default_factory=FilmScreening)
    asks_view: bool = False
    view_chosen: bool = False


@dataclass(frozen=True)
class SavedReview:
    """A review on disk: its id, and all that it was made of, so that saving the same again is noticed."""

    id: str
    content: tuple[object, ...]


@dataclass
class FinishedDraft:
    """A finished draft, what it was made from and its review; `draft` never changes.

    `masked`: the reader had its review masked, so everything of it that is kept is masked first.
    `kept_as_is`: texts that the reader wants kept although they may identify a person.
    """

    draft: Draft
    context: ClinicalContext
    masked: bool = False
    kept_as_is: set[str] = field(default_factory=set)
    id: str = field(default_factory=lambda: uuid4().hex)
    finished_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    saved: SavedReview | None = None


@dataclass
class DraftState:
    """Where a session's draft stands between the request and its end.

    `waiting`: it was asked for and is in line for the model. `running`: the model writes it.
    `requested_at`: when it was last asked for, in seconds of the monotonic clock. `context`: what it was asked with.
    `outcome`: the sentence about the end of the last draft. `stop`: set to end the generation.
    """

    waiting: bool = False
    running: bool = False
    requested_at: float = 0.0
    context: ClinicalContext = field(default_factory=ClinicalContext)
    outcome: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def busy(self) -> bool:
        """Whether a draft is asked for or being written."""
        return self.waiting or self.running


@dataclass
class ReportState:
    """A session's finished drafts, and what the page knows of the boxes in which the reader corrects the report.

    `shown`: the draft on the page. `filled`: the report that the page last wrote into the boxes, so that edits show.
    `last_saved`: the report as it was last saved. `replaced`: the reader's text that the AI draft took the place of.
    `discard_warned`: the reader was warned that a new study discards the report.
    """

    drafts: OrderedDict[str, FinishedDraft] = field(default_factory=OrderedDict)
    shown: FinishedDraft | None = None
    filled: Report = field(default_factory=Report)
    last_saved: Report = field(default_factory=Report)
    replaced: Report | None = None
    discard_warned: bool = False

    def keep(self, finished: FinishedDraft) -> None:
        """Remember a draft so that it can be reviewed; the oldest of more than eight goes."""
        self.drafts[finished.id] = finished
        while len(self.drafts) > _MAX_DRAFTS:
            self.drafts.popitem(last=False)

    def clear(self) -> None:
        """Take the shown draft away, because another film comes; it can still be reviewed by its id."""
        self.shown = self.replaced = None
        self.filled = Report()
        self.discard_warned = False

    def edited(self, final: Report) -> bool:
        """Whether the boxes hold anything that the page did not put there."""
        return not final.empty and not _same(final, self.filled)

    def unsaved(self, final: Report) -> bool:
        """Whether the boxes hold the reader's own work, and not as it was last saved."""
        return self.edited(final) and not _same(final, self.last_saved)


def _same(one: Report, other: Report) -> bool:
    return (one.findings.strip(), one.impression.strip()) == (other.findings.strip(), other.impression.strip())


@dataclass
class Session:
    """Everything of one visitor.

    `used_as_is`: texts that the reader wants used although they may identify a person. `lock` guards all of it;
    `screening_lock` is taken while films are screened, which takes seconds, so that each is screened once.
    """

    films: dict[FilmRole, LoadedFilm] = field(default_factory=dict)
    draft: DraftState = field(default_factory=DraftState)
    report: ReportState = field(default_factory=ReportState)
    used_as_is: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)
    screening_lock: threading.Lock = field(default_factory=threading.Lock)

    def radiographs(self) -> tuple[Radiograph, ...]:
        """The films in the model's order."""
        return tuple(self.films[role].radiograph for role in FilmRole if role in self.films)


class Sessions:
    """The sessions of one server, by the key that Gradio gives each open page.

    A page that closes stops its draft at once, so that the model is free. Its session is kept for `grace` seconds,
    because a page whose network failed for a moment comes back under the same key. Sessions that were silent for
    `idle` seconds are dropped, and of more than `limit` sessions those that were silent longest.
    """

    def __init__(self, *, grace: float = 120.0, idle: float = 4 * 3600.0, limit: int = 200) -> None:
        self._sessions: OrderedDict[str, tuple[float, Session]] = OrderedDict()
        self._leaving: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()
        self._grace, self._idle, self._limit = grace, idle, limit

    def of(self, key: str) -> Session:
        """The session of this key, made when the key is first seen."""
        now = time.monotonic()
        with self._lock:
            timer = self._leaving.pop(key, None)
            if timer is not None:
                timer.cancel()
            known = self._sessions.pop(key, None)
            session = known[1] if known else Session()
            self._sessions[key] = (now, session)
            self._drop(lambda seen: now - seen > self._idle)
            return session

    def leave(self, key: str) -> None:
        """Stop the draft of this session, and drop the session after the grace."""
        with self._lock:
            if key not in self._sessions:
                return
            session = self._sessions[key][1]
            session.draft.stop.set()
            session.draft.waiting = False
            if key in self._leaving:
                return
            timer = threading.Timer(self._grace, self._forget, [key])
            timer.daemon = True
            self._leaving[key] = timer
            timer.start()

    def waiting(self) -> int:
        """How many sessions wait for the model."""
        with self._lock:
            return sum(session.draft.waiting for _, session in self._sessions.values())

    def ahead_of(self, session: Session) -> int:
        """How many sessions asked for a draft before this one and do not have it yet."""
        with self._lock:
            others = [other.draft for _, other in self._sessions.values() if other is not session and other.draft.busy]
        return sum(other.running or other.requested_at < session.draft.requested_at for other in others)

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._sessions

    def _forget(self, key: str) -> None:
        with self._lock:
            self._leaving.pop(key, None)
            self._sessions.pop(key, None)

    def _drop(self, is_old: Callable[[float], bool]) -> None:
        for key, (seen, session) in list(self._sessions.items())[:-1]:
            if not is_old(seen) and len(self._sessions) <= self._limit:
                return
            session.draft.stop.set()
            del self._sessions[key]
