"""One run without dropout, as a script for torchrun: two_processes.py BASE RUN."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.groups import Group, Ranks
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.training.stage import Plan, Stage
from clinicalblip.training.train import train_plan


def train(base: Path, run: Path) -> Path:
    """Train on nine studies, one a batch and two batches a step, so that the last step is one short."""

    def films(study: Study) -> list[NDArray[np.float32]]:
        return [np.random.default_rng(int(study.study_id)).random((32, 32), dtype=np.float32)]

    images = (StudyImage(Path("film.png"), View.PA),)
    reports = (Report("The lungs are clear."), Report("The heart is large.", "Cardiomegaly."))
    studies = [
        Study(str(n), str(n), "train" if n < 9 else "validate", images, reference=reports[n % 2]) for n in range(13)
    ]
    stages = (
        Stage("vision", frozenset({Group.VISION}), 1e-2, batch=1, accumulation=2, dropout=0.0),
        Stage("language", frozenset({Group.LANGUAGE}), 1e-2, batch=1, accumulation=2, dropout=0.0),
    )
    plan = Plan("two", Ranks(2, 2, 2), stages)
    loaded = load_base(base, "fp32", "cpu")
    for module in loaded.model.qformer.modules():  # its own dropout, which each process would draw for itself
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0
    return train_plan(plan, studies, run, loaded, load_films=films)


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]))
