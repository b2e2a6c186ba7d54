"""Limits are allowed themselves, and named where they are passed."""

import pytest

from clinicalblip.errors import RadiographTooLarge, UnsupportedRadiograph
from clinicalblip.imaging.limits import check_file_size, check_pixel_count, check_short_side
from clinicalblip.settings import LimitSettings

LIMITS = LimitSettings(file_mebibytes=2, megapixels=3)


def test_bytes_up_to_the_limit_are_allowed() -> None:
    """2 MiB are allowed, a byte more is 3 MiB rounded up and is not."""
    check_file_size(2 * 2**20, LIMITS)
    with pytest.raises(RadiographTooLarge, match="has 3 MiB; up to 2 MiB"):
        check_file_size(2 * 2**20 + 1, LIMITS)


def test_pixels_up_to_the_limit_are_allowed() -> None:
    """3 megapixels in all frames together."""
    check_pixel_count(1000, 3000, LIMITS)
    check_pixel_count(1000, 1000, LIMITS, frames=3)
    with pytest.raises(RadiographTooLarge, match="claims 1000 x 3001 pixels; up to 3 megapixels"):
        check_pixel_count(1000, 3001, LIMITS)
    with pytest.raises(RadiographTooLarge, match="1000 x 1000 x 4"):
        check_pixel_count(1000, 1000, LIMITS, frames=4)


@pytest.mark.parametrize("shape", [(63, 900), (900, 63), (1, 1)])
def test_a_short_side_below_64_is_refused(shape: tuple[int, int]) -> None:
    """Either side counts."""
    with pytest.raises(UnsupportedRadiograph, match=f"{shape[0]} x {shape[1]}"):
        check_short_side(*shape)
    check_short_side(64, 64)
