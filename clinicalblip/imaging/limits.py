"""How large and how small a film may be, looked at before anything is decoded."""

import math

from clinicalblip.errors import RadiographTooLarge, UnsupportedRadiograph
from clinicalblip.settings import LimitSettings

MIN_SHORT_SIDE = 64
"""Pixels. Below this a film shows no more than its outline, and is an icon rather than a film."""


def check_file_size(count: int, limits: LimitSettings) -> None:
    """Raise RadiographTooLarge for a file of more than `limits.file_mebibytes`."""
    if count > limits.file_mebibytes * 2**20:
        raise RadiographTooLarge(
            f"The file has {math.ceil(count / 2**20)} MiB; up to {limits.file_mebibytes} MiB are read. "
            "Export the film smaller."
        )


def check_pixel_count(rows: int, columns: int, limits: LimitSettings, *, frames: int = 1) -> None:
    """Raise RadiographTooLarge for more than `limits.megapixels` in all frames together."""
    if rows * columns * frames > limits.megapixels * 10**6:
        found = f"{rows} x {columns}" + (f" x {frames}" if frames > 1 else "")
        raise RadiographTooLarge(
            f"The file claims {found} pixels; up to {limits.megapixels} megapixels are read. Export the film smaller."
        )


def check_short_side(rows: int, columns: int) -> None:
    """Raise UnsupportedRadiograph for a picture whose short side is below MIN_SHORT_SIDE."""
    if min(rows, columns) < MIN_SHORT_SIDE:
        raise UnsupportedRadiograph(
            f"The picture has {rows} x {columns} pixels; a radiograph needs at least {MIN_SHORT_SIDE} on its short "
            "side. Upload the film itself, not its icon."
        )


def max_inflated_bytes(limits: LimitSettings) -> int:
    """The most that a deflated file may become: 16 bits for every pixel that is allowed, and room for its tags."""
    return limits.megapixels * 2 * 10**6 + limits.file_mebibytes * 2**20
