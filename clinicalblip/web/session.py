"""What belongs to one visitor: films, drafts, the Stop flag. It lives in memory and goes when they leave."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import Report
from clinicalblip.screening.films import FilmScreening
from clinicalblip.web.drafts import DraftState, ReportState
from clinicalblip.web.review_form import ReviewForm


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
class StudyChange:
    """What another film or another study did to the draft and the report.

    `dropped`: the sentence about a draft that was given up. `filling`: it was being written into the reader's boxes.
    `emptied`: draft, report and review were of the films before, and are gone from the page.
    """

    dropped: str = ""
    filling: bool = False
    emptied: bool = False


@dataclass
class Session:
    """Everything of one visitor.

    `case_id`: the sample case whose films these are. `films_mark` names the films as they are now, so that a page that
    shows other ones is noticed; it is empty as long as there never was a film.
    `used_as_is`: texts that the reader wants used although they may identify a person. `lock` guards all of it;
    `screening_lock` is taken while films are screened, which takes seconds, so that each is screened once.
    """

    films: dict[FilmRole, LoadedFilm] = field(default_factory=dict)
    case_id: str | None = None
    films_mark: str = ""
    draft: DraftState = field(default_factory=DraftState)
    report: ReportState = field(default_factory=ReportState)
    used_as_is: set[str] = field(default_factory=set)
    id: str = field(default_factory=lambda: uuid4().hex)
    lock: threading.RLock = field(default_factory=threading.RLock)
    screening_lock: threading.Lock = field(default_factory=threading.Lock)

    def radiographs(self) -> dict[FilmRole, Radiograph]:
        """The films in the model's order."""
        return {role: self.films[role].radiograph for role in FilmRole if role in self.films}

    def film_digests(self) -> dict[FilmRole, str]:
        """The digest of each film, by its role."""
        return {role: film.digest for role, film in self.radiographs().items()}

    def change_films(
        self, films: Mapping[FilmRole, LoadedFilm], why: str, *, case_id: str | None = None, new_study: bool = False
    ) -> StudyChange:
        """Put these films in the place of all that were there; what was drafted from those, or is to be, goes.

        `why` is said about a draft that is given up. The same pictures again change nothing, unless it is a
        `new_study`.
        """
        with self.lock:
            before = self.film_digests()
            self.films, self.case_id = dict(films), case_id
            self.films_mark = f"{self.id}:{uuid4().hex}"
            after = self.film_digests()
            if after == before and not new_study:
                return StudyChange()
            lost = any(after.get(role) != digest for role, digest in before.items())
            emptied = new_study or lost or self.report.shown is not None
            filling = self.draft.filling
            self.report.clear()
            return StudyChange(self.draft.drop(why), filling, emptied)

    def unsaved(self, form: ReviewForm) -> bool:
        """Whether the boxes hold work of the reader's that is not saved; what is just being drafted is none."""
        return self.report.unsaved(replace(form, final=Report()) if self.draft.filling else form)


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
            session.draft.leave_line()
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
            others = [other.draft for _, other in self._sessions.values() if other is not session]
        mine = session.draft.request
        requests = [(other.request, other.running) for other in others]
        return sum(
            running or mine is None or request.requested_at < mine.requested_at
            for request, running in requests
            if request is not None
        )

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
