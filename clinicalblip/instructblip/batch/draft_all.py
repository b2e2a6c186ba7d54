"""Drafting every study of a split into a predictions file."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from clinicalblip.datasets.files.predictions import PredictionsFile
from clinicalblip.instructblip.batch.input_condition import InputCondition, LoadedStudy
from clinicalblip.instructblip.batch.run import run_batches
from clinicalblip.progress import Log
from clinicalblip.radiology.draft import Reporter
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study

logger = logging.getLogger(__name__)


def draft_all(
    reporter: Reporter,
    studies: Sequence[Study],
    output: Path,
    condition: InputCondition | None = None,
    *,
    batch: int = 32,
    log: Log = logger.info,
) -> int:
    """Draft each study once and write the predictions when all are there; returns how many came out empty.

    A study whose films cannot be read, or of which the model wrote nothing, is named to `log`, and its line has empty
    texts. Raises ModelError and what `run_batches` raises.
    """
    condition = condition or InputCondition()

    def draft(loaded: Sequence[LoadedStudy]) -> Iterator[tuple[str, Report]]:
        examinations = []
        for study in loaded:
            if study.examination is None:
                log(f"Study {study.study_id} has a film that cannot be read; its line is empty.")
                yield study.study_id, Report()
            else:
                examinations.append((study.study_id, study.examination))
        if not examinations:
            return
        drafts = reporter.draft_many([examination for _, examination in examinations], seed=condition.seed)
        for (study_id, _), draft in zip(examinations, drafts, strict=True):
            if draft.report.empty:
                log(f"Of study {study_id} the model wrote nothing; its line is empty.")
            yield study_id, draft.report

    settings = {"generation": asdict(reporter.generation)}
    lines = PredictionsFile(output)
    drafted = run_batches(studies, condition, lines, draft, model=reporter.identity, batch=batch, settings=settings)
    return sum(report.empty for report in drafted.values())
