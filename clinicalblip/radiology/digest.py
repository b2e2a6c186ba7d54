"""The digest of a film: its name in logs, reviews and caches, where no file name or tag may appear."""

import hashlib

import numpy as np
from numpy.typing import NDArray


def digest(values: NDArray[np.uint16]) -> str:
    """SHA-256, hexadecimal, over the shape ("rows x columns") and the values as little-endian words.

    It is over the values and not over the file: the same film with other tags, or in another lossless encoding, has
    the same digest, and no tag can be guessed from it.
    """
    rows, columns = values.shape
    summed = hashlib.sha256(f"{rows} x {columns}\n".encode("ascii"))
    summed.update(np.ascontiguousarray(values, dtype="<u2").data)
    return summed.hexdigest()
