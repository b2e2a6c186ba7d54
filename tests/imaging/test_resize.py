"""Films made smaller in strips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clinicalblip.imaging.resize import STRIP_PIXELS, resize_strips, strip_rows

SIDES = st.integers(1, 60)


@given(SIDES, SIDES, SIDES, SIDES, SIDES, st.sampled_from([Image.Resampling.BILINEAR, Image.Resampling.BOX]))
def test_strips_give_to_the_bit_what_the_whole_gives(
    rows: int, columns: int, new_rows: int, new_columns: int, strip: int, resample: Image.Resampling
) -> None:
    """Larger or smaller, in any two sizes and strips."""
    film = np.random.default_rng(rows * columns).random((rows, columns), dtype=np.float32)
    whole = np.asarray(Image.fromarray(film).resize((new_columns, new_rows), resample))
    strips = (film[top : top + strip] for top in range(0, rows, strip))
    np.testing.assert_array_equal(resize_strips(strips, (new_rows, new_columns), resample), whole)


@pytest.mark.parametrize("columns", [1, 2048, STRIP_PIXELS, 5 * STRIP_PIXELS])
def test_a_strip_is_small_and_has_a_row_at_least(columns: int) -> None:
    """So many rows as are floats at once, and one of the widest film."""
    assert strip_rows(columns) * columns <= max(STRIP_PIXELS, columns)
    assert strip_rows(columns) >= 1
