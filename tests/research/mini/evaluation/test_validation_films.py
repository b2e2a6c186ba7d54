"""The validation films are those of patients that nothing was trained on, and the same however they are read."""

import numpy as np

from clinicalblip.instructblip.vision.preprocess import film_to_square
from research.mini.evaluation.validation_films import films_of, read_validation, validation_rows
from research.mini.films.manifest import split_of

SIZE = 32


def test_films_are_of_validation_patients(tiny_data):
    """Of those alone, with labels, group and patient in the manifest's order; fewer are some of them."""
    films = read_validation(tiny_data, SIZE)
    assert films.rows
    assert all(split_of(patient) == "validation" for patient in films.patients)
    assert films.labels.shape == (len(films.rows), 14)
    assert set(films.groups) == {"nih:64"}
    assert {row.id for row in validation_rows(tiny_data, 2)} < {row.id for row in films.rows}


def test_a_film_is_what_an_upload_of_it_becomes(tiny_data):
    """To the last bit, and as the table of the training has it."""
    films = read_validation(tiny_data, SIZE)
    for film, picture in zip(films_of(tiny_data, films.rows), films.pictures, strict=True):
        assert np.array_equal(film_to_square(film, SIZE), picture)
