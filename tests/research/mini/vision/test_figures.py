"""Figures of a teacher or an encoder: by size, against radiologists, and on pictures that are no films."""

import numpy as np
import pytest
import torch

from research.mini.films.label_sources import NORMAL, OPACITY
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.vision.figures import affirmed_without_a_film, against_radiologists, by_size, log_odds
from research.mini.vision.targets import OPACITIES


@pytest.fixture(scope="module")
def rows(tiny_films):
    """The rows of NIH's films: too few are of validation to compare any."""
    return tiny_films.rows("train", NIH_SETS)


def test_perfect_scores_are_perfect_at_every_size(tiny_films, rows):
    """Every pair of a film with a finding and one without is ordered rightly; equal scores order none."""
    truth = tiny_films.labels[rows].astype(float)
    for scores, value in ((truth, 1.0), (np.zeros_like(truth), 0.5)):
        found = by_size(tiny_films, rows, scores, min_positives=1)
        assert found["64"]["films"] == found["larger"]["films"] == len(rows)
        assert found["64"]["pooled_auroc"] == found["larger"]["pooled_auroc"] == value


def test_labels_with_few_positives_are_not_counted(tiny_films, rows):
    """With none that counts there is no figure."""
    assert by_size(tiny_films, rows, np.zeros((len(rows), len(NIH_LABELS))), min_positives=1000) == {}


def test_radiologists_are_a_second_truth(tiny_films, rows):
    """Scores that say what radiologists say are perfect, whatever was mined; only films that they read count."""
    scores = np.full((len(rows), len(NIH_LABELS)), -3.0)
    for place, row in enumerate(rows):
        name = tiny_films.radiologists[row]
        scores[place, OPACITIES[0]] = {OPACITY: 3.0, NORMAL: -6.0}.get(name, -1.0)
    found = against_radiologists(tiny_films, rows, scores)
    read = [tiny_films.radiologists[row] for row in rows if tiny_films.radiologists[row]]
    assert found == {
        "films": len(read),
        "opacity": {"positives": read.count(OPACITY), "auroc": 1.0},
        "normal": {"positives": read.count(NORMAL), "auroc": 1.0},
    }


def test_a_model_that_affirms_of_noise_is_counted(tiny_films, rows):
    """What grows with brightness affirms of some pictures, what answers no picture of none, and both of some films."""
    labels = tiny_films.labels[rows]

    def bright(pictures):
        return pictures.mean((1, 2, 3))[:, None].expand(-1, len(NIH_LABELS)) * 9 - 5

    def silent(pictures):
        return torch.full((len(pictures), len(NIH_LABELS)), -9.0)

    values = log_odds(tiny_films, rows, bright)
    found = affirmed_without_a_film(tiny_films.size, bright, values, labels)
    assert found["blank"]["pictures"] == found["noise"]["pictures"] == 100
    assert found["blank"]["affirmed"] > 10
    assert 0 < found["films"]["affirmed"] < len(rows)
    none = affirmed_without_a_film(tiny_films.size, silent, values, labels)
    assert [none[kind]["affirmed"] for kind in ("blank", "shaded", "noise")] == [0, 0, 0]
