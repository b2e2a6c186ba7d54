"""Text that is written into a film's picture, and which of it is a side marker.

Text lives near the edges, and small: there the film is looked at in strips of its full resolution (up to 2,048 pixels
a side), as they are and with their dark parts brightened, where black writing hides; and as a whole reduced to 1,024.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clinicalblip.deid.markers import is_marker
from clinicalblip.deid.ocr import Grey, Line, Piece, find_pieces, opencv, read_piece
from clinicalblip.radiology.radiograph import Radiograph, Region

_WHOLE = 1024
_FINE = 2048
_EDGE = 256
_OVERLAP = 64
_MOST_READ = 60
"""Pieces that are read on one film. A film with more is a page of writing: the rest counts as text, unread."""

_HIGHEST = 0.2
"""Of the film's shorter side: a line with its margin is lower than this, a chest that looks like a letter is not."""

_SURE, _SURE_OF_MANY = 0.75, 0.6
"""Below this confidence a reading is a rib, a lead or a cable; the lower one holds for markers and from
`_MANY_CHARACTERS` on, which no rib reads as."""


_LEAST_CHARACTERS = 3
"""What reads as one or two letters and is no marker is a stroke of the picture, or a technician's initials."""

_MANY_CHARACTERS = 6

_ENLARGED = 3.0

_LIFTED = np.rint(255 * np.sqrt(np.arange(256) / 255)).astype(np.uint8)
"""Grey to grey: a step in the dark becomes several, one in the light half of itself."""


@dataclass(frozen=True)
class BurnedInText:
    """A place of a film where text is written. `region`: pixels of `Radiograph.values`.

    `is_marker`: a side, a projection or a posture (L, AP, PORTABLE, SUPINE): no text of the patient.
    """

    region: Region
    is_marker: bool


@dataclass(frozen=True)
class _Read:
    region: Region
    line: Line

    @property
    def weight(self) -> float:
        return len(self.line.words) * self.line.confidence


@dataclass(frozen=True, eq=False)
class _Look:
    """A part of the film to look at: where its corner lies, and how many pixels of the film one of its own is."""

    picture: Grey
    top: int
    left: int
    scale: float


def find_burned_in_text(radiograph: Radiograph) -> tuple[BurnedInText, ...]:
    """Find what is written into the picture, as it is shown, from the top down.

    What the words are does not leave this function: they may name the patient. Raises PrivacyError where the packages
    that look for text are missing.
    """
    shown = np.rint(radiograph.pixels * 255).astype(np.uint8)
    reads = _joined(list(_read_all(shown)))
    markers = [read for read in reads if is_marker(read.line.words) and read.line.confidence >= _SURE_OF_MANY]
    texts = [read for read in reads if read not in markers and _is_text(read.line)]
    others = [read for read in reads if read not in markers and read not in texts]
    found = [BurnedInText(_with_neighbours(text.region, others), is_marker=False) for text in texts]
    found += [BurnedInText(marker.region, is_marker=True) for marker in markers]
    return tuple(sorted(found, key=lambda text: text.region))


def _is_text(line: Line) -> bool:
    characters = sum(character.isalnum() for character in line.words)
    return characters >= _LEAST_CHARACTERS and line.confidence >= (
        _SURE_OF_MANY if characters >= _MANY_CHARACTERS else _SURE
    )


def _with_neighbours(text: Region, others: list[_Read]) -> Region:
    """A text and what lies against it, though it could not be read: the rest of a line, a colon, the day of a date."""
    height, width = text.bottom - text.top, text.right - text.left
    along, across = min(height, width), min(height, width) // 4
    for other in others:
        down, sideways = (across, along) if width >= height else (along, across)
        near = Region(max(0, text.top - down), max(0, text.left - sideways), text.bottom + down, text.right + sideways)
        if _height(other.region) <= 1.5 * along and _overlap(near, other.region) > 0.3:
            text = _around(text, other.region)
    return text


def _height(region: Region) -> int:
    return min(region.bottom - region.top, region.right - region.left)


def _read_all(shown: Grey) -> Iterator[_Read]:
    left_to_read, highest = _MOST_READ, _HIGHEST * min(shown.shape)
    for look in _looks(shown):
        low = [piece for piece in find_pieces(look.picture) if piece.height * look.scale <= highest]
        for piece in sorted(low, key=lambda piece: -piece.score):
            line = read_piece(look.picture, piece) if left_to_read > 0 else Line("unread", 1.0)
            left_to_read -= 1
            region = _region(piece, look, shown.shape)
            if region is not None:
                yield _Read(region, line)


def _looks(shown: Grey) -> Iterator[_Look]:
    """The film as a whole, and its edges finer where it has the pixels for that: as they are, and shadows lifted."""
    rows, columns = shown.shape
    whole = max(1 / _ENLARGED, max(shown.shape) / _WHOLE)
    yield _Look(_reduced(shown, whole), 0, 0, whole)
    scale = max(1.0, max(shown.shape) / _FINE)
    if scale > whole / 1.25:
        return
    edge = round(_EDGE * scale)
    for top, left, bottom, right in {
        (0, 0, min(edge, rows), columns),
        (max(0, rows - edge), 0, rows, columns),
        (0, 0, rows, min(edge, columns)),
        (0, max(0, columns - edge), rows, columns),
    }:
        strip = _reduced(shown[top:bottom, left:right], scale)
        yield _Look(strip, top, left, scale)
        yield _Look(_LIFTED[strip], top, left, scale)


def _reduced(grey: Grey, scale: float) -> Grey:
    cv2 = opencv()
    if scale == 1.0:
        return np.ascontiguousarray(grey)
    size = (max(1, round(grey.shape[1] / scale)), max(1, round(grey.shape[0] / scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC))


def _region(piece: Piece, look: _Look, shape: tuple[int, ...]) -> Region | None:
    """The upright rectangle around a piece, in pixels of the film and within it."""
    columns, rows = piece.corners[:, 0] * look.scale + look.left, piece.corners[:, 1] * look.scale + look.top
    first_row, last_row = max(0, int(np.floor(rows.min()))), min(shape[0], int(np.ceil(rows.max())))
    first_column, last_column = max(0, int(np.floor(columns.min()))), min(shape[1], int(np.ceil(columns.max())))
    if first_row >= last_row or first_column >= last_column:
        return None
    return Region(first_row, first_column, last_row, last_column)


def _joined(found: list[_Read]) -> list[_Read]:
    """What lies on each other becomes one: found in two looks, or a word within its line. The longer reading counts."""
    joined: list[_Read] = []
    for read in sorted(found, key=lambda read: -read.weight):
        at = next((n for n, other in enumerate(joined) if _overlap(read.region, other.region) > 0.4), None)
        if at is None:
            joined.append(read)
        else:
            joined[at] = _Read(_around(joined[at].region, read.region), joined[at].line)
    return joined


def _overlap(one: Region, other: Region) -> float:
    """The common area as part of the smaller one."""
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    width = min(one.right, other.right) - max(one.left, other.left)
    smaller = min((region.bottom - region.top) * (region.right - region.left) for region in (one, other))
    return max(0, height) * max(0, width) / smaller


def _around(one: Region, other: Region) -> Region:
    return Region(
        min(one.top, other.top), min(one.left, other.left), max(one.bottom, other.bottom), max(one.right, other.right)
    )
