"""How often the model is right where the page says that it is sure, or doubts."""

import numpy as np

from clinicalblip.radiology.observation import CHEXPERT, Observation
from clinicalblip.radiology.report import Report
from research.benchmarks.confidence import cells, cross_fitted, sayable
from research.mini.evaluation.evaluate_scores import NAMED_BY_NIH

EFFUSION, PNEUMOTHORAX = map(NAMED_BY_NIH.index, (Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX))
DRAFTS = (Report("Left pleural effusion. No pneumothorax."), Report("The heart is enlarged."))


def test_what_is_counted_is_what_the_page_could_say() -> None:
    """Of each film: what its draft does not speak of, what it denies, and what it affirms."""
    missing, denied, affirmed = sayable(DRAFTS)
    heart = NAMED_BY_NIH.index(Observation.CARDIOMEGALY)
    assert np.argwhere(affirmed).tolist() == [[0, EFFUSION], [1, heart]]
    assert np.argwhere(denied).tolist() == [[0, PNEUMOTHORAX]]
    assert missing[1, [EFFUSION, PNEUMOTHORAX]].all()
    assert not (missing & (affirmed | denied)).any()


def test_a_film_is_never_scaled_by_its_own_patient() -> None:
    """Another label of one patient changes the probabilities of the other half alone."""
    rng = np.random.default_rng(0)
    margins = rng.normal(size=(80, len(CHEXPERT)))
    truth = (rng.random((80, len(CHEXPERT))) < 0.3).astype(float)
    patients = [str(film // 2) for film in range(80)]
    before = cross_fitted(margins, truth, patients)
    truth[:2] = 1 - truth[:2]
    changed = (cross_fitted(margins, truth, patients) != before).any(axis=1)
    assert not changed[:2].any()
    assert changed.any()


def test_precision_and_recall_are_counted_over_films_and_findings() -> None:
    """Two of three that are said are right, of four; nothing said has no precision."""
    right = np.zeros((4, 2), dtype=bool)
    right[:, 0] = True
    said = np.zeros((4, 2), dtype=bool)
    said[:2, 0] = said[2, 1] = True
    assert cells(said, right, ["a", "b", "c", "d"]).startswith("3 | 0.667 (")
    assert "| 0.500 (" in cells(said, right, ["a", "b", "c", "d"])
    assert cells(np.zeros_like(said), right, ["a"] * 4) == "0 | none | 0.000 (0.000 to 0.000) |"
