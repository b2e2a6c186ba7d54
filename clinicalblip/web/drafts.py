"""The drafts of one visitor: what was asked for, where it stands, what was finished, and what became of it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web.draft_writer import DraftWriter
from clinicalblip.web.review_form import ReviewForm

_MAX_DRAFTS = 8
_UNCLAIMED_SECONDS, _SILENT_SECONDS = 10.0, 90.0
"""A place in line lasts so long until the page that asked is heard of, and after that between two signs of it. Pages
ask every second how many are ahead; a browser lets one that nobody looks at do so once a minute."""


@dataclass(frozen=True)
class SavedReview:
    """A review on disk: its id, and all that it was made of, so that saving the same again is noticed.

    `with_texts`: it or a version before it was saved with the reader's words; `with_reading`: with how it was read.
    """

    id: str
    content: tuple[object, ...]
    with_texts: bool
    with_reading: bool = False


@dataclass(frozen=True, eq=False)
class DraftRequest:
    """What a draft is made of, as it stood when it was asked for; nothing that changes afterwards reaches the model.

    `radiographs` are in the model's order. `doubts`: those about the films that were overruled, as warnings.
    `requested_at`: seconds of the monotonic clock.
    """

    radiographs: Mapping[FilmRole, Radiograph]
    context: ClinicalContext
    doubts: tuple[str, ...] = ()
    requested_at: float = field(default_factory=time.monotonic)

    @property
    def film_digests(self) -> dict[FilmRole, str]:
        """The digest of each film, by its role."""
        return {role: film.digest for role, film in self.radiographs.items()}


@dataclass
class FinishedDraft:
    """A finished draft, what it was made from and its review; `draft` never changes.

    `film_digests` and `film_warnings` are of the films that it was made of; the films themselves are not kept.
    `masked`: the reader had its review masked, so everything of it that is kept is masked first.
    `saving`: what is being saved of it since when, so that a save that is sent again after a restart is the same one;
    `saving_reading`: how it was read, where that is to be kept.
    `kept_as_is`: texts that the reader wants kept although they may identify a person.
    `scores`: how likely each observation is to the model, see scores.py; None as long as they are not computed.
    """

    draft: Draft
    context: ClinicalContext
    film_digests: Mapping[FilmRole, str]
    film_warnings: tuple[str, ...] = ()
    masked: bool = False
    kept_as_is: set[str] = field(default_factory=set)
    id: str = field(default_factory=lambda: uuid4().hex)
    finished_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    saved: SavedReview | None = None
    saving: tuple[tuple[object, ...], datetime] | None = None
    scores: Mapping[Observation, float] | None = None
    saving_reading: Reading | None = None


@dataclass
class DraftState:
    """Where a session's draft stands between the request and its end.

    `request`: what is in line for the model or being written. `running`: the model writes it. `filling`: it is written
    into the reader's boxes, which held `before`. `dropped`: why what is being written will not be kept.
    `outcome`: the sentence about the end of the last draft. `ended`: the digests of its films, unless it was dropped.
    `stop`: set to end the generation; each request has its own. `writer`: what writes, or wrote the last one.
    `kept_until`: when the place in line is lost, in seconds of the monotonic clock.
    """

    request: DraftRequest | None = None
    running: bool = False
    filling: bool = False
    before: Report = field(default_factory=Report)
    dropped: str = ""
    outcome: str = ""
    ended: Mapping[FilmRole, str] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    writer: DraftWriter[Any] | None = None
    kept_until: float = 0.0

    @property
    def waiting(self) -> bool:
        """Whether a draft is in line for the model."""
        return self.request is not None and not self.running and not self.expired

    @property
    def expired(self) -> bool:
        """Whether a draft was asked for, and nobody came for it in time."""
        return self.request is not None and not self.running and time.monotonic() > self.kept_until

    @property
    def busy(self) -> bool:
        """Whether a draft is asked for or being written."""
        return self.request is not None and not self.expired

    def ask(self, request: DraftRequest) -> None:
        """Put a request in line."""
        self.request, self.outcome, self.stop = request, "", threading.Event()
        self.kept_until = time.monotonic() + _UNCLAIMED_SECONDS

    def keep_place(self) -> None:
        """The page that asked was heard of: its place in line is kept on."""
        self.kept_until = time.monotonic() + _SILENT_SECONDS

    def begin(self, before: Report, *, fill: bool) -> DraftRequest | None:
        """Take the request out of the line to be written; None where nothing is in line any more."""
        if not self.waiting:
            return None
        self.running, self.filling, self.before, self.dropped = True, fill, before, ""
        return self.request

    def end(self, request: DraftRequest) -> None:
        """This request is not written any more, and a draft can be asked for again."""
        if self.request is request:
            self.request, self.running, self.filling = None, False, False
            self.ended = None if self.dropped else request.film_digests

    def leave_line(self) -> bool:
        """Take the request out of the line; False where none was in it."""
        waits = self.request is not None and not self.running
        if waits:
            self.request = None
        return waits

    def drop(self, why: str) -> str:
        """Give up what was asked for, because the films changed; gives `why`, or "" where nothing was asked for."""
        if self.request is None:
            return ""
        if not self.leave_line():
            self.dropped, self.before = why, Report()
            self.stop.set()
        return why


@dataclass
class ReportState:
    """A session's finished drafts, and what the page knows of the boxes in which the reader corrects the report.

    `shown`: the draft on the page. `filled` and `filled_reference`: the reports that the page last wrote into the
    boxes, so that edits show. `last_saved`: all boxes as they were last saved.
    `replaced`: the reader's text that the AI draft took the place of.
    """

    drafts: OrderedDict[str, FinishedDraft] = field(default_factory=OrderedDict)
    shown: FinishedDraft | None = None
    filled: Report = field(default_factory=Report)
    filled_reference: Report = field(default_factory=Report)
    last_saved: ReviewForm | None = None
    replaced: Report | None = None

    def keep(self, finished: FinishedDraft) -> None:
        """Remember a draft so that it can be reviewed; the oldest of more than eight goes."""
        self.drafts[finished.id] = finished
        while len(self.drafts) > _MAX_DRAFTS:
            self.drafts.popitem(last=False)

    def clear(self) -> None:
        """Take the shown draft away, because it is of other films; a program can still review it by its id."""
        self.shown = self.replaced = None
        self.filled = self.filled_reference = Report()

    def edited(self, final: Report) -> bool:
        """Whether the boxes hold anything that the page did not put there."""
        return not final.empty and not _same(final, self.filled)

    def unsaved(self, form: ReviewForm) -> bool:
        """Whether the boxes hold the reader's own work, and not as it was last saved."""
        if self.last_saved is not None and _same_form(form, self.last_saved):
            return False
        rated = form.overall is not None or form.verdict is not None or form.comment.strip() != ""
        reference = not form.reference.empty and not _same(form.reference, self.filled_reference)
        return rated or reference or self.edited(form.final)


def _same(one: Report, other: Report) -> bool:
    return (one.findings.strip(), one.impression.strip()) == (other.findings.strip(), other.impression.strip())


def _same_form(one: ReviewForm, other: ReviewForm) -> bool:
    plain = Report()
    return (
        _same(one.final, other.final)
        and _same(one.reference, other.reference)
        and replace(one, final=plain, reference=plain, correction="", reading="")
        == replace(other, final=plain, reference=plain, correction="", reading="")
    )
