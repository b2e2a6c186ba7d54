"""The film viewer: a radiograph's grey levels to the browser, where they are windowed without another round trip."""

import base64
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.web import wording
from clinicalblip.web.visits import Slot

ASSETS = Path(__file__).resolve().parents[2] / "assets"
LONGEST_SIDE = 1024
"""Pixels of the longer side as sent to the page: more than the page shows, less than a second on a slow line."""


def film_for_page(radiograph: Radiograph) -> dict[str, Any]:
    """What the viewer needs of a film, as JSON values.

    `values` are gzipped little-endian uint16, row by row, in base64, with their full range of grey levels: a PNG
    would reach the browser's canvas with 8 bits. `greys` is the film's own window as a table from value to 0..255,
    gzipped bytes in base64; `centre` and `width` are where the reader's own windowing starts.
    """
    values = _at_most(radiograph.values, LONGEST_SIDE)
    highest = int(values.max())
    greys = radiograph.window.apply(np.arange(highest + 1, dtype=np.uint16))
    centre, width = _start(radiograph.window, greys)
    return {
        "rows": values.shape[0],
        "columns": values.shape[1],
        "values": _packed(values.astype("<u2").tobytes()),
        "greys": _packed(np.rint(greys * 255).astype(np.uint8).tobytes()),
        "highest": highest,
        "lowest": int(values.min()),
        "centre": round(centre, 1),
        "width": round(width, 1),
        "inverted": radiograph.inverted,
        "caption": _caption(radiograph),
        "warnings": list(radiograph.warnings),
    }


def _start(window: Any, greys: NDArray[np.float32]) -> tuple[float, float]:
    if isinstance(window, Window):
        return float(window.centre), float(window.width)
    low, high = np.searchsorted(np.maximum.accumulate(greys), (0.02, 0.98))
    return (float(low) + float(high)) / 2, max(float(high) - float(low), 1.0)


def _caption(radiograph: Radiograph) -> str:
    rows, columns = radiograph.values.shape
    view = [] if radiograph.view is View.UNKNOWN else [radiograph.view.value]
    parts = [*view, f"{columns} × {rows}"]
    if radiograph.spacing_mm:
        parts.append(f"{radiograph.spacing_mm[1]:.2f} mm")
    return " · ".join(parts)


def _at_most(values: NDArray[np.uint16], side: int) -> NDArray[np.uint16]:
    """The film made smaller by averaging, or itself; never larger."""
    rows, columns = values.shape
    scale = side / max(rows, columns)
    if scale >= 1:
        return values
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    picture = Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BOX)
    smaller: NDArray[np.uint16] = np.clip(np.rint(np.asarray(picture)), 0, 65535).astype(np.uint16)
    return smaller


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, compresslevel=5)).decode("ascii")


@cache
def viewer_template() -> str:
    """The viewer's markup, constant, so that Gradio never draws it again."""
    words = wording.VIEWER
    slots = "".join(_slot(slot) for slot in Slot)
    return (
        f'<div class="cb-viewer"><div class="cb-slots">{slots}</div>'
        f'<div class="cb-screen"><canvas tabindex="0" role="img" aria-label="{words["canvas"]}"></canvas>'
        f'<p class="cb-empty">{words["empty"]}</p>'
        '<span class="cb-caption"></span><span class="cb-window"></span></div>'
        '<div class="cb-controls">'
        f'<label>{words["centre"]}<input type="range" class="cb-centre" min="0" max="1" value="0" disabled></label>'
        f'<label>{words["width"]}<input type="range" class="cb-width" min="1" max="2" value="1" disabled></label>'
        f'<button type="button" class="cb-invert" aria-pressed="false" disabled>{words["invert"]}</button>'
        f'<button type="button" class="cb-farther" aria-label="{words["farther"]}" disabled>−</button>'
        f'<button type="button" class="cb-closer" aria-label="{words["closer"]}" disabled>+</button>'
        f'<button type="button" class="cb-reset" disabled>{words["reset"]}</button></div>'
        f'<p class="cb-help">{words["help"]}</p>'
        '<ul class="cb-warnings" role="status"></ul></div>'
    )


def _slot(slot: Slot) -> str:
    words = wording.VIEWER
    name = words[slot]
    state = words["required" if slot is Slot.FRONTAL else "optional"]
    show, remove = (words[action].format(slot=name.lower()) for action in ("show", "remove"))
    return (
        f'<div class="cb-slot" data-slot="{slot}">'
        f'<button type="button" class="cb-show" aria-pressed="false" title="{show}">'
        f'<span class="cb-slot-name">{name}</span><span class="cb-slot-state">{state}</span></button>'
        f'<label class="cb-choose"><input type="file" id="film-{slot}" aria-label="{name}: {words["choose"].lower()}">'
        f"<span>{words['choose']}</span></label>"
        f'<button type="button" class="cb-remove" hidden aria-label="{remove}">×</button></div>'
    )


def viewer_script(most_mebibytes: int) -> str:
    """The viewer's script with its words; Gradio runs it once, when the page is shown."""
    settings = json.dumps({"words": wording.VIEWER, "mebibytes": most_mebibytes}, ensure_ascii=False)
    return f"const settings = {settings};\n" + (ASSETS / "viewer.js").read_text(encoding="utf-8")
