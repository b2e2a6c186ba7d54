"""Drafting every study of a split into a predictions file."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from clinicalblip.datasets.files.predictions import PredictionsFile
from clinicalblip.instructblip.batch.batch import Given, Loaded, go_through
from clinicalblip.radiology.draft import Reporter
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study


def draft_all(
    reporter: Reporter,
    studies: Sequence[Study],
    output: Path,
    given: Given | None = None,
    *,
    batch: int = 8,
    finding_bias: float = 0.0,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Draft each study once and write the predictions when all are there; gives how many came out empty.

    A study whose films cannot be read, or of which the model wrote nothing, is named by `say`, and its line has empty
    texts. `finding_bias` is the one that the reporter drafts with. Raises ModelError and what `go_through` raises.
    """
    given = given or Given()

    def draft(loaded: Sequence[Loaded]) -> Iterator[tuple[str, Report]]:
        examinations = []
        for study_id, examination in loaded:
            if examination is None:
                say(f"Study {study_id} has a film that cannot be read; its line is empty.")
                yield study_id, Report()
            else:
                examinations.append((study_id, examination))
        if not examinations:
            return
        drafts = reporter.draft_many([examination for _, examination in examinations], seed=given.seed)
        for (study_id, _), draft in zip(examinations, drafts, strict=True):
            if draft.report.empty:
                say(f"Of study {study_id} the model wrote nothing; its line is empty.")
            yield study_id, draft.report

    made_of = {"finding_bias": finding_bias} if finding_bias else {}
    lines = PredictionsFile(output)
    drafted = go_through(studies, given, lines, draft, model=reporter.identity, batch=batch, **made_of)
    return sum(report.empty for report in drafted.values())
