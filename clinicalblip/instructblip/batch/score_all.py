"""Scoring every study of a split into a scores file."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from clinicalblip.datasets.files.scores import Scores, ScoresFile
from clinicalblip.instructblip.batch.input_condition import InputCondition, LoadedStudy
from clinicalblip.instructblip.batch.run import run_batches
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.progress import Log
from clinicalblip.radiology.study import Study

logger = logging.getLogger(__name__)


def score_all(
    reporter: InstructBlipReporter,
    studies: Sequence[Study],
    output: Path,
    condition: InputCondition | None = None,
    *,
    log: Log = logger.info,
) -> int:
    """Score each study once and write the scores when all are there; returns how many have films that cannot be read.

    Those are named to `log`, and their lines hold null. Raises what `run_batches` raises, and ModelError.
    """

    def score(loaded: Sequence[LoadedStudy]) -> Iterator[tuple[str, Scores | None]]:
        for study in loaded:
            if study.examination is None:
                log(f"Study {study.study_id} has a film that cannot be read; its line holds no scores.")
                yield study.study_id, None
            else:
                yield study.study_id, reporter.score(*study.examination)

    scored = run_batches(
        studies,
        condition or InputCondition(),
        ScoresFile(output),
        score,
        model=reporter.identity,
        batch=1,
        settings={"scale": asdict(reporter.scale)},
    )
    return sum(scores is None for scores in scored.values())
