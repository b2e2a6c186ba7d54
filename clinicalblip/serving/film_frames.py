"""Films on their way to a replica: grey values with their window and digest, compressed; no tag, and nothing that runs.

Of what was read from a file go only the values, what turns them into greys, the view and the digest of the values, by
which the other side sees that they came whole. Warnings, spacing, further windows, age and sex stay where they are.
"""

import io
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from clinicalblip.imaging.sandbox import protocol as frames
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.serving.protocol import ProtocolError
from clinicalblip.settings import LimitSettings

MOST_FILMS: Final = 3
_LEVEL: Final = 1  # a third of the time of the default for a twentieth more bytes
_BESIDE_VALUES: Final = 2**20  # bytes of a film's lookup table


def pack_films(films: Sequence[Radiograph]) -> bytes:
    """The films, for `unpack_films`."""
    packed = [frames.pack_radiograph(_keep_only_greys(film)) for film in films]
    described = [{"film": fields, "arrays": frames.describe_arrays(arrays)} for fields, arrays in packed]
    compressed = _Deflated()
    frames.send(compressed, {"films": described}, [block for _, arrays in packed for block in frames.buffers(arrays)])
    return compressed.finish()


def most_bytes(limits: LimitSettings) -> int:
    """The most bytes that the films of a request take, packed or not."""
    return MOST_FILMS * (2 * limits.megapixels * 10**6 + _BESIDE_VALUES)


def unpack_films(packed: bytes | memoryview, limits: LimitSettings) -> list[Radiograph]:
    """The films that `pack_films` packed. Raises ProtocolError for anything else, or for more than the limits allow."""
    stream, left = _Inflated(packed), most_bytes(limits)
    films: list[Radiograph] = []
    try:
        described = frames.receive(stream).get("films")
        if not isinstance(described, list) or len(described) > MOST_FILMS:
            raise ProtocolError("films that are no list, or more than a draft has")
        for entry in described:
            if not isinstance(entry, dict):
                raise ProtocolError("a film that is not described")
            arrays = frames.receive_arrays(stream, entry.get("arrays"), max_bytes=left)
            left -= sum(array.nbytes for array in arrays)
            film = _keep_only_greys(frames.unpack_radiograph(entry.get("film"), arrays))
            if digest(film.values) != film.digest:
                raise ProtocolError("a film that did not come whole")
            films.append(film)
        if stream.readinto(memoryview(bytearray(1))):
            raise ProtocolError("more bytes than the films have")
    except (frames.ProtocolError, EOFError, zlib.error) as error:
        raise ProtocolError(f"bytes that are no films ({type(error).__name__})") from None
    return films


def _keep_only_greys(film: Radiograph) -> Radiograph:
    """The film without what drafting does not need."""
    return replace(
        film, spacing_mm=None, spacing_kind=None, warnings=(), windows=(), says_burned_in=False, patient=None
    )


class _Deflated(io.RawIOBase):
    """Compresses what is written."""

    def __init__(self) -> None:
        self._compressor, self._parts = zlib.compressobj(_LEVEL), list[bytes]()

    def write(self, data: Any, /) -> int:
        """Take all of it."""
        self._parts.append(self._compressor.compress(data))
        return len(data)

    def finish(self) -> bytes:
        """Everything that was written, compressed."""
        return b"".join((*self._parts, self._compressor.flush()))


class _Inflated(io.RawIOBase):
    """Compressed bytes, of which no more is inflated than is read."""

    def __init__(self, packed: bytes | memoryview) -> None:
        self._left: bytes | memoryview = packed
        self._inflater = zlib.decompressobj()

    def readinto(self, buffer: Any, /) -> int:
        """Fill the beginning of a buffer; 0 at the end of the bytes."""
        inflated = self._inflater.decompress(self._left, len(buffer))
        self._left = self._inflater.unconsumed_tail
        buffer[: len(inflated)] = inflated
        return len(inflated)
