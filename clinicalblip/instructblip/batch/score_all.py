"""Scoring every study of a split into a scores file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from clinicalblip.datasets.files.scores import Scores, ScoresFile
from clinicalblip.instructblip.batch.batch import Given, Loaded, go_through
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.radiology.study import Study


def score_all(
    reporter: InstructBlipReporter,
    studies: Sequence[Study],
    output: Path,
    given: Given | None = None,
    *,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Score each study once and write the scores when all are there; gives of how many the films cannot be read.

    Those are named by `say`, and their lines hold null. Raises what `go_through` raises, and ModelError.
    """

    def score(loaded: Sequence[Loaded]) -> Iterator[tuple[str, Scores | None]]:
        for study_id, examination in loaded:
            if examination is None:
                say(f"Study {study_id} has a film that cannot be read; its line holds no scores.")
                yield study_id, None
            else:
                yield study_id, reporter.score(*examination)

    scored = go_through(
        studies,
        given or Given(),
        ScoresFile(output),
        score,
        model=reporter.identity,
        batch=1,
        scale=asdict(reporter.scale),
    )
    return sum(scores is None for scores in scored.values())
