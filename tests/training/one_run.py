"""One short run that comes to an end: one_run.py BASE RUN NUMBER [bytes].

At the film of that number the process kills itself, or, with a number of bytes, files can no longer grow beyond it.
"""

import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.groups import Group, Ranks
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.stage import Plan, Stage
from clinicalblip.training.train import train_plan

STEPS = 4


def train(base: Path, run: Path, ended_at: int = 0, room: int = 0) -> Path:
    """Train four steps of two studies; at the film of this number the process, or the room for its files, ends."""
    loaded = 0

    def films(study: Study) -> list[NDArray[np.float32]]:
        nonlocal loaded
        loaded += 1
        if loaded == ended_at and room:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        elif loaded == ended_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return [np.random.default_rng(int(study.study_id)).random((32, 32), dtype=np.float32)]

    images = (StudyImage(Path("film.png"), View.PA),)
    reports = (Report("The lungs are clear."), Report("", "Cardiomegaly."))
    studies = [Study(str(n), str(n), "train", images, reference=reports[n % 2]) for n in range(2 * STEPS)]
    plan = Plan("one", Ranks(2, 2, 2), (Stage("all", frozenset(Group), 1e-2, batch=2, dropout=0.2),))
    return train_plan(
        plan, studies, run, load_base(base, "fp32", "cpu"), TrainOptions(checkpoint_minutes=0), load_films=films
    )


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
