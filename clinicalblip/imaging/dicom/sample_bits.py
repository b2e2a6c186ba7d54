"""Decoded words -> stored values: which of a word's bits are the value, and whether the first of them is its sign.

The header says so (BitsStored, HighBit, PixelRepresentation), a compressed stream says so of itself, and sometimes they
contradict each other. Where both readings give other values, the film decides: neighbouring pixels of a radiograph are
alike, and a wrong reading breaks its greys apart by thousands of levels.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.imaging.dicom.header import Pixels
from clinicalblip.imaging.grey import StoredValues

_MOST_ROWS = 256
"""So many rows of a film are looked at to tell which reading is smooth."""

_NOISE, _NO_NOISE = 0.5, 0.9
"""Correlation of neighbouring pixels."""

OTHER_SIGN = (
    "The file and the compressed picture in it disagree whether values below 0 occur; they were read so that "
    "neighbouring greys fit together."
)


def more_bits(found: int, said: int) -> str:
    """The warning for values that need more bits than the file says."""
    return f"The file says that its values have {said} bits; they have {found}, and all of them were read."


def stored_values(
    words: NDArray[Any], bits: int, pixels: Pixels, *, is_stream_signed: bool | None = None
) -> tuple[StoredValues, list[str]]:
    """The stored values in decoded words of `bits` bits, and the warnings about them.

    `words`: unsigned, or signed where the stream itself says that its values are. `is_stream_signed`: whether it says
    so; None for an encoding that knows no sign. In colour nothing but the place of the bits is looked at.
    """
    said, shift = pixels.bits_stored, pixels.high_bit + 1 - pixels.bits_stored
    words = words.astype(words.dtype.newbyteorder("="), copy=False)
    if shift > 0 and bits > said:  # old equipment fills its words from the top
        return _from_place(words, said, shift, signed=pixels.signed), []
    if words.ndim == 3:
        return _from_place(words, min(said, bits), 0, signed=False), []
    if is_stream_signed:
        return _signed_stream(words, bits, pixels)
    if is_stream_signed is False:  # JPEG 2000 knows signs, and knows how many bits it has
        return _unsigned_stream(words, bits, pixels)
    if not pixels.signed:
        return _unsigned(words, said)
    first = _from_place(words, min(said, bits), 0, signed=True)
    if bits < said:
        # A coder that knows no sign was given fewer bits than the header says: without a sign, or with it at their top.
        plain = words.astype(_type(bits + 1, signed=True))
        return _smoother(plain, first, "")
    whole = _from_place(words, bits, 0, signed=True)
    return _smoother(first, whole, more_bits(_needed(whole), said))


def smoother_bytes(words: NDArray[Any]) -> NDArray[Any]:
    """Words of 16 bits, or the same with their bytes exchanged where neighbouring pixels are more alike so."""
    return _smoother(words, words.byteswap(), "")[0]


def _unsigned(words: NDArray[Any], said: int) -> tuple[StoredValues, list[str]]:
    """What lies above the bits that the file says may be an overlay (PS3.5 8.1.1), or part of the values."""
    top = int(words.max())
    if top < 2**said:
        return words, []
    masked = words & words.dtype.type(2**said - 1)
    return _smoother(masked, words, more_bits(top.bit_length(), said))


def _unsigned_stream(words: NDArray[Any], bits: int, pixels: Pixels) -> tuple[StoredValues, list[str]]:
    if pixels.signed:
        spread = _from_place(words, bits, 0, signed=True)
        return _smoother(spread, words, OTHER_SIGN)
    top = int(words.max())
    if top < 2**pixels.bits_stored:
        return words, []
    masked = words & words.dtype.type(2**pixels.bits_stored - 1)
    values, _ = _smoother(words, masked, "")
    return values, [] if values is masked else [more_bits(top.bit_length(), pixels.bits_stored)]


def _signed_stream(words: NDArray[Any], bits: int, pixels: Pixels) -> tuple[StoredValues, list[str]]:
    if pixels.signed or int(words.min()) >= 0:
        needed, said = _needed(words), pixels.bits_stored
        return words, [more_bits(needed, said)] if pixels.signed and needed > said else []
    return _smoother(_from_place(words, bits, 0, signed=False), words, OTHER_SIGN)


def _smoother(first: NDArray[Any], other: NDArray[Any], warning: str) -> tuple[StoredValues, list[str]]:
    """The reading in which neighbouring pixels are more alike, the first where they are as alike; the other's warning.

    A reading that is noise beside one that is not is wrong; else the one whose neighbours differ less is right.
    """
    if np.array_equal(first, other):
        return first, []
    alike, other_alike = _correlation(first), _correlation(other)
    if min(alike, other_alike) < _NOISE and max(alike, other_alike) > _NO_NOISE:
        is_first = alike > other_alike
    else:
        is_first = float(np.abs(_steps(first)).sum()) <= float(np.abs(_steps(other)).sum())
    if is_first:
        return first, []
    return other, [warning] if warning else []


def _steps(values: NDArray[Any]) -> NDArray[np.int64]:
    """From each pixel to its right neighbour."""
    seen = values[:: -(-values.shape[0] // _MOST_ROWS)].astype(np.int64)
    return np.asarray(seen[:, 1:] - seen[:, :-1])


def _correlation(values: NDArray[Any]) -> float:
    """Of neighbouring pixels: 1 - (mean square of their steps) / (2 * variance)."""
    seen = values[:: -(-values.shape[0] // _MOST_ROWS)].astype(np.float64)
    variance = float(seen.var())
    return 1.0 - float((_steps(values).astype(np.float64) ** 2).mean()) / (2 * variance) if variance else 1.0


def _from_place(words: NDArray[Any], bits: int, shift: int, *, signed: bool) -> NDArray[np.integer[Any]]:
    """The bits above `shift`; the first of them fills the word where it is a sign."""
    whole = words.dtype.itemsize * 8
    typed = words.view(f"{'i' if signed else 'u'}{words.dtype.itemsize}")
    if shift == 0 and bits == whole:
        return typed
    return (typed << (whole - bits - shift)) >> (whole - bits)


def _needed(values: NDArray[Any]) -> int:
    """How many bits hold all values, a sign among them."""
    return max(int(values.max()).bit_length(), (-1 - int(values.min())).bit_length()) + 1


def _type(bits: int, *, signed: bool) -> np.dtype[Any]:
    width = 8 if bits <= 8 else 16 if bits <= 16 else 32 if bits <= 32 else 64
    return np.dtype(f"{'i' if signed else 'u'}{width // 8}")
