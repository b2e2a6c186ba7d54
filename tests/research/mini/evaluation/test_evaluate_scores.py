"""The figures of scores: AUROC within sizes, with another's film, and calibration on other patients."""

import numpy as np
import pytest

from clinicalblip.radiology.observation import CHEXPERT, Observation
from research.mini.evaluation.evaluate_scores import NAMED_BY_NIH, chexpert_table, fit_scores, measure_scores
from research.mini.films.manifest import NIH_LABELS

FILMS = 400


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Margins that follow the truth, off by a temperature of 4 and a bias of -2; two films a patient."""
    rng = np.random.default_rng(0)
    truth = np.full((FILMS, len(CHEXPERT)), np.nan)
    named = [CHEXPERT.index(what) for what in NAMED_BY_NIH]
    odds = rng.normal(-1.0, 2.0, (FILMS, len(CHEXPERT)))
    truth[:, named] = (rng.random((FILMS, len(named))) < 1 / (1 + np.exp(-odds[:, named]))).astype(float)
    groups = [f"nih:{size}" for size in rng.choice((64, 320), FILMS)]
    return 4.0 * (odds + 2.0), truth, groups, [f"p{film // 2}" for film in range(FILMS)]


def test_figures_of_a_model_that_looks(drawn) -> None:  # type: ignore[no-untyped-def]
    """Its AUROC is high, that of another's film is chance, and one temperature with biases mends the calibration."""
    figures = measure_scores(*drawn)
    assert (figures["films"], figures["patients"], figures["counted_observations"]) == (FILMS, FILMS // 2, 8)
    low, high = figures["macro_auroc_interval"]
    assert 0.8 < low < figures["macro_auroc"] < high
    assert figures["macro_auroc_of_another_film"] == pytest.approx(0.5, abs=0.03)
    error = figures["calibration_error"]
    assert error["one_temperature_and_biases"] < 0.04 < error["before"]
    assert figures == measure_scores(*drawn)


def test_larger_films_have_a_figure_of_their_own(drawn) -> None:  # type: ignore[no-untyped-def]
    """A model that reads small films alone has chance on the larger ones, over the same observations."""
    margins, truth, _, patients = drawn
    groups = ["nih:320" if film % 4 == 0 else "nih_lowres:64" for film in range(FILMS)]
    blind = margins.copy()
    blind[::4] = np.random.default_rng(1).normal(size=blind[::4].shape)
    found = measure_scores(blind, truth, groups, patients)["larger_films"]
    assert found["films"] == FILMS // 4
    assert found["low"] < 0.5 < found["high"]
    few = [each[:40] for each in (margins, truth, groups, patients)]  # no observation counts
    assert measure_scores(*few)["larger_films"] is None


def test_rare_observations_do_not_count(drawn) -> None:  # type: ignore[no-untyped-def]
    """With under thirty positives an observation has a line and no part in the mean; with none it has no line."""
    margins, truth, groups, patients = drawn
    figures = measure_scores(margins[:40], truth[:40], groups[:40], patients[:40])
    assert figures["counted_observations"] == 0
    assert figures["macro_auroc_interval"] is None
    assert figures["macro_auroc"] is None
    assert list(figures["observations"]) == [what.value for what in NAMED_BY_NIH]


def test_labels_become_observations() -> None:
    """Nodule or mass is a lesion, pleural thickening nothing, no label at all a film without a finding."""
    labels = np.zeros((4, len(NIH_LABELS)), dtype=np.float32)
    labels[0, NIH_LABELS.index("Nodule")] = 1
    labels[1, NIH_LABELS.index("Pleural_Thickening")] = 1
    labels[3] = np.nan
    labels[3, NIH_LABELS.index("Pneumonia")] = 1
    table = chexpert_table(labels)
    lesion, normal = CHEXPERT.index(Observation.LUNG_LESION), CHEXPERT.index(Observation.NO_FINDING)
    assert table[:3, lesion].tolist() == [1, 0, 0]
    assert table[:3, normal].tolist() == [0, 0, 1]
    assert np.isnan(table[3, normal])
    assert table[3, CHEXPERT.index(Observation.PNEUMONIA)] == 1
    assert np.isnan(table[:, CHEXPERT.index(Observation.PLEURAL_OTHER)]).all()


def test_unnamed_observations_get_the_mean_odds(drawn) -> None:  # type: ignore[no-untyped-def]
    """What NIH has no name for is, on the average film, as likely as what it names."""
    margins, truth, *_ = drawn
    scale = fit_scores(margins, truth)
    assert scale.temperature == pytest.approx(4.0, rel=0.15)
    odds = margins.mean(axis=0) / scale.temperature + np.array(scale.bias)
    named = ~np.isnan(truth).all(axis=0)
    assert odds[~named] == pytest.approx(odds[named].mean())
