"""Text that is burned into a film's pixels, and which of it is a side marker.

Burned-in text is small and stands near the edges. So the film is searched as a whole at up to 1,024 pixels a side, and
along its edges in strips at up to 2,048, once as they are and once with their dark parts brightened, where black
writing hides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from clinicalblip.deid.markers import is_marker
from clinicalblip.deid.ocr import Grey, Recognition, TextBox, detect_text, opencv, recognise
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.radiology.radiograph import Radiograph, Region

_SEARCHES = FairQueue(2, **WAITING)
"""Two at once take some 2 GB, and a film more than that brings nobody's answer earlier."""

_WHOLE_SIDE = 1024
_EDGE_SIDE = 2048
_EDGE_WIDTH = 256
_MAX_ENLARGEMENT = 3.0

_MAX_RECOGNISED = 60
"""So many places of one film are read. A film with more is a page of writing: the rest counts as text, unread."""

_MAX_HEIGHT_FRACTION = 0.2
"""A line with its margin is lower than this fraction of the film's shorter side; a letter-shaped chest is not."""

_MIN_CONFIDENCE, _MIN_CONFIDENCE_LONG = 0.75, 0.6
"""Below it a reading is a rib, a lead or a cable. The lower one holds for markers, and from `_LONG_CHARACTERS` on:
no rib reads as so many."""

_MIN_CHARACTERS, _LONG_CHARACTERS = 3, 6
"""One or two letters that are no marker are a stroke in the picture, or a technician's initials."""

_BRIGHTENED = np.rint(255 * np.sqrt(np.arange(256) / 255)).astype(np.uint8)
"""Grey to grey: a step in the dark becomes several, one in the light half of itself."""


@dataclass(frozen=True)
class BurnedInText:
    """A place of a film where text is written. `region`: pixels of `Radiograph.values`.

    `is_marker`: a side, a projection or a posture (L, AP, PORTABLE, SUPINE), which says nothing of the patient.
    """

    region: Region
    is_marker: bool


@dataclass(frozen=True)
class _TextLine:
    region: Region
    recognition: Recognition

    @property
    def weight(self) -> float:
        return len(self.recognition.text) * self.recognition.confidence

    @property
    def is_marker(self) -> bool:
        return is_marker(self.recognition.text) and self.recognition.confidence >= _MIN_CONFIDENCE_LONG

    @property
    def is_text(self) -> bool:
        characters = sum(character.isalnum() for character in self.recognition.text)
        needed = _MIN_CONFIDENCE_LONG if characters >= _LONG_CHARACTERS else _MIN_CONFIDENCE
        return characters >= _MIN_CHARACTERS and self.recognition.confidence >= needed


@dataclass(frozen=True, eq=False)
class _Crop:
    """A part of the film: its greys, its corner on the film, and the pixels of the film a side for one of its own."""

    greys: Grey
    top: int
    left: int
    scale: float


def find_burned_in_text(radiograph: Radiograph) -> tuple[BurnedInText, ...]:
    """Find what is written into the film, as it is shown, sorted from the top down.

    The words do not leave this function: they may name the patient. Raises PrivacyError where a package that looks
    for text is missing.
    """
    with _SEARCHES.turn():
        lines = _merged(list(_read_lines(radiograph.pixels_8bit)))
    markers = [line for line in lines if line.is_marker]
    texts = [line for line in lines if line.is_text and not line.is_marker]
    others = [line.region for line in lines if not line.is_text and not line.is_marker]
    found = [BurnedInText(_with_neighbours(text.region, others), is_marker=False) for text in texts]
    found += [BurnedInText(marker.region, is_marker=True) for marker in markers]
    return tuple(sorted(found, key=lambda text: text.region))


def _with_neighbours(text: Region, others: Sequence[Region]) -> Region:
    """A text with the unread places close to it: the rest of a line, a colon, the day of a date."""
    height, width = text.bottom - text.top, text.right - text.left
    line_height = min(height, width)
    along, across = line_height, line_height // 4
    down, sideways = (across, along) if width >= height else (along, across)
    for other in others:
        near = Region(max(0, text.top - down), max(0, text.left - sideways), text.bottom + down, text.right + sideways)
        if min(other.bottom - other.top, other.right - other.left) <= 1.5 * along and _overlap(near, other) > 0.3:
            text = _union(text, other)
    return text


def _read_lines(shown: Grey) -> Iterator[_TextLine]:
    remaining, max_height = _MAX_RECOGNISED, _MAX_HEIGHT_FRACTION * min(shown.shape)
    for crop in _crops(shown):
        boxes = [box for box in detect_text(crop.greys) if box.height * crop.scale <= max_height]
        for box in sorted(boxes, key=lambda box: -box.score):
            recognition = recognise(crop.greys, box) if remaining > 0 else Recognition("unread", 1.0)
            remaining -= 1
            region = _region_on_film(box, crop, shown.shape)
            if region is not None:
                yield _TextLine(region, recognition)


def _crops(shown: Grey) -> Iterator[_Crop]:
    """The film as a whole, and its edges where the film has more pixels: as they are, and brightened."""
    rows, columns = shown.shape
    whole_scale = max(1 / _MAX_ENLARGEMENT, max(shown.shape) / _WHOLE_SIDE)
    yield _Crop(_resized(shown, whole_scale), 0, 0, whole_scale)
    scale = max(1.0, max(shown.shape) / _EDGE_SIDE)
    if scale > whole_scale / 1.25:
        return
    edge = round(_EDGE_WIDTH * scale)
    for top, left, bottom, right in {
        (0, 0, min(edge, rows), columns),
        (max(0, rows - edge), 0, rows, columns),
        (0, 0, rows, min(edge, columns)),
        (0, max(0, columns - edge), rows, columns),
    }:
        strip = _resized(shown[top:bottom, left:right], scale)
        yield _Crop(strip, top, left, scale)
        yield _Crop(_BRIGHTENED[strip], top, left, scale)


def _resized(grey: Grey, scale: float) -> Grey:
    """The greys with one pixel for `scale` of them a side."""
    cv2 = opencv()
    if scale == 1.0:
        return np.ascontiguousarray(grey)
    size = (max(1, round(grey.shape[1] / scale)), max(1, round(grey.shape[0] / scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC))


def _region_on_film(box: TextBox, crop: _Crop, shape: tuple[int, ...]) -> Region | None:
    """The upright rectangle around a box, in pixels of the film and within it."""
    columns, rows = box.corners[:, 0] * crop.scale + crop.left, box.corners[:, 1] * crop.scale + crop.top
    top, bottom = max(0, int(np.floor(rows.min()))), min(shape[0], int(np.ceil(rows.max())))
    left, right = max(0, int(np.floor(columns.min()))), min(shape[1], int(np.ceil(columns.max())))
    return Region(top, left, bottom, right) if top < bottom and left < right else None


def _merged(found: Sequence[_TextLine]) -> list[_TextLine]:
    """Overlapping lines become one (found in two crops, or a word within its line) with the longer reading."""
    merged: list[_TextLine] = []
    for line in sorted(found, key=lambda line: -line.weight):
        at = next((n for n, other in enumerate(merged) if _overlap(line.region, other.region) > 0.4), None)
        if at is None:
            merged.append(line)
        else:
            merged[at] = _TextLine(_union(merged[at].region, line.region), merged[at].recognition)
    return merged


def _overlap(one: Region, other: Region) -> float:
    """The common area as a fraction of the smaller region."""
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    width = min(one.right, other.right) - max(one.left, other.left)
    smaller = min((region.bottom - region.top) * (region.right - region.left) for region in (one, other))
    return max(0, height) * max(0, width) / smaller


def _union(one: Region, other: Region) -> Region:
    """The smallest region around both."""
    return Region(
        min(one.top, other.top), min(one.left, other.left), max(one.bottom, other.bottom), max(one.right, other.right)
    )
