"""What training is tested with: tiny bases, studies whose films are drawn from their number, a plan of three stages."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clinicalblip.instructblip.groups import Group, Ranks
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.training.stage import Plan, Stage
from tests.fixtures.tiny_instructblip import make_tiny_base

REPORTS = (
    Report("The lungs are clear.", "No acute cardiopulmonary disease."),
    Report("The cardiac silhouette is enlarged.", "Cardiomegaly with a small effusion."),
)


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny checkpoint for each kind of language model."""
    where = tmp_path_factory.mktemp("bases")
    return {kind: make_tiny_base(where / f"tiny-{kind}", kind) for kind in ("llama", "t5")}


@pytest.fixture
def make_study() -> Callable[..., Study]:
    """Makes the study of a number; every third one has a lateral film too."""

    def make(number: int, split: str = "train") -> Study:
        views = (View.PA, View.LATERAL) if number % 3 == 0 else (View.PA,)
        return Study(
            f"study-{number}",
            f"patient-{number}",
            split,
            tuple(StudyImage(Path(f"{number}-{view}.png"), view) for view in views),
            ClinicalContext(indication="cough", hints="effusion"),
            REPORTS[number % 2],
        )

    return make


@pytest.fixture
def studies(make_study: Callable[..., Study]) -> list[Study]:
    """Eight studies of the train split."""
    return [make_study(number) for number in range(8)]


@pytest.fixture
def draw_films() -> Callable[[Study], list[NDArray[np.float32]]]:
    """Gives the films of a study: noise, its own for each study."""

    def draw(study: Study) -> list[NDArray[np.float32]]:
        rng = np.random.default_rng(int(study.study_id.rpartition("-")[2]))
        return [rng.random((32, 32), dtype=np.float32) for _ in study.images]

    return draw


@pytest.fixture
def plan() -> Plan:
    """The three stages of ClinicalBLIP, each two steps or three long on eight studies."""
    vision = Stage("vision", frozenset({Group.VISION}), learning_rate=1e-2, epochs=1, batch=4, slot_dropout=0.5)
    bridge = replace(
        vision, name="bridge", trains=frozenset({Group.QFORMER, Group.PROJECTION}), accumulation=2, batch=2
    )
    language = replace(vision, name="language", trains=frozenset({Group.LANGUAGE}))
    return Plan("tiny", Ranks(2, 2, 2), (vision, bridge, language))
