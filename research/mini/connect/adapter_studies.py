"""What the adapter's stages are trained on: films of the table with composed reports, as studies of the product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.training.data.films import FilmLoader
from clinicalblip.training.plans import MINI
from research.mini.connect.example_batch import PRIOR_EVERY
from research.mini.films.table import Films
from research.mini.films.unreadable import UNREADABLE, name_of, pictures_of
from research.mini.prompts import PROMPT_VIEWS
from research.mini.recipe import MiniRecipe
from research.mini.reports.examples import Examples

ADAPTER_PLAN = replace(
    MINI, stages=tuple(replace(stage, slot_dropout=0.0, learning_rate=1e-4) for stage in MINI.stages)
)
"""The plan `mini` on a base that has learnt these reports already: a fifth of the rate, and no slot dropout.

At the plan's own rate its stages unlearn what the base's weighted losses and questions have taught. Composed studies
leave slots empty anyway, and a report that says a hint needs the hint.
"""


def composed_studies(films: Films, examples: Examples, recipe: MiniRecipe) -> list[Study]:
    """The training studies of the plan: films of the training split with composed reports.

    As large a fraction of them has a prior film as in the training of the base.
    """
    with_prior = examples.draw_with_prior(recipe.plan_studies // (2 * PRIOR_EVERY), (recipe.seed, 8))
    chosen = [*examples.draw(recipe.plan_studies - len(with_prior), (recipe.seed, 5)), *with_prior]
    views = np.random.default_rng((recipe.seed, 6)).integers(len(PROMPT_VIEWS), size=len(chosen))
    studies = []
    for number, (example, view) in enumerate(zip(chosen, views, strict=True)):
        shown = PROMPT_VIEWS[view][0] if PROMPT_VIEWS[view] else View.UNKNOWN
        images = [StudyImage(Path(name_of(films, example.row)), shown)]
        if example.prior is not None:
            images.append(StudyImage(Path(films.ids[example.prior]), View.FRONTAL, prior=True))
        patient = films.patients[example.row] if example.row < len(films.ids) else name_of(films, example.row)
        studies.append(Study(f"mini-{number:05d}", patient, "train", tuple(images), example.context, example.report))
    return studies


def films_from_table(films: Films) -> FilmLoader:
    """A reader of the films of composed studies: it takes them from the table, not from image files."""
    rows = {name_of(films, row): row for row in range(len(films.ids) + UNREADABLE)}

    def load(study: Study) -> list[NDArray[np.float32]]:
        pictures = pictures_of(films, np.array([rows[str(image.path)] for image in study.shown]))
        return [picture[0].numpy() for picture in pictures]

    return load
