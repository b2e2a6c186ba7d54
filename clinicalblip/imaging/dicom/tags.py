"""A pydicom Dataset read one plain value at a time, whatever VR its elements claim."""

import math
import re
from typing import Any

import numpy as np
import pydicom
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement

from clinicalblip.imaging.grey import Lut

_UNCONVERTIBLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, NotImplementedError)
"""What pydicom raises when a value does not fit its tag."""

_BYTE_VRS = ("OB", "OW", "OL", "OV", "OF", "OD", "AT", "FL", "FD")
_NUMBER_VRS = ("DS", "IS")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_TEXT_VRS = ("AE", "AS", "CS", "DA", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT")


class Tags:
    """The values of a data set, or of an item in it.

    An optional tag whose value cannot be understood counts as absent; its keyword is kept in `malformed`, which
    becomes a warning. Integers are read under a wrong VR too.
    """

    def __init__(self, dataset: Any, *, little_endian: bool) -> None:
        self.dataset = dataset
        self.little_endian = little_endian
        self.malformed: list[str] = []

    def values(self, keyword: str) -> list[Any]:
        """All values of a tag; none where it is absent, empty or cannot be converted."""
        try:
            words = _words_under_wrong_vr(self.dataset, keyword, self.little_endian)
            value = self.dataset.get(keyword) if words is None else words
        except _UNCONVERTIBLE:
            self.malformed.append(keyword)
            return []
        many = isinstance(value, (list, pydicom.multival.MultiValue))
        return [one for one in (value if many else [value]) if one is not None and one != ""]

    def first(self, keyword: str) -> Any:
        """The value, or the first of several; None where there is none."""
        values = self.values(keyword)
        return values[0] if values else None

    def numbers(self, keyword: str) -> list[float]:
        """All values as finite numbers; none where one of them is not."""
        numbers = [_number(value) for value in self._written(keyword) if value not in (None, "")]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            self.malformed.append(keyword)
            return []
        return known

    def number_list(self, keyword: str) -> list[float | None]:
        """The number in each place, None where it is empty or no finite number; `malformed` is left alone."""
        malformed = len(self.malformed)
        numbers = [_number(value) for value in self._written(keyword)]
        if len(self.malformed) > malformed:
            del self.malformed[malformed:]
            return [None]
        return numbers

    def number(self, keyword: str) -> float | None:
        """The first value as a finite number."""
        value = next((value for value in self._written(keyword) if value not in (None, "")), None)
        if value is None:
            return None
        number = _number(value)
        if number is None:
            self.malformed.append(keyword)
        return number

    def _written(self, keyword: str) -> list[Any]:
        """All values of a number's tag, in their places; numbers written as text are left as they are written."""
        tag = tag_for_keyword(keyword)
        element = self.dataset.get_item(tag) if tag is not None else None
        if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes):
            return self.values(keyword)
        has_text = element.VR in (None, "UN", "OB", *_NUMBER_VRS, *_TEXT_VRS)
        if dictionary_VR(element.tag) not in _NUMBER_VRS or not has_text:
            return self.values(keyword)
        written = [text.strip(" \0\t\r\n") for text in element.value.decode("ascii", errors="replace").split("\\")]
        return list(written) if any(written) else []

    def integer(self, keyword: str) -> int | None:
        """The first value as an integer."""
        number = self.number(keyword)
        return None if number is None else int(number)

    def code(self, keyword: str) -> str | None:
        """The first value as a code in capitals."""
        value = self.first(keyword)
        return _code_string(value) if value is not None else None

    def codes(self, keyword: str) -> list[str]:
        """All values as codes in capitals, an empty one among others included."""
        try:
            value = self.dataset.get(keyword)
        except _UNCONVERTIBLE:
            self.malformed.append(keyword)
            return []
        many = isinstance(value, (list, pydicom.multival.MultiValue))
        return [_code_string(one) or "" for one in (value if many else [value] if value else [])]

    def positive_pair(self, keyword: str) -> tuple[float, float] | None:
        """Two numbers above 0; None where the tag holds anything else."""
        numbers = self.numbers(keyword)
        if len(numbers) == 2 and min(numbers) > 0:
            return numbers[0], numbers[1]
        if numbers:
            self.malformed.append(keyword)
        return None

    def items(self, keyword: str) -> list[Any]:
        """The items of a sequence."""
        try:
            value = self.dataset.get(keyword)
        except _UNCONVERTIBLE:
            self.malformed.append(keyword)
            return []
        return list(value) if isinstance(value, pydicom.Sequence) else []

    def coded_entries(self, keyword: str) -> tuple[tuple[str, str], ...]:
        """(coding scheme, code value) of each item of a code sequence, empty where they cannot be understood."""
        entries = []
        for item in self.items(keyword):
            tags = Tags(item, little_endian=self.little_endian)
            scheme, value = tags.code("CodingSchemeDesignator"), tags.first("CodeValue")
            entries.append((scheme or "", str(value).strip() if value is not None else ""))
        return tuple(entries)

    def luts(self, keyword: str, *, limit: int) -> list[tuple[Lut, str]]:
        """The undamaged lookup tables in the first `limit` items of a sequence, each with its explanation."""
        luts = []
        for item in self.items(keyword)[:limit]:
            lut = self._lut(item, "LUTDescriptor", "LUTData", name=keyword)
            if lut is not None:
                luts.append((lut, Tags(item, little_endian=self.little_endian).code("LUTExplanation") or ""))
        return luts

    def palette(self) -> tuple[Lut, Lut, Lut] | None:
        """The tables of red, green and blue; None where one is missing or damaged."""
        red, green, blue = (
            self._lut(self.dataset, f"{start}Descriptor", f"{start}Data", name=start)
            for start in (f"{colour}PaletteColorLookupTable" for colour in ("Red", "Green", "Blue"))
        )
        return None if red is None or green is None or blue is None else (red, green, blue)

    def _lut(self, item: Any, descriptor: str, keyword: str, *, name: str) -> Lut | None:
        """PS3.3 C.11.1.1: (entries, first value, bits), and the entries as bytes, words, or bytes packed in words."""
        try:
            words = _words_under_wrong_vr(item, descriptor, self.little_endian)
            count, first, bits = (int(value) for value in (item.get(descriptor) or () if words is None else words))
            count = count % 2**16 or 2**16  # 0 stands for 65,536
            data = item.get(keyword)
            if isinstance(data, bytes):
                is_bytes = bits <= 8 and len(data) in (count, count + count % 2)
                entries = np.frombuffer(data, "u1" if is_bytes else "<u2" if self.little_endian else ">u2")
            else:
                entries = np.atleast_1d(np.asarray(data, dtype=np.int64)).astype(np.uint16)
            if entries.size < count:
                raise ValueError("fewer entries than the descriptor says")
            return Lut(first, entries[:count].astype(np.uint16), bits)
        except _UNCONVERTIBLE:
            self.malformed.append(name)
            return None


def _number(value: Any) -> float | None:
    """A finite number; a comma in text counts as its decimal point. None for all else."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return None
        value = value.replace(",", ".")
    try:
        number = float(value)
    except _UNCONVERTIBLE:
        return None
    return number if math.isfinite(number) else None


def _code_string(value: Any) -> str | None:
    text = value.decode("ascii", errors="replace") if isinstance(value, bytes) else str(value)  # bytes: a code in OB
    return text.strip(" \0").upper() or None


def _words_under_wrong_vr(dataset: Any, keyword: str, little_endian: bool) -> list[int] | None:
    """The 16-bit words of an element of integers under a VR that cannot hold them; None where its VR can.

    Writers put US into OB, UN or UL without changing its two bytes, or write the number out as text.
    """
    tag = tag_for_keyword(keyword)
    if tag is None or dictionary_VR(tag) not in ("US", "US or SS"):
        return None
    element = dataset.get_item(tag)
    value = getattr(element, "value", None)
    if not isinstance(element, RawDataElement) or not isinstance(value, bytes) or len(value) > 12:
        return None
    if element.VR in _TEXT_VRS and value.strip(b" \0").isdigit():
        return [int(value.strip(b" \0"))]
    is_cut = element.VR in ("UL", "SL") and len(value) % 4 != 0
    if not is_cut and element.VR not in (*_BYTE_VRS, *_TEXT_VRS):
        return None
    return [int(word) for word in np.frombuffer(value, "<u2" if little_endian else ">u2")]
