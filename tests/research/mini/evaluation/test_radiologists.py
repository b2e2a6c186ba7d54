"""The second truth: what radiologists called the films."""

import numpy as np
import pytest

from clinicalblip.radiology.observation import CHEXPERT, Observation
from research.mini.evaluation.radiologists import measure_by_radiologists
from research.mini.evaluation.validation_films import ValidationFilms
from research.mini.films.manifest import NIH_LABELS, FilmRow

CLASSES = ("Normal", "Lung Opacity", "No Lung Opacity / Not Normal", "Normal")


def films(number):
    """Films of as many patients, labelled with nothing."""
    none = (0.0,) * len(NIH_LABELS)
    rows = tuple(FilmRow(f"nih.zip/{n}.png", "nih", f"p{n}", "nih:320", "validation", none) for n in range(number))
    return ValidationFilms(rows, tuple(np.zeros((2, 2), dtype=np.float32) for _ in rows))


def test_a_perfect_reader_is_right_by_radiologists_whatever_the_mined_labels_say():
    """An opacity is said of the one film that has it, and films without a class do not count."""
    classes = {f"nih.zip/{n}.png": each for n, each in enumerate(CLASSES)}
    drafts = [
        "No acute disease.",
        "There is an opacity.",
        "The heart is enlarged.",
        "The lungs are clear.",
        "Pneumonia.",
    ]
    margins = np.zeros((5, len(CHEXPERT)))
    margins[:, CHEXPERT.index(Observation.LUNG_OPACITY)] = (-1, 3, 0, -2, 9)
    found = measure_by_radiologists(drafts, margins, films(5), classes)
    assert (found["films"], found["patients"], found["positives"], found["said"]) == (4, 4, 1, 1)
    assert (found["f1"]["value"], found["auroc"], found["other_film"]) == (1, 1, 0)
    assert found["constant"] == pytest.approx(2 / 5)


def test_films_that_nobody_read_are_no_truth():
    """Nothing is measured without a class, or where all have the same."""
    assert measure_by_radiologists(["a"], np.zeros((1, 14)), films(1), {}) == {}
    assert measure_by_radiologists(["a"], np.zeros((1, 14)), films(1), {"nih.zip/0.png": "Normal"}) == {}
