"""The bytes of a data set -> its data elements, as a pydicom Dataset that converts each value when it is asked for.

pydicom's read_dataset is not used: it raises at a character set that is no text, takes what follows a sequence into an
item that is not closed, and drops pixel data whose end is missing. Here every element is kept that can be told apart:

- an item may be ended by its own delimiter, by that of its sequence, by the next item, or by the end of the file;
- what stands behind an item that nothing closes is given back to the data set around it;
- text under a character set that cannot be understood is read as Latin-1.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from struct import Struct

from pydicom.charset import convert_encodings, default_encoding, python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from clinicalblip.imaging.dicom.fragments import VRS, end_of_fragments

UNDEFINED = 0xFFFFFFFF
LONG_VRS = frozenset(str(vr).encode("ascii") for vr in EXPLICIT_VR_LENGTH_32)

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CHARACTER_SET = 0x00080005
_MAX_DEPTH = 100
_NOT_ZERO = re.compile(rb"[^\0]")

Elements = dict[BaseTag, RawDataElement | DataElement]


def read_elements(
    data: bytes, at: int, *, implicit: bool, little: bool, look_at: Callable[[int], None] = lambda _tag: None
) -> Dataset:
    """Read the data elements from `at` on to the end of the bytes.

    `implicit`, `little`: how the first element is encoded. `look_at` is called with the tag of each element that does
    not lie in a sequence, and may raise. Raises ValueError for sequences that are nested without end.
    """
    reader = _Reader(data, little, look_at)
    level = reader.read_level(_Level(at, len(data), implicit, [default_encoding]))
    return reader.dataset_of(level)


@dataclass
class _Level:
    """A data set, or one item of a sequence, while it is read.

    `at`: where reading has come to. `is_open`: it has no length, so something behind its elements has to end it.
    `is_ended`: something did.
    """

    at: int
    end: int
    implicit: bool
    encodings: list[str]
    depth: int = 0
    is_open: bool = False
    is_ended: bool = False

    def __post_init__(self) -> None:
        self.elements: Elements = {}


@dataclass(frozen=True)
class _Head:
    """What stands before a value: the tag, the VR (None in implicit VR), the length, and where the value begins."""

    tag: int
    vr: str | None
    length: int
    value: int


class _Reader:
    def __init__(self, data: bytes, little: bool, look_at: Callable[[int], None]) -> None:
        order = "<" if little else ">"
        self.data, self.little, self.look_at = data, little, look_at
        self.tag_and_length, self.short, self.long = (Struct(order + form) for form in ("HHI", "H", "I"))

    def dataset_of(self, level: _Level) -> Dataset:
        dataset = Dataset(level.elements, parent_encoding=level.encodings)
        dataset.set_original_encoding(level.implicit, self.little, level.encodings)
        return dataset

    def read_level(self, level: _Level) -> _Level:
        """Read elements until the level is ended, or until its last byte."""
        if level.depth > _MAX_DEPTH:
            raise ValueError("sequences are nested without end")
        while (head := self.head(level)) is not None:
            if head.tag >> 16 == 0xFFFE and head.vr is None:
                if level.is_open:  # the sequence's own end, and the next item, are left for the sequence to read
                    level.at += 8 if head.tag == _ITEM_END else 0
                    level.is_ended = True
                    return level
                # an end of nothing, or an item behind a sequence that says too small a length
                level.at = min(head.value + (0 if head.length == UNDEFINED else head.length), level.end)
            elif head.tag == 0 and head.length == 0 and level.depth == 0:
                self.skip_zeros(level)
            else:
                if level.depth == 0:
                    self.look_at(head.tag)
                self.read_value(level, head)
        level.at = level.end
        return level

    def head(self, level: _Level) -> _Head | None:
        """The head of the next element; None where too few bytes are left for one."""
        at, data = level.at, self.data
        if at + 8 > level.end:
            return None
        group, element, length = self.tag_and_length.unpack_from(data, at)
        tag, vr = group << 16 | element, data[at + 4 : at + 6]
        is_delimiter = group == 0xFFFE and (level.is_open or vr not in VRS)
        if level.implicit or is_delimiter or not b"AA" <= vr <= b"ZZ":  # some writers change over to implicit VR
            return _Head(tag, None, length, at + 8)
        if vr not in LONG_VRS:
            return _Head(tag, vr.decode("latin-1"), self.short.unpack_from(data, at + 6)[0], at + 8)
        if at + 12 > level.end:
            return None
        return _Head(tag, vr.decode("latin-1"), self.long.unpack_from(data, at + 8)[0], at + 12)

    def read_value(self, level: _Level, head: _Head) -> None:
        if head.length == UNDEFINED:
            if self.is_sequence(head) or (head.vr in (None, "UN") and self.starts_with_item(head, level.end)):
                self.read_sequence(level, head)
            else:
                end, level.at = end_of_fragments(self.data, head.value, level.end, little=self.little)
                self.keep(level, head, end)
            return
        end = min(head.value + head.length, level.end)
        if head.tag == _CHARACTER_SET:
            level.encodings = _encodings(self.data[head.value : end])
        elif self.is_sequence(head) and self.starts_with_item(head, end):
            within = _Level(head.value, end, level.implicit, level.encodings, level.depth)
            self.keep_sequence(level, head, self.read_items(within)[0])
            end = (
                within.at if within.at + 8 <= end and self.tag_at(within.at) > head.tag else end
            )  # the length is wrong
        else:
            self.keep(level, head, end)
        level.at = end

    def keep(self, level: _Level, head: _Head, end: int) -> None:
        tag = BaseTag(head.tag)
        value = self.data[head.value : end] if head.length else None
        level.elements[tag] = RawDataElement(
            tag, head.vr, head.length, value, head.value, level.implicit or head.vr is None, self.little
        )

    def keep_sequence(self, level: _Level, head: _Head, items: list[_Level]) -> None:
        sequence = Sequence([self.dataset_of(item) for item in items])
        level.elements[BaseTag(head.tag)] = DataElement(BaseTag(head.tag), "SQ", sequence)

    def is_sequence(self, head: _Head) -> bool:
        return head.vr == "SQ" or (head.vr in (None, "UN") and _dictionary_has_sequence(head.tag))

    def starts_with_item(self, head: _Head, end: int) -> bool:
        if _is_pixel_data(head.tag) or head.value + 8 > end:
            return False
        return self.tag_at(head.value) == _ITEM

    def tag_at(self, at: int) -> int:
        group, element, _ = self.tag_and_length.unpack_from(self.data, at)
        return int(group << 16 | element)

    def read_sequence(self, level: _Level, head: _Head) -> None:
        """Read a sequence of undefined length; `level` goes on behind it."""
        around = _Level(head.value, level.end, level.implicit, level.encodings, level.depth, is_open=level.is_open)
        items, is_ended = self.read_items(around)
        self.keep_sequence(level, head, items)
        level.at = around.at
        if items and not is_ended:
            for tag, element in items[-1].elements.items():
                if tag > head.tag and tag not in level.elements:
                    level.elements[tag] = element

    def read_items(self, around: _Level) -> tuple[list[_Level], bool]:
        """The items from `around.at` on, and whether the last of them was ended by anything but the end of the file."""
        items: list[_Level] = []
        while around.at + 8 <= around.end:
            group, element, length = self.tag_and_length.unpack_from(self.data, around.at)
            tag = group << 16 | element
            if tag == _SEQUENCE_END:
                around.at += 8
                return items, True
            if tag == _ITEM_END and not around.is_open:  # behind an item that has a length as well
                around.at += 8
                continue
            if tag != _ITEM:  # the sequence's end is missing
                return items, True
            item = self.item(around, length)
            items.append(self.read_level(item))
            around.at = item.at
            if item.is_open and not item.is_ended:
                return items, False
        return items, True

    def item(self, around: _Level, length: int) -> _Level:
        at, is_open = around.at + 8, length == UNDEFINED
        end = around.end if is_open else min(at + length, around.end)
        vr = self.data[at + 4 : min(at + 6, end)]
        implicit = around.implicit or not (b"AA" <= vr <= b"ZZ")
        return _Level(at, end, implicit, around.encodings, around.depth + 1, is_open)

    def skip_zeros(self, level: _Level) -> None:
        found = _NOT_ZERO.search(self.data, level.at, level.end)
        zeros = (found.start() if found else level.end) - level.at
        level.at += max(8, zeros - zeros % 8)


@cache
def _dictionary_has_sequence(tag: int) -> bool:
    try:
        return str(dictionary_VR(tag)) == "SQ"
    except KeyError:
        return False


def _is_pixel_data(tag: int) -> bool:
    return tag in (0x7FE00008, 0x7FE00009, 0x7FE00010)


def _encodings(value: bytes) -> list[str]:
    """Python's names of the character sets that SpecificCharacterSet names, whatever VR it stands under.

    Latin-1 where one of them cannot be understood.
    """
    names = [name.strip(" \0") for name in value.decode("ascii", errors="replace").split("\\")]
    try:
        found = convert_encodings(names)
        for name in found:
            if name not in python_encoding.values() and b"A1 ".decode(name) != "A1 ":
                return [default_encoding]
    except (LookupError, ValueError, TypeError, AttributeError):
        return [default_encoding]
    return list(found)
