"""Whether a film can be a chest radiograph at all, by plain means: what its greys and its outline are like."""

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import Radiograph

_SIDE = 160


def shape_doubts(radiograph: Radiograph) -> tuple[str, ...]:
    """Why the film's greys are not those of a radiograph: whole sentences for the reader, none where they could be."""
    greys = _reduced(radiograph.pixels)
    middle = float(np.median(greys))
    if float((np.abs(greys - middle) < 0.03).mean()) > 0.97:
        return ("Almost every pixel is the same grey; there is nothing in this picture to draft from.",)
    return ()


def _reduced(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture in blocks averaged to about `_SIDE` pixels on its short side."""
    block = max(1, min(pixels.shape) // _SIDE)
    rows, columns = (length // block for length in pixels.shape)
    blocks = pixels[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return np.asarray(blocks.mean((1, 3)), dtype=np.float32)
