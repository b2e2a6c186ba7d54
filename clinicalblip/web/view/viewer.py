"""The film viewer: a radiograph's grey levels to the browser, where they are windowed without another round trip."""

import base64
import gzip
import json
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.asset_folder import ASSETS
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, SpacingKind, View, Window
from clinicalblip.screening.films import TextQuestion
from clinicalblip.screening.wording import places
from clinicalblip.web import wording
from clinicalblip.web.session import LoadedFilm

LONGEST_SIDE = 1024
"""Pixels of the longer side as sent to the page: more than the page shows, less than a second on a slow line."""


def film_for_page(loaded: LoadedFilm, *, values: bool = True) -> dict[str, Any]:
    """What the viewer needs of a film, as JSON values.

    `values` are gzipped little-endian uint16, row by row, in base64, with their full range of grey levels: a PNG
    would reach the browser's canvas with 8 bits; the viewer keeps them where they are left out. `greys` is the film's
    own window as a table from value to 0..255, gzipped bytes in base64; `centre` and `width` are where the reader's
    own windowing starts. `text_regions` are top, left, bottom and right as parts of the film's sides.
    """
    film = loaded.radiograph
    shown = _at_most(film.values, LONGEST_SIDE)
    highest = int(shown.max())
    greys = film.window.apply(np.arange(highest + 1, dtype=np.uint16))
    centre, width = _start(film.window, greys)
    rows, columns = film.values.shape
    return {
        **({"values": _packed(shown.astype("<u2").tobytes())} if values else {}),
        "id": loaded.id,
        "rows": shown.shape[0],
        "columns": shown.shape[1],
        "greys": _packed(_levels(greys, inverted=film.inverted).tobytes()),
        "highest": highest,
        "lowest": int(shown.min()),
        "centre": round(centre, 1),
        "width": round(width, 1),
        "inverted": film.inverted,
        "caption": _caption(film),
        "warnings": list(film.warnings),
        "notes": _notes(loaded),
        "looking": not loaded.screened,
        "windows": [offered.name for offered in film.windows],
        "window": next((offered.name for offered in film.windows if offered.window == film.window), ""),
        "view": film.view.value,
        "asks_view": loaded.asks_view,
        "view_chosen": loaded.view_chosen,
        "text_regions": [
            [text.top / rows, text.left / columns, text.bottom / rows, text.right / columns]
            for text in loaded.screening.text_regions
        ],
        "questions": _questions(loaded),
    }


def _levels(greys: NDArray[np.float32], *, inverted: bool) -> NDArray[np.uint8]:
    """0 to 255, a half rounded as it is shown: so a film has the same greys when it is stored as MONOCHROME1."""
    levels = 255 - np.rint((1 - greys) * 255) if inverted else np.rint(greys * 255)
    return levels.astype(np.uint8)


def _questions(loaded: LoadedFilm) -> list[dict[str, Any]]:
    """What the reader is asked, each with its answers: what the page sends back, and the words on the button."""
    screening = loaded.screening
    if screening.question is TextQuestion.FOUND:
        where = places(len(screening.text_regions))
        says = wording.TEXT_FOUND_TAG if loaded.radiograph.says_burned_in else wording.TEXT_FOUND
        answers = [["mask", wording.MASK_TEXT.format(places=where)], ["accept", wording.NO_PATIENT_INFORMATION]]
        return [{"says": says.format(places=where), "answers": answers}]
    if screening.question is TextQuestion.DECLARED:
        return [{"says": wording.TEXT_DECLARED, "answers": [["accept", wording.LOOKED_NO_PATIENT_INFORMATION]]}]
    if screening.doubts and not screening.overruled:
        return [{"says": " ".join(screening.doubts), "answers": [["overrule", wording.DRAFT_ANYWAY]]}]
    return []


def _notes(loaded: LoadedFilm) -> list[str]:
    """What stands under the film although the reader has answered."""
    screening = loaded.screening
    return [*screening.doubts, wording.OVERRULED_NOTE] if screening.doubts and screening.overruled else []


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
        kind = {SpacingKind.DETECTOR: wording.DETECTOR, SpacingKind.CALIBRATED: wording.CALIBRATED}
        where = f" {kind[radiograph.spacing_kind]}" if radiograph.spacing_kind else ""
        parts.append(f"{radiograph.spacing_mm[1]:.2f} mm{where}")
    if radiograph.patient and radiograph.patient.sex:
        parts.append(wording.SEXES[radiograph.patient.sex])
    if radiograph.patient and radiograph.patient.age:
        parts.append(radiograph.patient.age.value)
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
    cards = "".join(_film_card(role) for role in FilmRole)
    return (
        f'<div class="cb-viewer"><div class="cb-films">{cards}</div>'
        '<div class="cb-questions" role="status"></div>'
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
        '<div class="cb-choices">'
        f'<label class="cb-offered" hidden title="{words["window_note"]}"><span>{words["window"]}</span>'
        f'<select aria-label="{words["window"]}: {words["window_note"]}"></select></label>'
        f'<label class="cb-view" hidden><span>{words["which_view"]}</span><select>{_views()}</select></label></div>'
        f'<p class="cb-help">{words["help"]}</p>'
        '<ul class="cb-warnings" role="status"></ul></div>'
    )


def _views() -> str:
    return "".join(f'<option value="{view.value}">{wording.VIEWS[view]}</option>' for view in View)


def _film_card(role: FilmRole) -> str:
    words = wording.VIEWER
    name = words[role]
    state = words["required" if role is FilmRole.FRONTAL else "optional"]
    show, remove = (words[action].format(role=name.lower()) for action in ("show", "remove"))
    return (
        f'<div class="cb-film" data-role="{role}">'
        f'<button type="button" class="cb-show" aria-pressed="false" title="{show}">'
        f'<span class="cb-film-name">{name}</span><span class="cb-film-state">{state}</span></button>'
        f'<label class="cb-choose"><input type="file" id="film-{role}" aria-label="{name}: {words["choose"].lower()}">'
        f"<span>{words['choose']}</span></label>"
        f'<button type="button" class="cb-remove" hidden aria-label="{remove}">×</button></div>'
    )


def viewer_script(most_mebibytes: int) -> str:
    """The viewer's script with its words; Gradio runs it once, when the page is shown."""
    settings = json.dumps({"words": wording.VIEWER, "mebibytes": most_mebibytes}, ensure_ascii=False)
    return f"const settings = {settings};\n" + (ASSETS / "viewer.js").read_text(encoding="utf-8")
