"""The tags of a DICOM file that drawing it needs, as plain values; nothing else of it is kept."""

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

import numpy as np
import pydicom
from pydicom.filereader import read_dataset

from clinicalblip.errors import RadiographTooLarge
from clinicalblip.imaging.grey import Table
from clinicalblip.imaging.limits import inflated_bytes
from clinicalblip.settings import LimitSettings

_PREAMBLE = 132
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_EXPLICIT_LITTLE, _EXPLICIT_BIG, _IMPLICIT_LITTLE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"

_UNCONVERTIBLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, NotImplementedError)
"""What pydicom raises when a value does not fit its tag."""


@dataclass(frozen=True, eq=False)
class Header:
    """A DICOM file in plain values: codes in capitals, None where the file does not say.

    `pixel_data` is as the file has it (encapsulated frames included). `palette`: red, green and blue.
    `malformed`: the names of optional tags whose values could not be understood and are not used.
    """

    syntax: str
    sop_class: str
    modality: str | None
    body_part: str | None
    presentation_intent: str | None
    burned_in: str | None
    view_position: str | None
    view_codes: tuple[tuple[str, str], ...]
    rows: int | None
    columns: int | None
    frames: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar: int
    padding: tuple[int, int] | None
    rescale: tuple[float, float] | None
    modality_table: Table | None
    voi_table: Table | None
    window: tuple[float, float] | None
    voi_function: str
    presentation_shape: str | None
    spacing: tuple[float, float] | None
    palette: tuple[Table, Table, Table] | None
    pixel_data: bytes | None
    pixel_vr: Literal["OB", "OW"]
    malformed: tuple[str, ...]


def is_dicom(data: bytes) -> bool:
    """Say whether the bytes carry DICOM's mark behind its preamble (PS3.10 7.1)."""
    return data[128:_PREAMBLE] == b"DICM"


def read_header(data: bytes, limits: LimitSettings) -> Header:
    """Read the tags, and the pixel data undecoded.

    A deflated file is inflated up to a bound first: RadiographTooLarge. Raises whatever pydicom raises for damaged
    bytes, so it is called where that is caught.
    """
    dataset, syntax = _parse(data, limits)
    tags = _Tags(dataset, little=syntax != _EXPLICIT_BIG)
    bits_allocated = tags.whole("BitsAllocated") or 0
    bits_stored = tags.whole("BitsStored") or bits_allocated
    high_bit = tags.whole("HighBit")
    padding = tags.whole("PixelPaddingValue")
    padding_end = tags.whole("PixelPaddingRangeLimit")
    slope, intercept = tags.number("RescaleSlope"), tags.number("RescaleIntercept")
    centre, width = tags.number("WindowCenter"), tags.number("WindowWidth")
    has_pixels = "PixelData" in dataset
    meta = getattr(dataset, "file_meta", None) or {}
    return Header(
        syntax=syntax,
        sop_class=str(tags.dataset.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or ""),
        modality=tags.word("Modality"),
        body_part=tags.word("BodyPartExamined"),
        presentation_intent=tags.word("PresentationIntentType"),
        burned_in=tags.word("BurnedInAnnotation"),
        view_position=tags.word("ViewPosition"),
        view_codes=tags.codes("ViewCodeSequence"),
        rows=tags.whole("Rows"),
        columns=tags.whole("Columns"),
        frames=max(1, tags.whole("NumberOfFrames") or 1),
        samples=tags.whole("SamplesPerPixel") or 1,
        photometric=tags.word("PhotometricInterpretation") or "MONOCHROME2",
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=high_bit if high_bit is not None else bits_stored - 1,
        signed=tags.whole("PixelRepresentation") == 1,
        planar=tags.whole("PlanarConfiguration") or 0,
        padding=None if padding is None else (padding, padding if padding_end is None else padding_end),
        rescale=None if slope is None or intercept is None else (slope, intercept),
        modality_table=tags.table_in("ModalityLUTSequence"),
        voi_table=tags.table_in("VOILUTSequence"),
        window=None if centre is None or width is None else (centre, width),
        voi_function=tags.word("VOILUTFunction") or "LINEAR",
        presentation_shape=tags.word("PresentationLUTShape"),
        spacing=tags.pair("PixelSpacing") or tags.pair("ImagerPixelSpacing"),
        palette=tags.palette(),
        pixel_data=bytes(dataset.PixelData or b"") if has_pixels else None,
        pixel_vr="OW" if has_pixels and dataset["PixelData"].VR == "OW" else "OB",
        malformed=tuple(tags.malformed),
    )


def _parse(data: bytes, limits: LimitSettings) -> tuple[Any, str]:
    start, is_deflated = _after_meta(data)
    if is_deflated:
        inflated = _inflate(data[start:], inflated_bytes(limits))
        return read_dataset(BytesIO(inflated), is_implicit_VR=False, is_little_endian=True), _EXPLICIT_LITTLE
    dataset = pydicom.dcmread(BytesIO(data))
    syntax = str(dataset.file_meta.get("TransferSyntaxUID") or "")
    if syntax:
        return dataset, syntax
    is_implicit, is_little = dataset.original_encoding  # as pydicom found it
    return dataset, _IMPLICIT_LITTLE if is_implicit else _EXPLICIT_LITTLE if is_little else _EXPLICIT_BIG


def _after_meta(data: bytes) -> tuple[int, bool]:
    """Where the file's meta group ends, and whether what follows is deflated.

    pydicom inflates what it reads without any bound, so this has to be known before it sees the bytes.
    """
    at, is_deflated = _PREAMBLE, False
    while data[at : at + 2] == b"\x02\x00" and at + 8 <= len(data):
        if data[at + 4 : at + 6] in (b"OB", b"OW", b"OF", b"SQ", b"UT", b"UN"):
            head, length = 12, int.from_bytes(data[at + 8 : at + 12], "little")
        else:
            head, length = 8, int.from_bytes(data[at + 6 : at + 8], "little")
        if data[at + 2 : at + 4] == b"\x10\x00":
            is_deflated = data[at + head : at + head + length].rstrip(b"\0 ") == _DEFLATED
        at += head + length
    return at, is_deflated


def _inflate(deflated: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflater.decompress(deflated, most + 1)
    if len(inflated) > most:
        raise RadiographTooLarge(
            f"The deflated file becomes more than {most // 2**20} MiB when it is inflated. Export the film smaller."
        )
    return inflated


class _Tags:
    """A pydicom Dataset read one plain value at a time.

    An optional tag whose value pydicom cannot convert is as good as absent for drawing the film; its name is kept,
    and the reader is told.
    """

    def __init__(self, dataset: Any, *, little: bool) -> None:
        self.dataset = dataset
        self.little = little
        self.malformed: list[str] = []

    def first(self, keyword: str) -> Any:
        """The value, or the first of several; None where it is absent, empty or cannot be converted."""
        try:
            value = self.dataset.get(keyword)
        except _UNCONVERTIBLE:
            self.malformed.append(keyword)
            return None
        if isinstance(value, (list, pydicom.multival.MultiValue)):
            value = value[0] if len(value) else None
        return None if value is None or value == "" else value

    def whole(self, keyword: str) -> int | None:
        number = self.number(keyword)
        return None if number is None else int(number)

    def number(self, keyword: str) -> float | None:
        value = self.first(keyword)
        if value is None:
            return None
        try:
            number = float(value)
        except _UNCONVERTIBLE:
            number = float("nan")
        if not np.isfinite(number):
            self.malformed.append(keyword)
            return None
        return number

    def word(self, keyword: str) -> str | None:
        value = self.first(keyword)
        return str(value).strip(" \0").upper() or None if value is not None else None

    def pair(self, keyword: str) -> tuple[float, float] | None:
        """Two numbers above 0."""
        try:
            value = self.dataset.get(keyword)
            if not value:
                return None
            rows, columns = (float(one) for one in value)
        except _UNCONVERTIBLE:
            rows = columns = float("nan")
        if not (0 < rows < float("inf") and 0 < columns < float("inf")):
            self.malformed.append(keyword)
            return None
        return rows, columns

    def items(self, keyword: str) -> list[Any]:
        value = self.dataset.get(keyword)
        return list(value) if isinstance(value, pydicom.Sequence) else []

    def codes(self, keyword: str) -> tuple[tuple[str, str], ...]:
        """(coding scheme, code) of each item."""
        return tuple(
            (str(item.get("CodingSchemeDesignator", "")).strip().upper(), str(item.get("CodeValue", "")).strip())
            for item in self.items(keyword)
        )

    def table_in(self, keyword: str) -> Table | None:
        """The lookup table in the first item of a sequence."""
        items = self.items(keyword)
        if not items:
            return None
        return self._table(items[0], "LUTDescriptor", "LUTData", name=keyword)

    def palette(self) -> tuple[Table, Table, Table] | None:
        if self.word("PhotometricInterpretation") != "PALETTE COLOR":
            return None
        red, green, blue = (
            self._table(self.dataset, f"{start}Descriptor", f"{start}Data", name=start)
            for start in (f"{colour}PaletteColorLookupTable" for colour in ("Red", "Green", "Blue"))
        )
        return None if red is None or green is None or blue is None else (red, green, blue)

    def _table(self, item: Any, descriptor: str, keyword: str, *, name: str) -> Table | None:
        """PS3.3 C.11.1.1: (entries, first value, bits), and the entries as bytes, words, or bytes packed in words."""
        try:
            count, first, bits = (int(value) for value in item.get(descriptor) or ())
            count = count % 2**16 or 2**16  # 0 stands for 65,536
            data = item.get(keyword)
            if isinstance(data, bytes):
                is_bytes = bits <= 8 and len(data) in (count, count + count % 2)
                entries = np.frombuffer(data, "u1" if is_bytes else "<u2" if self.little else ">u2")
            else:
                entries = np.atleast_1d(np.asarray(data, dtype=np.int64)).astype(np.uint16)
            if entries.size < count:
                raise ValueError("fewer entries than the descriptor says")
            return Table(first, entries[:count].astype(np.uint16), bits)
        except _UNCONVERTIBLE:
            self.malformed.append(name)
            return None
