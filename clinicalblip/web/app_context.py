"""What the page works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web.cases import Case
from clinicalblip.web.session import Visits


@dataclass(frozen=True)
class Desk:
    """What the page works with; only the reporter, the store and the list of visits are shared by its visitors."""

    settings: Settings
    reporter: Reporter
    store: ReviewStore
    visits: Visits
    cases: Mapping[str, Case]
