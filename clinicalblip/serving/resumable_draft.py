"""One draft as far as replicas have written it: what the next one needs to go on with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from clinicalblip.errors import ModelError
from clinicalblip.instructblip.generation.written_report import WrittenReport
from clinicalblip.instructblip.prompt import Prompt
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.serving.connection import NO_ANSWER_OF_OURS
from clinicalblip.serving.protocol import Began, DraftRequest, Ended, Line, Words


@dataclass
class ResumableDraft:
    """A draft that is asked for. `token_ids` are those that replicas have told, `report` what can be shown of them.

    `seconds` of writing at all replicas together, `before` at those before the present one.
    """

    radiographs: Sequence[Radiograph]
    context: ClinicalContext
    seed: int
    batch: bool = False
    prompt: Prompt | None = None
    token_ids: list[int] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    seconds: float = 0.0
    before: float = 0.0
    ended: WrittenReport | None = None

    def request(self, id: str) -> DraftRequest:
        """The request for what is still to be written."""
        self.before = self.seconds
        return DraftRequest(id, self.context, self.seed, tuple(self.token_ids), self.batch)

    def take(self, line: Line) -> None:
        """Take what a replica tells. Raises ModelError for words that do not follow those that are here."""
        if isinstance(line, Began) and self.prompt in (None, line.prompt):
            self.prompt = line.prompt
        elif isinstance(line, Words) and self.prompt is not None and line.at == len(self.token_ids):
            self.token_ids.extend(line.token_ids)
            self.report, self.seconds = line.report, self.before + line.seconds
        elif isinstance(line, Ended) and self.prompt is not None:
            self.ended = replace(line.written, seconds=self.before + line.written.seconds)
        else:
            raise ModelError(NO_ANSWER_OF_OURS)

    @property
    def written(self) -> WrittenReport:
        """The report as the replicas ended it, or else as far as it is here, stopped."""
        return self.ended or WrittenReport(self.report, len(self.token_ids), self.seconds, stopped=True)
