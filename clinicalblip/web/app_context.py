"""What the page works with: settings, the reporter, the store, the sessions and the work list."""

from dataclasses import dataclass, field

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web.sessions import Sessions
from clinicalblip.worklist.reading_progress import ReadingProgress
from clinicalblip.worklist.work_list import WorkList


@dataclass(frozen=True)
class AppContext:
    """What all requests share. What belongs to one visitor is in their session."""

    settings: Settings
    reporter: Reporter
    store: ReviewStore
    sessions: Sessions
    work_list: WorkList = field(default_factory=WorkList)
    progress: ReadingProgress = field(default_factory=ReadingProgress)
