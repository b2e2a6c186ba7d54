"""The sessions of all visitors: who has a place, how long, and how much memory their films take together."""

import math
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from clinicalblip.errors import OverLimit, Overloaded
from clinicalblip.web import wording
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.film_memory import FilmMemory, FilmRoom
from clinicalblip.web.session import Session

_MOST_PAGES = 4
"""Of one session: the open one, and those before it whose last calls are still on their way."""


@dataclass(frozen=True)
class SessionCounts:
    """All sessions, those that have a place, those that wait for the model and those it writes for; films in bytes."""

    sessions: int
    holding: int
    waiting: int
    writing: int
    films_bytes: int


class Sessions:
    """The sessions of one server, by the key that `identity.py` gives a reader's tab, or Gradio a program.

    A session outlives its page: one that is reloaded, or whose network failed, comes back under the same key. The draft
    of a page that was not heard of for `linger` seconds is stopped, so that the model is free, and its session is kept
    for `grace` seconds. Sessions that were silent for `idle` seconds are dropped.

    A session that holds nothing costs nothing: anybody can have one, and of more than `empty_limit` those that were
    silent longest go. Those that hold films or drafts have one of `limit` places, and their films at most `films_bytes`
    together. Only sessions without unsaved work that were silent for `spare` seconds make way, those silent longest
    first: for a place one is dropped, for memory they give up their films and keep everything else. Where there is
    none, who comes is refused. Visitors of one address have half of the places at most, where it is known whose it is,
    and a reader `per_reader`: then it is one of theirs that makes way.
    `on_forget` is called with the key of each that was dropped, and with those of its pages, so that what else is kept
    under them goes too; `on_new` with each that is made, and `keep` with each that may have changed, so that they
    outlive the server (journal/).
    """

    def __init__(
        self,
        *,
        linger: float = 10.0,
        grace: float = 600.0,
        idle: float = 4 * 3600.0,
        spare: float = 600.0,
        limit: int = 200,
        empty_limit: int = 1000,
        per_reader: int | None = None,
        films_bytes: int = 2**31,
    ) -> None:
        self._sessions: OrderedDict[str, tuple[float, Session]] = OrderedDict()  # silent longest first
        self._leaving: OrderedDict[str, float] = OrderedDict()  # when they go, soonest first
        self._lingering: OrderedDict[str, float] = OrderedDict()  # when their drafts are stopped, soonest first
        self._pages: dict[str, str] = {}  # the session's key of each open page
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()
        self._linger, self._grace, self._idle, self._spare = linger, grace, idle, spare
        self._limit, self._empty_limit, self._per_reader = limit, empty_limit, per_reader
        self._timer_due = 0.0
        self._taking: Counter[str] = Counter()
        self._films = FilmMemory(films_bytes, self._films_bytes, self._free_films)
        self.line = threading.Lock()
        self.is_ending = False
        self.entry_key = secrets.token_bytes(32)  # of the digests by which films are told apart: gone with the server
        self.on_new: Callable[[Session], object] = lambda session: None
        self.keep: Callable[[Session], object] = lambda session: None
        self.sweep: Callable[[], object] = lambda: None
        self.on_forget: Callable[[str], object] = lambda key: None

    def of(
        self,
        key: str,
        address: str = "",
        *,
        page: str = "",
        secret: bytes = b"",
        signed_in: SignedIn | None = None,
        token_key: str = "",
    ) -> Session:
        """The session of this key, made when the key is first seen by a visitor of that address.

        `page`: the open page that asks. For the others see `Session`. Events and routes come here by identity.py.
        """
        now = time.monotonic()
        with self._lock:
            left = self._leaving.pop(key, None) is not None
            self._lingering.pop(key, None)
            known = self._sessions.pop(key, None)
            session = (
                known[1]
                if known
                else Session(key=key, address=address, secret=secret, signed_in=signed_in, token_key=token_key)
            )
            self._sessions[key] = (now, session)
            if known is None:
                self.on_new(session)
            dropped = self._open_page(session, page, left=left)
            dropped += self._drop_silent(now, but=key) + self._drop_empty(but=key)
        self._say_forgotten(dropped)
        return session

    def _open_page(self, session: Session, page: str, *, left: bool) -> list[str]:
        """Remember a page of a session; gives those that it takes the place of."""
        if not page or self._pages.get(page, session.key) != session.key:
            return []
        self._pages[page] = session.key
        session.pages[page] = None
        session.pages.move_to_end(page)
        before = [other for other in session.pages if other != page]
        gone = before if left else before[: max(0, len(before) + 1 - _MOST_PAGES)]
        for other in gone:
            del session.pages[other], self._pages[other]
        return gone

    @contextmanager
    def room_for(self, session: Session) -> Iterator[FilmRoom]:
        """A place for a session, and room for films that are read and given to it within.

        Raises Overloaded where all places are taken by sessions with work in them, and OverLimit where half of them are
        by one address, or as many as a reader may have by the same one.
        """
        with self._lock:
            dropped = self._take_place(session)
            self._taking[session.id] += 1
        try:
            self._say_forgotten(dropped)
            with self._films.room(session.id) as room:
                yield room
        finally:
            with self._lock:
                self._taking[session.id] -= 1
                self._taking += Counter()  # without those that are zero

    def take_place(self, session: Session) -> None:
        """A place for a session that is about to hold something; raises Overloaded as `room_for` does."""
        with self._lock:
            dropped = self._take_place(session)
        self._say_forgotten(dropped)

    def drop_idle(self) -> None:
        """Drop the sessions that were silent too long, also when nobody comes any more."""
        self.sweep()
        with self._lock:
            dropped = self._drop_silent(time.monotonic())
        self._say_forgotten(dropped)

    def leave(self, key: str, page: str = "") -> None:
        """A page was closed, or is not heard of: stop its draft soon, and drop its session after the grace.

        Nothing happens where the session is heard of meanwhile, or has a newer page, as after a reload.
        """
        with self._lock:
            if key not in self._sessions:
                return
            session = self._sessions[key][1]
            if page in session.pages and page != next(reversed(session.pages)):
                return
            now = time.monotonic()
            self._lingering.setdefault(key, now + self._linger)
            self._leaving.setdefault(key, now + self._grace)
            self._wait_to_forget()

    def end_drafts(self) -> list[Session]:
        """Take no more drafts, stop those that are written, and empty the line; gives all sessions."""
        with self.line:
            self.is_ending = True
        with self._lock:
            sessions = [session for _, session in self._sessions.values()]
        for session in sessions:
            session.draft.stop.set()
            session.draft.leave_line()
        return sessions

    def of_browser(self, token_key: str) -> list[Session]:
        """The sessions of the browser that has this token."""
        with self._lock:
            return [session for _, session in self._sessions.values() if session.token_key == token_key]

    def end(self, token_key: str) -> None:
        """The reader whose browser has this token signed out: their sessions go, and what is kept of them."""
        with self._lock:
            over = [(key, session) for key, (_, session) in self._sessions.items() if session.token_key == token_key]
            for _, session in over:
                session.is_over = True  # before it is dropped: a handler that still works with it keeps nothing more
            dropped = [gone for key, _ in over for gone in self._drop(key)]
        for _, session in over:
            session.draft.leave_line()
            session.drop_ahead()
            self.keep(session)
        self._say_forgotten(dropped)

    def is_leaving(self, key: str) -> bool:
        """Whether no page of this session is heard of, so that it goes after the grace."""
        with self._lock:
            return key in self._leaving

    def waiting(self, address: str | None = None) -> int:
        """How many sessions wait for the model; of one address, if one is named."""
        with self._lock:
            sessions = [session for _, session in self._sessions.values() if address in (None, session.address)]
            return sum(session.draft.waiting for session in sessions)

    def count(self) -> SessionCounts:
        """How many sessions there are, and what they hold and do."""
        with self._lock:
            sessions = [session for _, session in self._sessions.values()]
            holding = sum(self._holds(session) for session in sessions)
        waiting = sum(session.draft.waiting for session in sessions)
        writing = sum(session.draft.running for session in sessions)
        return SessionCounts(len(sessions), holding, waiting, writing, sum(session.nbytes for session in sessions))

    def ahead_of(self, session: Session) -> int:
        """How many sessions asked for a draft before this one and do not have it yet."""
        with self._lock:
            others = [other.draft for _, other in self._sessions.values() if other is not session]
        mine = session.draft.request
        requests = [(other.request, other.running) for other in others if other.busy]
        return sum(
            running or mine is None or request.requested_at < mine.requested_at
            for request, running in requests
            if request is not None
        )

    def __contains__(self, key: object) -> bool:
        """Whether there is a session of this key, or with a page of it."""
        with self._lock:
            return key in self._sessions or key in self._pages

    def _take_place(self, session: Session) -> list[str]:
        dropped: list[str] = []
        holding = [other for _, other in self._sessions.values() if self._holds(other) and other is not session]
        if not self._holds(session):
            dropped += self._make_way_among(session, holding)
            holding = [other for other in holding if other.key not in dropped]
        if not self._holds(session) and len(holding) >= self._limit:
            spare = next(self._spare_sessions(but=session), None)
            if spare is None:
                raise Overloaded(wording.PAGE_FULL)
            dropped += self._drop(spare.key)
        _, known = self._sessions.get(session.key, (0.0, session))
        # It held nothing until now, and may have been dropped for that.
        if not session.is_over and (known is session or known.holds_nothing):
            self._sessions[session.key] = (time.monotonic(), session)
            self._sessions.move_to_end(session.key)
        return dropped

    def _make_way_among(self, session: Session, holding: Sequence[Session]) -> list[str]:
        """Drop what makes way among the sessions of this one's address and of its reader, where they are too many."""
        near = [other for other in holding if session.address and other.address == session.address]
        own = [other for other in holding if session.reader_key and other.reader_key == session.reader_key]
        most_near, most_own = max(1, self._limit // 2), self._per_reader or len(own) + 1
        going: list[Session] = []
        for sessions, most, limit, said in (
            (near, most_near, "sessions_per_address", wording.ADDRESS_FULL),
            (own, most_own, "sessions_per_reader", wording.READER_FULL),
        ):
            kept = {other.key: other for other in sessions if all(other is not one for one in going)}
            if len(kept) < most:
                continue
            spare = next((one for one in self._spare_sessions(but=session) if one.key in kept), None)
            if spare is None:
                seconds = self._seconds_until_one_goes(kept.values())
                raise OverLimit(said.format(count=len(kept), seconds=seconds), limit, seconds)
            going.append(spare)
        return [key for one in going for key in self._drop(one.key)]

    def _seconds_until_one_goes(self, sessions: Iterable[Session]) -> int:
        """When the first of these is dropped, or makes way, if it is not heard of any more."""
        due = []
        for session in sessions:
            seen, _ = self._sessions[session.key]
            silent = seen + (self._idle if session.has_work else self._spare)
            due.append(min(silent, self._leaving.get(session.key, math.inf)))
        return max(1, math.ceil(min(due) - time.monotonic()))

    def _holds(self, session: Session) -> bool:
        return not session.holds_nothing or self._taking[session.id] > 0

    def _films_bytes(self) -> int:
        with self._lock:
            return sum(session.nbytes for _, session in self._sessions.values())

    def _free_films(self, count: int) -> None:
        """Have sessions that nobody works with give up their films, those silent longest first, for so many bytes."""
        with self._lock:
            spare = list(self._spare_sessions())
        for session in spare:
            if count <= 0:
                return
            count -= session.give_up_films()

    def _spare_sessions(self, *, but: Session | None = None) -> Iterator[Session]:
        """Those that hold something and that nobody works with, silent longest first."""
        before = time.monotonic() - self._spare
        for seen, session in self._sessions.values():
            used = session is but or self._taking[session.id] > 0 or session.has_work or seen > before
            if not used and not session.holds_nothing:
                yield session

    def _drop_silent(self, now: float, *, but: str | None = None) -> list[str]:
        old = [key for key, (seen, _) in self._sessions.items() if now - seen > self._idle and key != but]
        return [gone for key in old for gone in self._drop(key)]

    def _drop_empty(self, *, but: str) -> list[str]:
        if len(self._sessions) <= self._empty_limit:
            return []
        empty = [key for key, (_, session) in self._sessions.items() if not self._holds(session) and key != but]
        return [gone for key in empty[: len(empty) + 1 - self._empty_limit] for gone in self._drop(key)]

    def _drop(self, key: str) -> list[str]:
        """Drop a session; gives the keys under which something else may be kept."""
        _, session = self._sessions.pop(key)
        self._leaving.pop(key, None)
        self._lingering.pop(key, None)
        session.draft.stop.set()
        for page in session.pages:
            del self._pages[page]
        return list(dict.fromkeys((key, *session.pages)))

    def _wait_to_forget(self) -> None:
        due = [next(iter(times.values())) for times in (self._lingering, self._leaving) if times]
        if due and self._timer is not None and min(due) < self._timer_due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and due:
            soonest = self._timer_due = min(due)
            self._timer = threading.Timer(max(0.0, soonest - time.monotonic()), self._forget)
            self._timer.daemon = True
            self._timer.start()

    def _forget(self) -> None:
        """Stop the drafts of pages that are not heard of, and drop the sessions whose grace is over."""
        now = time.monotonic()
        with self._lock:
            self._timer = None
            for key in [key for key, at in self._lingering.items() if at <= now]:
                del self._lingering[key]
                draft = self._sessions[key][1].draft
                draft.stop.set()
                draft.leave_line()
            over = [key for key, at in self._leaving.items() if at <= now]
            dropped = [gone for key in over for gone in self._drop(key)]
            self._wait_to_forget()
        self._say_forgotten(dropped)

    def _say_forgotten(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.on_forget(key)
