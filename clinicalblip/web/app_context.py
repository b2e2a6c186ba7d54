"""What the page works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web.cases import SampleCase
from clinicalblip.web.session import Sessions


@dataclass(frozen=True)
class AppContext:
    """What the page works with; only the reporter, the store and the sessions are shared by its visitors."""

    settings: Settings
    reporter: Reporter
    store: ReviewStore
    sessions: Sessions
    cases: Mapping[str, SampleCase]
