"""What the page works with: settings, the reporter, the store, the sessions and the work list."""

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from starlette.types import Scope

from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web.access.access import Access
from clinicalblip.web.rates import Rates
from clinicalblip.web.served_study.served_study import ServedStudy
from clinicalblip.web.sessions import Sessions
from clinicalblip.worklist.reading_progress import ReadingProgress
from clinicalblip.worklist.work_list import WorkList


@dataclass(frozen=True)
class AppContext:
    """What all requests share. What belongs to one visitor is in their session.

    `rates`: how much a reader may ask for in a minute. `bucket`: where reviews are put as well, None without one;
    `spool`: what is not there yet. `study`: the reader study that is read here and nothing else, None without one.
    """

    settings: Settings
    reporter: Reporter
    store: ReviewStore
    sessions: Sessions
    work_list: WorkList = field(default_factory=WorkList)
    progress: ReadingProgress = field(default_factory=ReadingProgress)
    rates: Rates = field(default_factory=Rates)
    access: Access = field(default_factory=Access)
    bucket: BucketFolder | None = None
    spool: Spool | None = None
    study: ServedStudy | None = None

    def list_for(self, reader: str) -> WorkList:
        """What a reader goes through: in a study their own cases, otherwise the work list of all."""
        return self.work_list if self.study is None else self.study.list_for(reader)

    @property
    def copies_waiting(self) -> int | None:
        """How many reviews are not in the bucket yet; None without a bucket."""
        return len(self.spool.waiting()) if self.bucket is not None and self.spool is not None else None


_APPS: "WeakKeyDictionary[Any, AppContext]" = WeakKeyDictionary()


def bind_app(page: Any, app: AppContext) -> None:
    """Say what a page works with, once it is served."""
    _APPS[page] = app


def app_of(page: Any) -> AppContext:
    """What a page works with."""
    return _APPS[page]


def served_app(scope: Scope) -> AppContext:
    """What the page works with that serves a request."""
    return app_of(scope["app"].get_blocks())
