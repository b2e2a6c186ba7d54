"""What belongs to one visitor: films, drafts, the Stop flag. It lives in memory and goes when they leave."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

from clinicalblip.errors import Overloaded
from clinicalblip.fair_queue import OVERLOADED, queued_as
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import Report
from clinicalblip.screening.films import FilmScreening
from clinicalblip.web import wording
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.answers import Answers
from clinicalblip.web.drafts import DraftState, ReportState
from clinicalblip.web.kept_boxes import KeptBoxes
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.served_study.open_case import OpenCase
from clinicalblip.worklist.reading_progress import ReaderRecord
from clinicalblip.worklist.role_assignment import RoleDoubt
from clinicalblip.worklist.work_list import ListedStudy

_HANDLERS = 16
"""Of one session at once; a reader has three films."""


@dataclass(frozen=True)
class LoadedFilm:
    """A film of a session, what screening found in it and what the reader answered; a change makes a new one.

    `id`: stays the same until another film takes this one's place.
    `screened`: the film was searched for text and doubts since it last changed.
    `asks_view`: the file does not say the view. `view_chosen`: the reader did.
    `entry`: which study and patient it is of, in digests; None where its file says nothing of it.
    """

    radiograph: Radiograph
    id: str = field(default_factory=lambda: uuid4().hex)
    screened: bool = False
    screening: FilmScreening = field(default_factory=FilmScreening)
    asks_view: bool = False
    view_chosen: bool = False
    entry: FilmEntry | None = None

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        return self.radiograph.nbytes


@dataclass(frozen=True)
class UnplacedFilm:
    """A film that was dropped on the page, and why the reader is asked which one of the study it is."""

    loaded: LoadedFilm
    doubt: RoleDoubt


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

    `unplaced`: films that were dropped and have no role yet, by their ids.
    `study`: the one of the work list whose films these are, opened at `opened_at` (seconds of the monotonic clock);
    `opened_before`: the reader had opened it, or skipped it, before that.
    `reader`: the pseudonym, empty until one is chosen. `record`: what they have read; `faults`: sentences about films
    of listed studies that could not be read, by the studies' numbers. `ahead`: the next study, being prepared.
    `case`: in a reader study, the case that is read.
    `films_mark` names the films as they are now, so that a page that shows other ones is noticed; it is empty as long
    as there never was a film.
    `lost_films`: the digests of films that the server no longer has, of `lost_study`; what was drafted of them stays
    until other films come. They went with a restart, or `gave_up_films` for the memory of others.
    `journaled` and `journal_fault`: see journal/snapshot.py.
    `boxes`: what stands in the page's boxes. `used_as_is`: texts that the reader wants used although they may identify
    a person. `key` names the session, and `pages` are the keys that Gradio gave its pages, the open one last; see
    identity.py. `secret`: what only the reader's browser can say again, empty for a program. `address`: the visitor's,
    "" where it may be that of many. `signed_in`: whose it is, as far as that is known, and `token_key` what stands for
    the token of their browser; `is_over` once they have signed out: nothing of it is kept any more.
    `lock` guards all of it; `screening_lock` is taken while films are screened, which takes seconds, so that each is
    screened once. `answers`: the last ones, for calls that are sent again. `call_lock`: a program's calls to draft take
    turns; each has the session's films to itself.
    """

    films: dict[FilmRole, LoadedFilm] = field(default_factory=dict)
    unplaced: dict[str, UnplacedFilm] = field(default_factory=dict)
    study: ListedStudy | None = None
    opened_at: float = 0.0
    opened_before: bool = False
    reader: str = ""
    record: ReaderRecord = field(default_factory=ReaderRecord)
    faults: dict[int, str] = field(default_factory=dict)
    ahead: "StudyAhead | None" = None
    case: OpenCase | None = None
    films_mark: str = ""
    lost_films: dict[FilmRole, str] = field(default_factory=dict)
    lost_study: ListedStudy | None = None
    gave_up_films: bool = False
    journaled: int = 0
    journal_fault: bool = False
    journal_lock: threading.Lock = field(default_factory=threading.Lock)
    draft: DraftState = field(default_factory=DraftState)
    report: ReportState = field(default_factory=ReportState)
    boxes: KeptBoxes = field(default_factory=KeptBoxes)
    used_as_is: set[str] = field(default_factory=set)
    key: str = ""
    pages: OrderedDict[str, None] = field(default_factory=OrderedDict)
    secret: bytes = field(default=b"", repr=False)
    address: str = ""
    signed_in: SignedIn | None = None
    token_key: str = ""
    is_over: bool = False
    id: str = field(default_factory=lambda: uuid4().hex)
    lock: threading.RLock = field(default_factory=threading.RLock)
    screening_lock: threading.Lock = field(default_factory=threading.Lock)
    answers: Answers = field(default_factory=Answers)
    call_lock: threading.Lock = field(default_factory=threading.Lock)
    handlers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_HANDLERS))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While a handler works for this session: what is heavy in it is queued as the session's.

        Raises Overloaded where too many do already, as no page and no hand makes them.
        """
        if not self.handlers.acquire(blocking=False):
            raise Overloaded(OVERLOADED)
        try:
            with queued_as(self.id):
                yield
        finally:
            self.handlers.release()

    @property
    def reader_key(self) -> str:
        """Whose it is, as `SignedIn` names them; empty for a program."""
        return self.signed_in.reader_key if self.signed_in else ""

    @property
    def holds_nothing(self) -> bool:
        """Whether nothing would be lost with it: there is no film in it, no draft, and no word of the reader's."""
        kept = self.report.drafts or self.used_as_is or not self.boxes.empty
        return not (self.films or self.unplaced or self.draft.request or kept)

    @property
    def has_work(self) -> bool:
        """Whether a draft is being made, or one is there that was not reviewed yet."""
        return self.draft.busy or any(finished.saved is None for finished in list(self.report.drafts.values()))

    @property
    def nbytes(self) -> int:
        """The memory that its films take, those too that are drafted from although others took their place."""
        unplaced = [film.loaded for film in list(self.unplaced.values())]
        films = [loaded.radiograph for loaded in (*list(self.films.values()), *unplaced)]
        request = self.draft.request  # read once: another thread may end it
        drafted = request.radiographs.values() if request else ()
        ahead = self.ahead
        own: int = sum({id(film.values): film.nbytes for film in (*films, *drafted)}.values())
        return own + (ahead.holder.nbytes if ahead else 0)

    @property
    def lost_films_sentence(self) -> str:
        """What is said about films that the server no longer has; "" where it has all."""
        if self.gave_up_films:
            return wording.FILMS_GIVEN_UP
        return wording.FILMS_LOST if self.lost_films else ""

    def give_up_films(self) -> int:
        """Let go of the films, and of what is prepared, for the memory of others; gives how many bytes they took.

        Nothing happens where somebody works with the session now, or a draft of it waits for its review.
        """
        if not self.lock.acquire(blocking=False):
            return 0
        try:
            if self.has_work or not (self.films or self.unplaced):
                return 0
            taken = self.nbytes
            self.drop_ahead()
            self.lost_films, self.lost_study, self.gave_up_films = self.film_digests(), self.study, True
            self.films, self.unplaced, self.study = {}, {}, None
            return taken
        finally:
            self.lock.release()

    def take_back_films(self, films: Mapping[FilmRole, LoadedFilm], study: ListedStudy) -> None:
        """The films of the listed study that were lost are there again."""
        self.films, self.study = dict(films), study
        self.lost_films, self.lost_study, self.gave_up_films = {}, None, False

    def drop_ahead(self) -> "StudyAhead | None":
        """Take out the study that is being prepared, and stop its draft if it is still written."""
        ahead, self.ahead = self.ahead, None
        if ahead is not None:
            ahead.holder.draft.stop.set()
        return ahead

    def radiographs(self) -> dict[FilmRole, Radiograph]:
        """The films in the model's order."""
        return {role: self.films[role].radiograph for role in FilmRole if role in self.films}

    def radiographs_of(self, digests: Mapping[FilmRole, str]) -> dict[FilmRole, Radiograph]:
        """The films in the model's order, where they are those of these digests and no others; else none."""
        held = self.radiographs()
        return held if {role: film.digest for role, film in held.items()} == dict(digests) else {}

    def film_digests(self) -> dict[FilmRole, str]:
        """The digest of each film, by its role, also of one that is lost and may be chosen again."""
        digests = self.lost_films | {role: film.digest for role, film in self.radiographs().items()}
        return {role: digests[role] for role in FilmRole if role in digests}

    def change_films(
        self,
        films: Mapping[FilmRole, LoadedFilm],
        why: str,
        *,
        study: ListedStudy | None = None,
        new_study: bool = False,
    ) -> StudyChange:
        """Put these films in the place of all that were there; what was drafted from those, or is to be, goes.

        `why` is said about a draft that is given up. `study`: the one of the work list that they are of. The same
        pictures again change nothing, unless it is a `new_study`.
        """
        with self.lock:
            before = self.film_digests()
            self.films, self.study = dict(films), study
            if new_study:
                self.unplaced = {}
            found = {role: loaded.radiograph.digest for role, loaded in films.items()}
            same = found and all(before.get(role) == digest for role, digest in found.items()) and not new_study
            self.lost_films = {role: one for role, one in self.lost_films.items() if same and role not in films}
            self.lost_study, self.gave_up_films = None, self.gave_up_films and bool(self.lost_films)
            self.films_mark = f"{self.id}:{uuid4().hex}"
            after = self.film_digests()
            if after == before and not new_study:
                return StudyChange()
            lost = any(after.get(role) != digest for role, digest in before.items())
            emptied = new_study or lost or self.report.shown is not None
            filling = self.draft.filling
            reference = self.report.filled_reference
            self.report.clear()
            if not emptied:
                self.report.filled_reference = reference
            if emptied or filling:
                self.boxes.clear_report()
            return StudyChange(self.draft.drop(why), filling, emptied)

    def unsaved(self, form: ReviewForm) -> bool:
        """Whether the boxes hold work of the reader's that is not saved; what is just being drafted is none."""
        return self.report.unsaved(replace(form, final=Report()) if self.draft.filling else form)


@dataclass(eq=False)
class StudyAhead:
    """A study that is read, and perhaps drafted, before the reader opens it.

    `holder`: has its films and its draft as a session has them, and is none that anybody is given. `unread`: why a film
    cannot be read, by its role. `read`: set once there is no more film to wait for. `is_whole`: all were tried.
    """

    study: ListedStudy
    holder: Session
    unread: dict[FilmRole, str] = field(default_factory=dict)
    read: threading.Event = field(default_factory=threading.Event)
    is_whole: bool = False
