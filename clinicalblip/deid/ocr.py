"""Where text may stand in a grey picture, and what a piece of it reads.

The weights are PaddleOCR's PP-OCRv6 small (Apache-2.0), which lie inside the wheel of `rapidocr`; nothing is fetched.
Only they are taken from there: what stands around them is written here, so that no word that was read reaches a log.
"""

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import PrivacyError

Grey = NDArray[np.uint8]
Corners = NDArray[np.float32]
"""(4, 2): column and row of the corners of a rectangle that may be turned, clockwise from its reading's start."""

_Session = Any  # onnxruntime.InferenceSession, which is not imported before it is needed

_INK = 0.3
"""Of the detector's map, 0 to 1: above it a pixel belongs to text."""

_MEAN_INK = 0.5
"""Over its rectangle: below it a piece is no text."""

_SPREAD = 1.6
"""The detector's map is shrunk: a piece grows by this times its area over its outline (DB, arXiv 1911.08947)."""

_LINE_HEIGHT = 48
_LONGEST_LINE = 1600
_MULTIPLE = 32
_LOADING = Lock()


@dataclass(frozen=True)
class Piece:
    """A place that may hold text: its corners in pixels of the picture, and how sure the detector is, 0 to 1."""

    corners: Corners
    score: float

    @property
    def height(self) -> float:
        """The shorter side: how high the line is, in pixels of the picture."""
        start, right, _, down = self.corners
        return min(float(np.linalg.norm(right - start)), float(np.linalg.norm(down - start)))


@dataclass(frozen=True)
class Line:
    """What a piece reads, and how sure the recogniser is of it, 0 to 1. `words` may name the patient."""

    words: str
    confidence: float


def find_pieces(grey: Grey) -> list[Piece]:
    """Find the places that may hold text in (rows, columns) of greys; letters should be 9 to 100 pixels high."""
    cv2 = opencv()
    rows, columns = grey.shape
    tall, wide = (max(_MULTIPLE, round(side / _MULTIPLE) * _MULTIPLE) for side in (rows, columns))
    fitted = cv2.resize(grey, (wide, tall), interpolation=cv2.INTER_AREA if wide < columns else cv2.INTER_LINEAR)
    ink = _run(_session("det"), _as_input(fitted))[0, 0]
    number, labels, boxes, _ = cv2.connectedComponentsWithStats((ink > _INK).astype(np.uint8), connectivity=8)
    pieces = []
    for label in range(1, number):
        left, top, width, height, area = boxes[label].tolist()
        if min(width, height) < 2 or area < 12:
            continue
        inside = labels[top : top + height, left : left + width] == label
        points = np.argwhere(inside)[:, ::-1].astype(np.float32) + np.array((left, top), np.float32)
        score = float(ink[top : top + height, left : left + width][inside].mean())
        (x, y), (a, b), angle = cv2.minAreaRect(points)
        a, b = a + 1, b + 1
        if min(a, b) < 3 or score < _MEAN_INK:
            continue
        grown = _SPREAD * a * b / (2 * (a + b))
        corners = cv2.boxPoints(((x + 0.5, y + 0.5), (a + 2 * grown, b + 2 * grown), angle))
        pieces.append(Piece((corners * (columns / wide, rows / tall)).astype(np.float32), score))
    return pieces


def read_piece(grey: Grey, piece: Piece) -> Line:
    """Read a piece along its longer side, in whichever direction reads surest."""
    cv2 = opencv()
    start, right, far, down = _clockwise(piece.corners)
    width, height = float(np.linalg.norm(right - start)), float(np.linalg.norm(down - start))
    turned = height > 1.3 * width
    if turned:
        start, right, far, down = down, start, right, far
        width, height = height, width
    length = int(np.clip(round(width / height * _LINE_HEIGHT), 16, _LONGEST_LINE))
    source = np.stack([start, right, far, down])
    target = np.array([[0, 0], [length, 0], [length, _LINE_HEIGHT], [0, _LINE_HEIGHT]], np.float32)
    strip = cv2.warpPerspective(
        grey,
        cv2.getPerspectiveTransform(source, target),
        (length, _LINE_HEIGHT),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    line = _read_line(strip)
    if turned or line.confidence < 0.8:
        line = max(line, _read_line(strip[::-1, ::-1]), key=lambda read: read.confidence * len(read.words))
    return line


def _clockwise(corners: Corners) -> Corners:
    """The corners from the upper left one, as seen on the picture."""
    by_column = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (side[np.argsort(side[:, 1], kind="stable")] for side in (by_column[:2], by_column[2:]))
    return np.stack([left[0], right[0], right[1], left[1]])


def _read_line(strip: Grey) -> Line:
    """Read one line, 48 rows high, letters upright (CTC: the best class a step, repeats and blanks dropped)."""
    session = _session("rec")
    likely = _run(session, _as_input(np.ascontiguousarray(strip)))[0]
    best, sure = likely.argmax(axis=1), likely.max(axis=1)
    kept = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    if not kept.any():
        return Line("", 0.0)
    alphabet = _alphabet()
    return Line("".join(alphabet[index] for index in best[kept]), float(sure[kept].mean()))


def _as_input(grey: Grey) -> NDArray[np.float32]:
    """-1 to 1, the same in three channels: (1, 3, rows, columns)."""
    scaled = grey.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(np.broadcast_to(scaled, (1, 3, *grey.shape)))


def _run(session: _Session, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    output: Any = session.run(None, {session.get_inputs()[0].name: picture})[0]
    return np.asarray(output, dtype=np.float32)


@cache
def _alphabet() -> list[str]:
    characters = _session("rec").get_modelmeta().custom_metadata_map["character"].splitlines()
    return ["", *characters, " "]


def opencv() -> ModuleType:
    """The module cv2. Raises PrivacyError where it cannot be loaded (one that is not headless needs libGL)."""
    try:
        import cv2
    except ImportError as error:
        raise _not_looked_for("the package opencv-python-headless cannot be loaded") from error
    return cv2


def _session(task: str) -> _Session:
    with _LOADING:
        return _loaded(task)


@cache
def _loaded(task: str) -> _Session:
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError as error:
        raise _not_looked_for("the package onnxruntime cannot be loaded") from error
    package = importlib.util.find_spec("rapidocr")  # does not import it
    if package is None or package.origin is None:
        raise _not_looked_for("the package rapidocr, whose weights find text, is not installed")
    weights = next((Path(package.origin).parent / "models").glob(f"PP-OCRv6_{task}_small.onnx"), None)
    if weights is None:
        raise _not_looked_for("the installed version of rapidocr has other weights than those asked for")
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _not_looked_for(reason: str) -> PrivacyError:
    return PrivacyError(
        f"Text in the picture was not looked for: {reason}. Install what requirements.txt names, or set "
        "privacy.find_burned_in to false and look at every film yourself."
    )
