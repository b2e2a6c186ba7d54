"""A film's values on their way to the browser."""

from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.web.film_transfer import (
    PREVIEW_SIDE,
    FilmSize,
    find_film,
    pack_film,
    pack_values,
    picture_key,
    unpack_values,
)
from clinicalblip.web.session import LoadedFilm, Session


def film(rows: int, columns: int, *, seed: int = 0) -> LoadedFilm:
    """A film of random values of 16 bits."""
    values = np.random.default_rng(seed).integers(0, 2**16, (rows, columns), dtype=np.uint16)
    return LoadedFilm(Radiograph(values, Window(2000, 4000), False, View.PA, None, f"digest {seed}"))


@pytest.mark.parametrize("sides", [(1, 1), (7, 13), (3, 2**19), (1500, 1100)])
def test_sixteen_bits_arrive_as_sixteen_bits(sides: tuple[int, int]) -> None:
    """Every value comes out as it went in, the largest jumps too."""
    values = film(*sides).radiograph.values.copy()
    values.flat[:2] = (65535, 0)[: values.size]
    assert np.array_equal(unpack_values(pack_values(values), sides), values)


def test_the_first_picture_is_the_film_averaged_down() -> None:
    """The longer side becomes the preview's, the proportions and the mean stay; a small film is sent whole."""
    large = film(3000, 1500)
    packed = pack_film(large, FilmSize.PREVIEW)
    assert (packed.rows, packed.columns) == (PREVIEW_SIDE, PREVIEW_SIDE // 2)
    values = unpack_values(packed.data, (packed.rows, packed.columns))
    assert abs(values.mean() - large.radiograph.values.mean()) < 20
    assert pack_film(film(40, 30), FilmSize.PREVIEW) == pack_film(film(40, 30), FilmSize.WHOLE)


def test_a_film_is_found_in_the_session_that_holds_it_alone() -> None:
    """By a key that is another one once its picture changes."""
    loaded = film(4, 4)
    holder, other = Session(films={FilmRole.FRONTAL: loaded}), Session(films={FilmRole.FRONTAL: film(4, 4)})
    assert find_film(holder, picture_key(loaded)) is loaded
    assert find_film(other, picture_key(loaded)) is None
    masked = replace(loaded, radiograph=replace(loaded.radiograph, digest="masked"))
    assert picture_key(masked) != picture_key(loaded)
    assert picture_key(replace(loaded, screened=True)) == picture_key(loaded)
