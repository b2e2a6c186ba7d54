"""OpenCase: the case of a reader study that a session reads, and what of it the page may show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.assignment.assignment import AssignedReading
from clinicalblip.reader_study.design.design import ArmPart, DisplayPart
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft

NOTHING_SHOWN = DisplayPart(prior_report=False)


@dataclass
class OpenCase:
    """One case as one reader reads it; the arm stays on the server.

    `number` and `count`: its place in the reader's own list. `digest` names the case in reviews. `commits_first`: an
    impression is written before it is known whether a draft comes; `first` is that, after `first_seconds` of the page's
    clock. `is_carried`: it was opened with words that the reader had typed in another browser. `is_saved`: it is done,
    and is only looked at.
    """

    assigned: AssignedReading
    number: int
    count: int
    arm: ArmPart
    digest: str
    prepared: PreparedDraft | None
    is_training: bool = False
    commits_first: bool = False
    opened: datetime = field(default_factory=lambda: datetime.now(UTC))
    first: Report | None = None
    first_seconds: float | None = None
    is_carried: bool = False
    is_saved: bool = False

    @property
    def waits_for_first(self) -> bool:
        """Whether the reader has to commit an impression before anything else is shown."""
        return self.commits_first and self.first is None and not self.is_saved

    @property
    def draft(self) -> PreparedDraft | None:
        """The draft that is shown now; None under an arm without one, and before the impression is committed."""
        return None if self.waits_for_first else self.prepared

    @property
    def display(self) -> DisplayPart:
        """What is shown beside the draft; nothing where none is shown."""
        return self.arm.show if self.draft is not None else NOTHING_SHOWN

    @property
    def scores(self) -> Mapping[Observation, float] | None:
        """The scores that the page may show something of."""
        shown = self.display.confidence or self.display.not_mentioned
        return self.draft.scores if self.draft is not None and shown else None
