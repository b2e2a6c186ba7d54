"""The bytes of a DICOM file -> a pydicom Dataset and how it is encoded, also where the file does not say so.

Files lie outside the standard in known ways: no preamble, no meta group, no transfer syntax, one that is not
theirs, a meta group in implicit VR or of a wrong length. What the bytes show goes before what the file says, as in
viewers. pydicom's own reading of whole files is not used: it inflates deflated files without any bound.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.filereader import read_dataset
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, STANDARD_VR

from clinicalblip.errors import RadiographTooLarge
from clinicalblip.imaging.codestream import syntax_of
from clinicalblip.imaging.formats import two_films
from clinicalblip.imaging.limits import inflated_bytes
from clinicalblip.settings import LimitSettings

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
NATIVE = (IMPLICIT, EXPLICIT, BIG_ENDIAN)
_DEFLATED = "1.2.840.10008.1.2.1.99"
_UNDOABLE = frozenset(
    f"1.2.840.10008.1.2.{end}" for end in ("5", *(f"4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)))
)
"""What archives compress films with. Under another syntax plain pixel data is not what it seems."""

_PREAMBLE = 132
_MARK = b"DICM"
_MARK_AS_TAG = (0x4449434D, 0x49444D43)  # in big and in little endian
_PIXELS, _SOP_CLASS = 0x7FE00010, 0x00080016
_META, _IDENTIFYING = 0x0002, 0x0008
_UNDEFINED = 0xFFFFFFFF
_ITEM = b"\xfe\xff\x00\xe0"

_VRS = frozenset(str(vr).encode("ascii") for vr in STANDARD_VR if len(vr) == 2)
_LONG_VRS = frozenset(str(vr).encode("ascii") for vr in EXPLICIT_VR_LENGTH_32)


@dataclass(frozen=True, eq=False)
class Parsed:
    """A data set whose pixel data is encoded in `syntax`; `sop_class` is the meta group's, or empty."""

    dataset: Any
    syntax: str
    sop_class: str

    @property
    def is_little(self) -> bool:
        """Whether words in tags begin with their low byte."""
        return self.syntax != BIG_ENDIAN


def is_dicom(data: bytes) -> bool:
    """Say whether the bytes carry DICOM's mark (PS3.10 7.1), or begin with data elements as a file without it does."""
    return _start(data) is not None


def parse(data: bytes, limits: LimitSettings) -> Parsed:
    """Read all data elements, and find out how the pixel data is encoded.

    A deflated file is inflated up to a bound: RadiographTooLarge. A second film behind the first is refused, because
    pydicom would mix the tags of both: UnsupportedRadiograph. Raises whatever pydicom raises for damaged bytes, so it
    is called where that is caught.
    """
    at, stated, sop_class = _meta(data, _start(data) or 0)
    if stated == _DEFLATED:
        dataset = read_dataset(BytesIO(_inflate(data[at:], inflated_bytes(limits))), False, True, stop_when=_one_film())
        return Parsed(dataset, _syntax(dataset, "", EXPLICIT), sop_class)
    implicit, little = _encoding(data[at : at + 8])
    stream = BytesIO(data)
    stream.seek(at)
    dataset = read_dataset(stream, implicit, little, stop_when=_one_film())
    found = BIG_ENDIAN if not little else IMPLICIT if implicit else EXPLICIT
    return Parsed(dataset, _syntax(dataset, stated, found), sop_class)


def _one_film() -> Callable[[int, str | None, int], bool]:
    """What pydicom asks at every tag whether to stop: never, but a second film behind the pixels is refused there.

    Its mark, its meta group or its SOP class show it. Zeros behind the pixels, and other tags there, are no film.
    """
    came: set[int] = set()

    def look(tag: int, _vr: str | None, _length: int) -> bool:
        starts = tag in _MARK_AS_TAG or tag >> 16 == _META or (tag == _SOP_CLASS and tag in came)
        if starts and _PIXELS in came:
            raise two_films()
        came.add(tag)
        return False

    return look


def _start(data: bytes) -> int | None:
    """Where the meta group or the data set begins; None where the bytes are no DICOM."""
    if data[128:_PREAMBLE] == _MARK:
        return _PREAMBLE
    if data[:4] == _MARK and _has_elements(data[4:40_000]):
        return 4
    return 0 if _has_elements(data) else None


def _has_elements(data: bytes) -> bool:
    """Say whether the bytes begin with three elements whose tags rise and whose lengths fit, the first of group 2 or 8.

    Three, because a picture or a text may begin like one by chance.
    """
    implicit, little = _encoding(data[:8])
    order = "little" if little else "big"
    at, last = 0, -1
    for _ in range(3):
        group = int.from_bytes(data[at : at + 2], order)  # type: ignore[arg-type]
        tag = group << 16 | int.from_bytes(data[at + 2 : at + 4], order)  # type: ignore[arg-type]
        head, length = _head(data[at : at + 12], implicit or data[at + 4 : at + 6] not in _VRS, order)
        at += head + (length if length != _UNDEFINED else 0)
        if tag <= last or at > len(data) or (last < 0 and group not in (_META, _IDENTIFYING)):
            return False
        if length == _UNDEFINED and last >= 0:  # a sequence: what follows are its items
            return True
        last = tag
    return True


def _head(data: bytes, implicit: bool, order: Any) -> tuple[int, int]:
    """How many bytes stand before an element's value, and how many it has, PS3.5 7.1."""
    if implicit:
        return 8, int.from_bytes(data[4:8], order)
    if data[4:6] in _LONG_VRS:
        return 12, int.from_bytes(data[8:12], order)
    return 8, int.from_bytes(data[6:8], order)


def _encoding(first: bytes) -> tuple[bool, bool]:
    """Whether a data set has implicit VRs, and whether it is little endian, by its first element.

    Groups are small numbers and the first one is the smallest, so its low byte is the one that is not 0.
    """
    is_little = int.from_bytes(first[:2], "little") <= int.from_bytes(first[:2], "big")
    return first[4:6] not in _VRS, is_little


def _meta(data: bytes, at: int) -> tuple[int, str, str]:
    """Where the meta group ends, its transfer syntax and its SOP class (empty where it has none).

    The group is walked element by element: its length may be wrong or absent.
    """
    syntax = sop_class = ""
    while data[at : at + 2] == b"\x02\x00" and at + 8 <= len(data):
        head, length = _head(data[at : at + 12], data[at + 4 : at + 6] not in _VRS, "little")
        value = data[at + head : at + head + min(length, 64)].rstrip(b"\0 ").decode("ascii", errors="replace")
        if data[at + 2 : at + 4] == b"\x10\x00":
            syntax = value
        elif data[at + 2 : at + 4] == b"\x02\x00":
            sop_class = value
        at += head + length
    return at, syntax, sop_class


def _syntax(dataset: Any, stated: str, found: str) -> str:
    """The encoding of the pixel data: by its own form where that contradicts what the file states.

    Files whose compression an archive undid, or whose meta group was lost, keep no true transfer syntax.
    """
    pixels = dataset.get_item("PixelData")
    value = pixels.value if pixels is not None and isinstance(pixels.value, bytes) else b""
    is_plain = stated in ("", *NATIVE)
    if _is_undefined(pixels) or (value.startswith(_ITEM) and not is_plain):
        return stated if not is_plain else syntax_of(_first_fragment(value)) or stated or found
    return found if is_plain or (value and stated in _UNDOABLE) else stated


def _is_undefined(element: Any) -> bool:
    if isinstance(element, RawDataElement):
        return bool(element.length == _UNDEFINED)
    return bool(getattr(element, "is_undefined_length", False))


def _first_fragment(value: bytes) -> bytes:
    """The first bytes of the picture behind the offset table, PS3.5 A.4."""
    at = 8 + int.from_bytes(value[4:8], "little")
    return value[at + 8 : at + 65_544]


def _inflate(deflated: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflater.decompress(deflated, most + 1)
    if len(inflated) > most:
        raise RadiographTooLarge(
            f"The deflated file becomes more than {most // 2**20} MiB when it is inflated. Export the film smaller."
        )
    if _MARK in inflater.unused_data[: _PREAMBLE + 1]:
        raise two_films()
    return inflated
