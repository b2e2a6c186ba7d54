"""Films: who is in, what is known of them, how they are split, resized and varied."""

import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch

from clinicalblip.errors import DatasetNotFound, MalformedStudy, StageError
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.prepare_films import prepare_films
from research.mini.films.sampler import FilmSampler
from research.mini.films.transforms import augment, augment_with_masks, normalise
from research.phantom.choosing import random_phantom
from research.phantom.description import Kind
from research.phantom.draw import draw, draw_chest
from research.phantom.reports.truth import nih_label


def labels_of(films, set_name):
    """Known labels of each film of a set, as {name: value} without the unknown."""
    rows = [row for row, name in enumerate(films.sets) if name == set_name]
    return [
        {name: value for name, value in zip(NIH_LABELS, films.labels[row], strict=True) if not np.isnan(value)}
        for row in rows
    ]


def test_orphans_and_laterals_are_left_out(tiny_films):
    """NIH films without a patient id could be validation patients; laterals are no frontal films."""
    assert "nih_effusion_anon" not in tiny_films.sets
    assert len(labels_of(tiny_films, "covid_radiography")) == 1
    assert len(labels_of(tiny_films, "cohen_covid")) == 2
    assert len(tiny_films.ids) == 60 + 2 + 2 + 1 + 6 + 2  # of six drawn chests two have an earlier film


def test_nih_films_know_all_fourteen_labels(tiny_films):
    """A label that NIH did not give is absent."""
    third = labels_of(tiny_films, "nih")[2]
    assert len(third) == 14
    assert {name for name, value in third.items() if value} == {"Cardiomegaly", "Effusion"}


def test_other_sets_know_what_they_say_and_no_more(tiny_films):
    """Pneumonia is known to be there, a normal film has nothing, an unlabelled one knows nothing."""
    assert labels_of(tiny_films, "kermany") == [{"Pneumonia": 1.0}, dict.fromkeys(NIH_LABELS, 0.0)]
    assert labels_of(tiny_films, "cohen_covid") == [{"Pneumonia": 1.0}, {}]


def test_phantoms_know_what_was_drawn(tiny_films):
    """The labels of a phantom are its findings under NIH's names."""
    for seed, known in enumerate(labels_of(tiny_films, "phantom")):
        present = {name for name, value in known.items() if value}
        drawn = random_phantom(seed)
        assert present == {name for name in NIH_LABELS if nih_label(drawn, name)}


def test_patients_stand_on_one_side_of_the_split(tiny_films):
    """No patient is in both splits, both have some, and only NIH and phantoms are validated on."""
    sides = {split: {tiny_films.patients[row] for row in tiny_films.rows(split)} for split in ("train", "validation")}
    assert sides["train"]
    assert sides["validation"]
    assert not sides["train"] & sides["validation"]
    assert {tiny_films.sets[row] for row in tiny_films.rows("validation")} <= {"nih", "phantom"}


def test_a_film_is_squashed_as_drafting_does(tiny_films):
    """The stored pixels are the float resize of the phantom's drawing, within half a grey level."""
    row = tiny_films.ids.index("phantom_000003")
    picture = tiny_films.pictures(np.array([row]))[0, 0].numpy()
    assert np.abs(picture - draw_chest(random_phantom(3), 64)).max() <= 0.5 / 255 + 1e-6
    wide = np.tile(np.linspace(0, 1, 300, dtype=np.float32), (100, 1))
    assert np.allclose(resize_to_square(wide, 50), np.linspace(0.01, 0.99, 50)[None, :], atol=0.01)


def test_groups_name_the_set_and_the_short_side(tiny_films):
    """Films are compared within one set and size."""
    assert tiny_films.groups[0] == "nih:64"


def test_films_are_resized_once(tiny_data, tiny_run, tiny, tiny_films):
    """A second call reads the cache."""
    stamp = (tiny_run / "films" / "pixels.npy").stat().st_mtime_ns
    assert prepare_films(tiny_data, tiny_run, tiny).ids == tiny_films.ids
    assert (tiny_run / "films" / "pixels.npy").stat().st_mtime_ns == stamp


def test_a_run_begun_with_other_films_is_refused(tiny_data, tmp_path, tiny):
    """What was trained in it could not go on, and a quarter of an hour of films would be made for nothing."""
    assert prepare_films(tiny_data, tmp_path, tiny).size == 64
    with pytest.raises(StageError, match="another size of films; choose a new run folder"):
        prepare_films(tiny_data, tmp_path, replace(tiny, size=32))
    assert prepare_films(tiny_data, tmp_path, tiny).size == 64


def test_a_folder_without_the_pack_is_one_sentence(tmp_path, tiny):
    """The manifest is asked for by name; the folder's own name is not shown."""
    with pytest.raises(DatasetNotFound, match="manifest") as caught:
        prepare_films(tmp_path, tmp_path / "run", tiny)
    assert str(tmp_path) not in str(caught.value)


def test_a_film_that_is_not_in_its_zip_is_one_sentence(tiny_data, tmp_path, tiny):
    """The set is named, the file is not, and nothing is left that a rerun would take for finished."""
    shutil.copytree(tiny_data, tmp_path / "data")
    zipfile.ZipFile(tmp_path / "data" / "radiographs" / "other.zip", "w").close()
    with pytest.raises(MalformedStudy, match="set kermany"):
        prepare_films(tmp_path / "data", tmp_path / "run", tiny)
    assert not (tmp_path / "run" / "films" / "films.json").exists()


def test_an_epoch_shows_every_nih_film_once(tiny_films):
    """The order covers all NIH train films, differs between epochs and is the same for the same seed."""
    nih = set(tiny_films.rows("train", ("nih", "nih_lowres")).tolist())
    order = FilmSampler(tiny_films, batch=1, other_fraction=0.5, seed=3)
    epochs = [[int(order(e * order.steps_per_epoch + s)[0]) for s in range(order.steps_per_epoch)] for e in (0, 1)]
    assert nih <= set(epochs[0])
    assert len(epochs[0]) == len(set(epochs[0])) > len(nih)
    assert epochs[0] != epochs[1]
    again = FilmSampler(tiny_films, batch=1, other_fraction=0.5, seed=3)
    assert int(again(order.steps_per_epoch)[0]) == epochs[1][0]


def test_augmentation_keeps_range_and_side():
    """Varied films stay within 0 and 1, differ, repeat for a seed, and a mark on the left stays on the left."""
    pictures = torch.zeros(24, 1, 64, 64)
    pictures[:, :, 20:44, 6:20] = 1.0
    varied = augment(pictures, torch.Generator().manual_seed(1))
    assert varied.shape == pictures.shape
    assert varied.min() >= 0.0
    assert varied.max() <= 1.0
    assert (varied - pictures).abs().mean() > 0.01
    assert torch.equal(varied, augment(pictures, torch.Generator().manual_seed(1)))
    left, right = varied[..., :32].mean((1, 2, 3)), varied[..., 32:].mean((1, 2, 3))
    assert (left > right + 0.1).all()


def test_masks_say_where_a_finding_was_drawn(tiny_films):
    """A drawn film's cells are those that its mask touches; a real film has none."""
    row, real = tiny_films.ids.index("phantom_000003"), 0
    phantom = random_phantom(3)
    assert tiny_films.is_phantom(np.array([real, row])).tolist() == [False, True]
    cells = tiny_films.masks_of(np.array([real, row])).numpy()
    assert cells.shape == (2, len(Kind), 8, 8)
    assert not cells[0].any()
    drawn = draw(phantom, 64).masks
    for number, kind in enumerate(Kind):
        finding = phantom.finding(kind)
        assert cells[1, number].any() == (finding is not None)
        if finding:
            rows, columns = np.nonzero(drawn[finding])
            assert cells[1, number, rows // 8, columns // 8].all()


def test_masks_are_moved_with_their_pictures():
    """What was bright in the picture and in the mask is bright in both after they were varied."""
    pictures = torch.zeros(12, 1, 64, 64)
    pictures[:, :, 16:32, 40:56] = 1.0
    masks = pictures[:, :, ::8, ::8].clone()
    varied, moved = augment_with_masks(pictures, masks, torch.Generator().manual_seed(2))
    assert moved.shape == masks.shape
    enlarged = torch.nn.functional.interpolate(moved, (64, 64), mode="bilinear", align_corners=False)
    for picture, mask in zip(varied, enlarged, strict=True):
        assert picture[mask > 0.9].mean() > picture[mask < 0.1].mean() + 0.5
    assert torch.equal(varied, augment(pictures, torch.Generator().manual_seed(2)))


def test_normalised_pictures_have_three_equal_channels():
    """0.5 becomes 0 and a full step of 0.25 becomes 1, in each channel."""
    channels = normalise(torch.full((2, 1, 8, 8), 0.75))
    assert channels.shape == (2, 3, 8, 8)
    assert torch.equal(channels, torch.ones(2, 3, 8, 8))


@pytest.mark.shared_data
def test_the_real_manifest_is_read_as_its_readme_says(shared_data):
    """Patients of NIH are split about nine to one and share none; orphans of NIH are out."""
    from research.mini.films.manifest import usable_films

    rows = usable_films(shared_data / "radiographs" / "manifest.csv")
    assert 17_000 < len(rows) < 19_000
    nih = [row for row in rows if row.set in ("nih", "nih_lowres")]
    validation = {row.patient for row in nih if row.split == "validation"}
    assert 0.08 < len(validation) / len({row.patient for row in nih}) < 0.12
    assert not validation & {row.patient for row in rows if row.split == "train"}
    assert all(row.split == "train" for row in rows if row.set not in ("nih", "nih_lowres"))
