"""Regions of a film made black for good: the masked film is what is kept, shown and given to the model."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from clinicalblip.errors import PrivacyError
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import Radiograph, Region

_HALF_A_GREY = 0.5 / 255


def mask_regions(radiograph: Radiograph, regions: Sequence[Region]) -> Radiograph:
    """The film with these regions black under every window, with a digest of its own and a warning that says so.

    Nothing outside the regions changes; a region that reaches over the film's edge is cut off there. Without regions
    the film comes back as it is. Raises PrivacyError for a region that lies wholly outside: to mask nothing there
    would leave the text.
    """
    if not regions:
        return radiograph
    rows, columns = radiograph.values.shape
    values, black = radiograph.values.copy(), _black(radiograph)
    for region in regions:
        if region.top >= rows or region.left >= columns:
            raise PrivacyError(
                f"A place to mask lies outside the film of {rows} x {columns} pixels; nothing was masked. Look for "
                "text again on this film."
            )
        values[region.top : region.bottom, region.left : region.right] = black
    number = len(set(regions))
    warning = f"{number} {'place' if number == 1 else 'places'} of the film {'was' if number == 1 else 'were'} masked."
    return replace(
        radiograph,
        values=values,
        digest=digest(values),
        warnings=(*radiograph.warnings, warning),
        says_burned_in=False,
    )


def _black(radiograph: Radiograph) -> int:
    """The value that is darkest under every window that the film offers, in the film's own range if one is there.

    Of several, the one furthest from the middle of the film's values: it is dark under a window of the reader's too.
    """
    levels = np.arange(2**16, dtype=np.uint16)
    windows = [radiograph.window, *(named.window for named in radiograph.windows)]
    greys = [window.apply(levels) for window in windows]
    shown = np.maximum.reduce([1 - grey if radiograph.inverted else grey for grey in greys])
    dark = np.flatnonzero(shown <= shown.min() + _HALF_A_GREY)
    low, high = int(radiograph.values.min()), int(radiograph.values.max())
    outside = np.maximum(np.maximum(low - dark, dark - high), 0)
    from_middle = np.abs(dark - (low + high) / 2)
    return int(dark[np.lexsort((-from_middle, outside))[0]])
