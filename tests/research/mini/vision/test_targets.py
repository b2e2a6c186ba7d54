"""What films teach: whom is believed where labels disagree, and that no validation film teaches anything."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from research.mini.films.label_sources import NORMAL, NOT_NORMAL, OPACITY, read_label_sources
from research.mini.films.manifest import NIH_LABELS, NIH_SETS, usable_films
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.recipe import FULL
from research.mini.vision.targets import OPACITIES, Targets, corrected_labels, soft_log_odds, target_losses


def labels_of(*names):
    """One row of labels with these present."""
    return np.array([[float(name in names) for name in NIH_LABELS]], dtype=np.float32)


def test_a_film_that_radiologists_call_normal_has_nothing():
    """The mined effusion is taken back, and that label alone is the radiologists'."""
    found, corrected = corrected_labels(labels_of("Effusion"), (NORMAL,))
    assert not found.any()
    assert corrected.sum() == 1


def test_an_opacity_that_was_not_mined_is_a_pneumonia_or_unknown():
    """Pneumonia is present, which other opacity it is nobody says, and the mined effusion stays."""
    found, _ = corrected_labels(labels_of("Effusion"), (OPACITY,))
    named = dict(zip(NIH_LABELS, found[0], strict=True))
    assert named["Pneumonia"] == named["Effusion"] == 1
    assert np.isnan([named["Consolidation"], named["Infiltration"]]).all()
    mined, corrected = corrected_labels(labels_of("Infiltration"), (OPACITY,))
    assert np.array_equal(mined, labels_of("Infiltration"))
    assert not corrected.any()


def test_a_film_that_is_not_normal_has_no_opacity_and_perhaps_something_else():
    """Mined opacities are taken back; where nothing was mined, nothing else is known."""
    found, _ = corrected_labels(labels_of("Infiltration", "Mass"), (NOT_NORMAL,))
    assert np.array_equal(found, labels_of("Mass"))
    silent, _ = corrected_labels(labels_of(), (NOT_NORMAL,))
    assert not silent[0, OPACITIES].any()
    assert np.isnan(silent).sum() == len(NIH_LABELS) - len(OPACITIES)


def test_a_film_that_nobody_read_keeps_its_labels():
    """Unknown labels stay unknown."""
    labels = np.full((1, 14), np.nan, dtype=np.float32)
    assert np.isnan(corrected_labels(labels, ("",))[0]).all()


def test_soft_labels_have_a_finding_as_often_as_it_is_mined(tiny_films):
    """Each label is shifted by one number for all films; films of validation have none."""
    rows = tiny_films.rows("train", NIH_SETS)
    soft = soft_log_odds(tiny_films, rows)
    read = rows[~np.isnan(soft[rows, 0])]
    column = NIH_LABELS.index("Effusion")
    shown = 1 / (1 + np.exp(-soft[read, column]))
    assert shown.mean() == pytest.approx(tiny_films.labels[read, column].mean(), abs=1e-4)
    given = tiny_films.probabilities[read, column]
    assert np.ptp(soft[read, column] - np.log(given / (1 - given))) < 1e-4
    assert np.isnan(soft[tiny_films.rows("validation")]).all()


def test_a_validation_film_is_refused(tiny_films):
    """Whoever asks for the targets of one gets an error, and not its labels."""
    targets = Targets(tiny_films, 0.5)
    train, validation = tiny_films.rows("train"), tiny_films.rows("validation")
    assert targets(train).labels.shape == (len(train), len(NIH_LABELS))
    with pytest.raises(ValueError, match="not of the training split"):
        targets(np.append(train[:2], validation[0]))


def test_mined_labels_weigh_less_than_read_and_drawn_ones(tiny_films):
    """A radiologist's correction, a drawn film's label and an empty picture's weigh 1."""
    batch = Targets(tiny_films, 0.25)(tiny_films.rows("train")).with_nothing(2)
    rows = tiny_films.rows("train")
    drawn = tiny_films.is_phantom(rows)
    assert (batch.weights[: len(rows)][drawn] == 1).all()
    assert set(batch.weights[: len(rows)][~drawn].flatten().tolist()) == {0.25, 1.0}
    assert (batch.weights[-2:] == 1).all()
    assert not batch.labels[-2:].any()
    assert batch.soft[-2:].isnan().all()


def test_the_loss_falls_towards_labels_and_soft_labels(tiny_films):
    """Both pull where they are known; a batch in which nothing is known has no loss."""
    rows = tiny_films.rows("train", NIH_SETS)
    batch = Targets(tiny_films, 0.5)(rows)
    right = torch.where(batch.soft.isnan(), 8 * (2 * batch.labels.nan_to_num() - 1), batch.soft)
    near, far = target_losses(right, batch, 2.0), target_losses(-right, batch, 2.0)
    assert near["labels"] < far["labels"]
    assert near["soft"] < far["soft"]
    nothing = torch.full_like(batch.labels, torch.nan)
    unknown = replace(batch, labels=nothing, soft=nothing)
    assert [part.item() for part in target_losses(right, unknown, 2.0).values()] == [0.0, 0.0]


@pytest.mark.shared_data
def test_no_better_label_of_a_validation_patient_is_in_any_batch(shared_data):
    """Of the real tables 227 films and 283 are of validation patients: an epoch of teacher and encoder shows none.

    Two more of the radiologists' rows are of one such film, in two classes.
    """
    rows, sources = usable_films(shared_data / "radiographs" / "manifest.csv"), read_label_sources(shared_data)
    patients = {row.patient for row in rows if row.split == "validation"}
    held = {row.id for row in rows if row.patient in patients}
    assert len(held & sources.probabilities.keys()) == 227
    assert len(held & sources.classes.keys()) == 283
    films = table_of(rows, sources)
    targets = Targets(films, FULL.mined_weight)
    for batch, others, drawn in (
        (FULL.teacher_batch, FULL.other_fraction, False),
        (FULL.encoder_batch, FULL.encoder_other_fraction, True),
    ):
        sampler = FilmSampler(films, batch, others, FULL.seed, larger_twice=True, drawn=drawn)
        shown = {int(row) for step in range(sampler.steps_per_epoch) for row in sampler(step)}
        assert len(shown) > 10_000
        assert not held & {films.ids[row] for row in shown}
        targets(np.array(sorted(shown)))  # raises for any that is not to be trained on


def table_of(rows, sources):
    """The real table without pictures."""
    unknown = (np.nan,) * len(NIH_LABELS)
    return Films(
        pixels=np.zeros((len(rows), 1, 1), dtype=np.uint8),
        masks=np.zeros((0, 16, 1, 1), dtype=np.uint8),
        labels=np.array([row.labels for row in rows], dtype=np.float32),
        probabilities=np.array([sources.probabilities.get(row.id, unknown) for row in rows], dtype=np.float32),
        radiologists=tuple(sources.classes.get(row.id, "") for row in rows),
        ids=tuple(row.id for row in rows),
        sets=tuple(row.set for row in rows),
        patients=tuple(row.patient for row in rows),
        groups=tuple(row.group for row in rows),
        splits=tuple(row.split for row in rows),
    )
