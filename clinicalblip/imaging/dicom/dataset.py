"""The bytes of a DICOM file -> a pydicom Dataset, how it is encoded, and what its meta group states.

Files depart from the standard in known ways: no preamble, no meta group, no transfer syntax or a wrong one, a meta
group in implicit VR or of a wrong length. What the bytes show goes before what the file states, as in viewers;
pixel_encoding.py does the same for the pixel data.

pydicom.dcmread is not used for this: it inflates a deflated file without a bound, takes the stated transfer syntax at
its word, and mixes the tags of two films that stand in one file. Data elements are read by elements.py.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinicalblip.errors import RadiographTooLarge
from clinicalblip.imaging.dicom.elements import LONG_VRS, UNDEFINED, read_elements
from clinicalblip.imaging.dicom.fragments import VRS
from clinicalblip.imaging.formats import second_film_error
from clinicalblip.imaging.limits import max_inflated_bytes
from clinicalblip.settings import LimitSettings

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
NATIVE = (IMPLICIT, EXPLICIT, BIG_ENDIAN)
_DEFLATED = "1.2.840.10008.1.2.1.99"
_META_START = 132
_PREFIX = b"DICM"
_PREFIX_AS_TAG = (0x4449434D, 0x49444D43)  # in big and in little endian
_PIXEL_DATA, _SOP_CLASS = 0x7FE00010, 0x00080016
_META, _IDENTIFYING = 0x0002, 0x0008


@dataclass(frozen=True, eq=False)
class ParsedFile:
    """A data set, how it is encoded (IMPLICIT, EXPLICIT or BIG_ENDIAN), and what the meta group says.

    `stated`: the transfer syntax that the meta group names, empty where it names none and where the file was deflated.
    `sop_class`: empty where it names none.
    """

    dataset: Any
    encoding: str
    stated: str
    sop_class: str

    @property
    def is_little_endian(self) -> bool:
        """Whether words in tags begin with their low byte."""
        return self.encoding != BIG_ENDIAN


def is_dicom(data: bytes) -> bool:
    """Whether the bytes carry the prefix DICM (PS3.10 7.1), or begin with data elements as a file without it does."""
    return _start(data) is not None


def parse_file(data: bytes, limits: LimitSettings) -> ParsedFile:
    """Read all data elements.

    Raises RadiographTooLarge for a deflated file that inflates beyond the bound, UnsupportedRadiograph for a second
    film behind the first, and ValueError or an error of pydicom's for damaged bytes: it is called inside
    `translate_errors`.
    """
    at, stated, sop_class = _meta(data, _start(data) or 0)
    if stated == _DEFLATED:
        inflated = _inflate(data[at:], max_inflated_bytes(limits))
        dataset = read_elements(inflated, 0, implicit=False, little=True, look_at=_refuse_second_film())
        return ParsedFile(dataset, EXPLICIT, "", sop_class)
    implicit, little = _encoding(data[at : at + 8])
    dataset = read_elements(data, at, implicit=implicit, little=little, look_at=_refuse_second_film())
    encoding = BIG_ENDIAN if not little else IMPLICIT if implicit else EXPLICIT
    return ParsedFile(dataset, encoding, stated, sop_class)


def _refuse_second_film() -> Callable[[int], None]:
    """What looks at every tag and raises at a second film.

    The prefix, the meta group or the SOP class behind the pixel data show one. Zeros and other tags there are no film.
    """
    seen: set[int] = set()

    def look_at(tag: int) -> None:
        starts = tag in _PREFIX_AS_TAG or tag >> 16 == _META or (tag == _SOP_CLASS and tag in seen)
        if starts and _PIXEL_DATA in seen:
            raise second_film_error()
        seen.add(tag)

    return look_at


def _start(data: bytes) -> int | None:
    """Where the meta group or the data set begins; None where the bytes are not DICOM."""
    if data[128:_META_START] == _PREFIX:
        return _META_START
    if data[:4] == _PREFIX and _has_elements(data[4:40_000]):
        return 4
    return 0 if _has_elements(data) else None


def _has_elements(data: bytes) -> bool:
    """Whether the bytes begin with three elements of rising tags and fitting lengths, the first of group 2 or 8.

    Three, because a picture or a text may begin like one by chance.
    """
    implicit, little = _encoding(data[:8])
    order = "little" if little else "big"
    at, last = 0, -1
    for _ in range(3):
        group = int.from_bytes(data[at : at + 2], order)  # type: ignore[arg-type]
        tag = group << 16 | int.from_bytes(data[at + 2 : at + 4], order)  # type: ignore[arg-type]
        head, length = _head(data[at : at + 12], implicit or data[at + 4 : at + 6] not in VRS, order)
        at += head + (length if length != UNDEFINED else 0)
        if tag <= last or at > len(data) or (last < 0 and group not in (_META, _IDENTIFYING)):
            return False
        if length == UNDEFINED and last >= 0:  # a sequence: what follows are its items
            return True
        last = tag
    return True


def _head(data: bytes, implicit: bool, order: Any) -> tuple[int, int]:
    """How many bytes stand before an element's value, and how many it has, PS3.5 7.1."""
    if implicit:
        return 8, int.from_bytes(data[4:8], order)
    if data[4:6] in LONG_VRS:
        return 12, int.from_bytes(data[8:12], order)
    return 8, int.from_bytes(data[6:8], order)


def _encoding(first: bytes) -> tuple[bool, bool]:
    """Whether a data set has implicit VRs, and whether it is little endian, by its first element.

    Groups are small numbers and the first one is the smallest, so its low byte is the one that is not 0.
    """
    is_little = int.from_bytes(first[:2], "little") <= int.from_bytes(first[:2], "big")
    return first[4:6] not in VRS, is_little


def _meta(data: bytes, at: int) -> tuple[int, str, str]:
    """Where the meta group ends, its transfer syntax and its SOP class (empty where it has none).

    The group is walked element by element: its length may be wrong or absent.
    """
    syntax = sop_class = ""
    while data[at : at + 2] == b"\x02\x00" and at + 8 <= len(data):
        head, length = _head(data[at : at + 12], data[at + 4 : at + 6] not in VRS, "little")
        value = data[at + head : at + head + min(length, 64)].rstrip(b"\0 ").decode("ascii", errors="replace")
        if data[at + 2 : at + 4] == b"\x10\x00":
            syntax = value
        elif data[at + 2 : at + 4] == b"\x02\x00":
            sop_class = value
        at += head + length
    return at, syntax, sop_class


def _inflate(deflated: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflater.decompress(deflated, max_bytes + 1)
    if len(inflated) > max_bytes:
        raise RadiographTooLarge(
            f"The deflated file becomes more than {max_bytes // 2**20} MiB when it is inflated. "
            "Export the film smaller."
        )
    if _PREFIX in inflater.unused_data[: _META_START + 1]:
        raise second_film_error()
    return inflated
