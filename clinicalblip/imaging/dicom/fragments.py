"""Encapsulated pixel data (PS3.5 A.4): where it ends, and the one picture's stream in it.

A radiograph is one picture, so all fragments belong to it: the offset table in front of them is not needed, and where
it is wrong, odd or missing, that is said and nothing else.
"""

import struct
from dataclasses import dataclass

from pydicom.valuerep import STANDARD_VR

from clinicalblip.imaging.codestream import rle_segments, transfer_syntax_of

VRS = frozenset(str(vr).encode("ascii") for vr in STANDARD_VR if len(vr) == 2)

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_TRAILING_PADDING = 0xFFFCFFFC
_RLE_HEADER = 64
_END_MARKER = b"\xff\xd9"
_PADDING = 16
"""Bytes; so many zeros may stand behind a stream's end marker."""


@dataclass(frozen=True, eq=False)
class Encapsulated:
    """The stream of one picture.

    `is_broken`: its bytes do not end where its fragments do, so some of them are missing or too many. `has_end`: a
    sequence delimiter ends the value. `is_table_right`: the offset table is empty or says 0, as that of one picture has
    to.
    """

    stream: bytes
    is_broken: bool
    has_end: bool
    is_table_right: bool


def end_of_fragments(data: bytes, at: int, end: int, *, little: bool) -> tuple[int, int]:
    """Where a value of undefined length ends that is no sequence, and where the next element begins.

    The value keeps its sequence delimiter, by which `join_fragments` sees that it has one. Without a delimiter the
    value ends with its last fragment, before whatever follows.
    """
    form = struct.Struct("<HHI" if little else ">HHI")
    begin = at
    while at + 8 <= end:
        group, element, length = form.unpack_from(data, at)
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            return at + 8, at + 8
        if tag == _ITEM:
            at = min(at + 8 + length, end)
        elif tag == _ITEM_END or data[at : at + 8] == bytes(8):
            return at, at + 8
        elif at > begin and _is_odd(data, begin, at, little=little) and _tag(data, at + 1, little) >> 16 == 0xFFFE:
            at += 1  # the fragment's length leaves out its padding
        elif at > begin and tag >> 16 > 0x7FE0 and (tag == _TRAILING_PADDING or data[at + 4 : at + 6] in VRS):
            return at, at  # an element behind pixel data that nothing ends
        else:
            found = data.find(struct.pack("<HH" if little else ">HH", 0xFFFE, 0xE0DD), at, end)
            return (found + 8, found + 8) if found >= 0 else (end, end)
    return end, end


def join_fragments(value: bytes, *, little: bool) -> Encapsulated:
    """The stream in a value that begins with an item, or is a bare stream before a delimiter."""
    delimiter = struct.pack("<HHI" if little else ">HHI", 0xFFFE, 0xE0DD, 0)
    if _tag(value, 0, little) not in (_ITEM, _SEQUENCE_END):
        bare = value.removesuffix(delimiter)
        return Encapsulated(bare, False, bare != value, False)
    fragments: list[bytes] = []
    at, has_end = 0, False
    while at + 8 <= len(value) and not has_end:
        tag = _tag(value, at, little)
        if tag == _ITEM:
            length = int.from_bytes(value[at + 4 : at + 8], "little" if little else "big")
            fragments.append(value[at + 8 : at + 8 + length])
            at += 8 + length
        elif tag != _SEQUENCE_END and fragments and len(fragments[-1]) % 2:
            fragments[-1] += value[at : at + 1]  # padding that the fragment's length leaves out
            at += 1
        else:
            has_end = tag == _SEQUENCE_END
            break
    table, parts = _table_and_parts(fragments)
    stream = b"".join(parts)
    is_broken = not has_end and (delimiter[:4] in stream[-_PADDING:] or not _is_tail(value[at:], delimiter))
    if not has_end and transfer_syntax_of(stream) is not None:  # RLE has no end marker
        is_broken |= _END_MARKER not in stream[-_PADDING:]
    return Encapsulated(stream, is_broken, has_end, table in (b"", bytes(4)))


def _is_tail(rest: bytes, delimiter: bytes) -> bool:
    """Whether what stands behind the last fragment is nothing, zeros, or the beginning of the delimiter."""
    return not any(rest) or delimiter.startswith(rest)


def _table_and_parts(fragments: list[bytes]) -> tuple[bytes | None, list[bytes]]:
    """The offset table, None where there is none, and the fragments of the picture."""
    if not fragments:
        return None, []
    first, rest = fragments[0], fragments[1:]
    has_rle_header = len(first) >= _RLE_HEADER and rle_segments(b"".join(fragments)) is not None
    is_stream = has_rle_header or transfer_syntax_of(first) is not None
    if is_stream or not b"".join(rest):
        return None, fragments
    return first, rest


def _is_odd(data: bytes, begin: int, at: int, *, little: bool) -> bool:
    """Whether the fragments from `begin` to `at` have an odd number of bytes."""
    return (at - begin) % 2 == 1 and at + 5 <= len(data) and _tag(data, begin, little) == _ITEM


def _tag(data: bytes, at: int, little: bool) -> int:
    order = "little" if little else "big"
    return int.from_bytes(data[at : at + 2], order) << 16 | int.from_bytes(data[at + 2 : at + 4], order)  # type: ignore[arg-type]
