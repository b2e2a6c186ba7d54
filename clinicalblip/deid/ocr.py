"""Optical character recognition: where text may stand in a grey picture, and what it reads.

The weights are PaddleOCR's PP-OCRv6 small (Apache-2.0), which lie inside the wheel of `rapidocr`; nothing is fetched.
Only the weights are taken from there; the steps around them are written here, so that no recognised word reaches a log.
"""

import importlib.util
import os
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
"""(4, 2): column and row of the corners of a rectangle that may be rotated, clockwise from the start of the line."""

_Session = Any  # onnxruntime.InferenceSession, which is not imported before it is needed

_PIXEL_THRESHOLD = 0.3
"""Of the detector's probability map, 0 to 1: a pixel above it belongs to text."""

_BOX_THRESHOLD = 0.5
"""Mean probability of a component: below it there is no text."""

_UNCLIP_RATIO = 1.6
"""The detector marks shrunken text: a box grows by this times its area over its perimeter (DB, arXiv 1911.08947)."""

_LINE_HEIGHT = 48
_MAX_LINE_WIDTH = 1600
_STRIDE = 32
_LOCK = Lock()


@dataclass(frozen=True)
class TextBox:
    """A place that may hold text: its corners in pixels of the picture, and how sure the detector is, 0 to 1."""

    corners: Corners
    score: float

    @property
    def height(self) -> float:
        """The shorter side, which is the height of the line, in pixels of the picture."""
        start, right, _, down = self.corners
        return min(float(np.linalg.norm(right - start)), float(np.linalg.norm(down - start)))


@dataclass(frozen=True)
class Recognition:
    """What a box reads, and how sure the recogniser is, 0 to 1. `text` may name the patient."""

    text: str
    confidence: float


def detect_text(grey: Grey) -> list[TextBox]:
    """Find the places that may hold text in (rows, columns) of greys; letters should be 9 to 100 pixels high."""
    cv2 = opencv()
    rows, columns = grey.shape
    tall, wide = (max(_STRIDE, round(side / _STRIDE) * _STRIDE) for side in (rows, columns))
    fitted = cv2.resize(grey, (wide, tall), interpolation=cv2.INTER_AREA if wide < columns else cv2.INTER_LINEAR)
    probability = _run(_session("det"), _as_input(fitted))[0, 0]
    is_text = (probability > _PIXEL_THRESHOLD).astype(np.uint8)
    number, labels, rectangles, _ = cv2.connectedComponentsWithStats(is_text, connectivity=8)
    boxes = []
    for label in range(1, number):
        left, top, width, height, area = rectangles[label].tolist()
        if min(width, height) < 2 or area < 12:
            continue
        inside = labels[top : top + height, left : left + width] == label
        points = np.argwhere(inside)[:, ::-1].astype(np.float32) + np.array((left, top), np.float32)
        score = float(probability[top : top + height, left : left + width][inside].mean())
        (x, y), (a, b), angle = cv2.minAreaRect(points)
        a, b = a + 1, b + 1
        if min(a, b) < 3 or score < _BOX_THRESHOLD:
            continue
        margin = _UNCLIP_RATIO * a * b / (2 * (a + b))
        corners = cv2.boxPoints(((x + 0.5, y + 0.5), (a + 2 * margin, b + 2 * margin), angle))
        boxes.append(TextBox((corners * (columns / wide, rows / tall)).astype(np.float32), score))
    return boxes


def recognise(grey: Grey, box: TextBox) -> Recognition:
    """Read a box along its longer side, in the direction with the higher confidence."""
    cv2 = opencv()
    start, right, far, down = _clockwise(box.corners)
    width, height = float(np.linalg.norm(right - start)), float(np.linalg.norm(down - start))
    turned = height > 1.3 * width
    if turned:
        start, right, far, down = down, start, right, far
        width, height = height, width
    length = int(np.clip(round(width / height * _LINE_HEIGHT), 16, _MAX_LINE_WIDTH))
    source = np.stack([start, right, far, down])
    target = np.array([[0, 0], [length, 0], [length, _LINE_HEIGHT], [0, _LINE_HEIGHT]], np.float32)
    strip = cv2.warpPerspective(
        grey,
        cv2.getPerspectiveTransform(source, target),
        (length, _LINE_HEIGHT),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    line = _recognise_strip(strip)
    if turned or line.confidence < 0.8:
        line = max(line, _recognise_strip(strip[::-1, ::-1]), key=lambda one: one.confidence * len(one.text))
    return line


def _clockwise(corners: Corners) -> Corners:
    """The corners, clockwise from the upper left one of the picture."""
    by_column = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (side[np.argsort(side[:, 1], kind="stable")] for side in (by_column[:2], by_column[2:]))
    return np.stack([left[0], right[0], right[1], left[1]])


def _recognise_strip(strip: Grey) -> Recognition:
    """Read one line, 48 rows high, letters upright (CTC: the best class a step, repeats and blanks dropped)."""
    session = _session("rec")
    probabilities = _run(session, _as_input(np.ascontiguousarray(strip)))[0]
    best, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    kept = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    if not kept.any():
        return Recognition("", 0.0)
    alphabet = _alphabet()
    return Recognition("".join(alphabet[index] for index in best[kept]), float(confidence[kept].mean()))


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
        raise _search_error("the package opencv-python-headless cannot be loaded") from error
    return cv2


def _session(task: str) -> _Session:
    with _LOCK:
        return _load_session(task)


@cache
def _load_session(task: str) -> _Session:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it counts, under an id of the machine's, from when it is imported
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError as error:
        raise _search_error("the package onnxruntime cannot be loaded") from error
    package = importlib.util.find_spec("rapidocr")  # does not import it
    if package is None or package.origin is None:
        raise _search_error("the package rapidocr, whose weights find text, is not installed")
    weights = next((Path(package.origin).parent / "models").glob(f"PP-OCRv6_{task}_small.onnx"), None)
    if weights is None:
        raise _search_error("the installed version of rapidocr has other weights than those asked for")
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _search_error(reason: str) -> PrivacyError:
    return PrivacyError(
        f"Text in the picture was not looked for: {reason}. Install what requirements.txt names, or set "
        "privacy.find_burned_in to false and look at every film yourself."
    )
