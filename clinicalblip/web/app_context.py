"""What the page works with: settings, the reporter, the store, the sessions and the sample cases."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web.cases import SampleCase
from clinicalblip.web.session import Sessions


@dataclass(frozen=True)
class AppContext:
    """What all requests share. What belongs to one visitor is in their session."""

    settings: Settings
    reporter: Reporter
    store: ReviewStore
    sessions: Sessions
    cases: Mapping[str, SampleCase]
