"""What a film is called where its name must not be said."""

import hashlib

import numpy as np
from numpy.typing import NDArray


def digest(values: NDArray[np.uint16]) -> str:
    """SHA-256, hexadecimal, over the shape ("rows x columns") and the values as little-endian words.

    Over the values and not over the file: the same film under other tags, or in another lossless encoding, has the
    same digest, and no tag can be guessed from it.
    """
    rows, columns = values.shape
    summed = hashlib.sha256(f"{rows} x {columns}\n".encode("ascii"))
    summed.update(np.ascontiguousarray(values, dtype="<u2").data)
    return summed.hexdigest()
