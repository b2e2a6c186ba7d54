"""The film viewer: its markup, and what it is told of each film."""

import base64
import gzip
import json
from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, SpacingKind, View, Window
from clinicalblip.screening.films import TextQuestion
from clinicalblip.screening.wording import places
from clinicalblip.web import wording
from clinicalblip.web.dropped_films import MOST_AT_ONCE
from clinicalblip.web.film_transfer import picture_key
from clinicalblip.web.middleware.viewer_scripts import scripts_path
from clinicalblip.web.session import LoadedFilm, UnplacedFilm
from clinicalblip.worklist.role_assignment import RoleDoubt


def film_for_page(loaded: LoadedFilm, *, arrived: bool = True) -> dict[str, Any]:
    """What the viewer needs of a film but its values, as JSON values.

    `arrived`: it just took its place; otherwise something else is now known of it. `picture` is the key under which
    the viewer asks for the values (web/film_transfer.py). `greys` is the film's own window as a table from value to
    0..255, gzipped bytes in base64; `centre` and `width` are where the reader's own windowing starts. `spacing` is the
    millimetres between rows and between columns, or None, `spacing_kind` where they were measured. `text_regions` are
    top, left, bottom and right as parts of the film's sides.
    """
    film = loaded.radiograph
    highest = int(film.values.max())
    greys = film.window.greys_up_to(highest)
    centre, width = _start(film.window, greys)
    rows, columns = film.values.shape
    return {
        "arrived": arrived,
        "id": loaded.id,
        "picture": picture_key(loaded),
        "rows": rows,
        "columns": columns,
        "spacing": film.spacing_mm,
        "spacing_kind": film.spacing_kind.value if film.spacing_kind else "",
        "greys": _packed(_levels(greys, inverted=film.inverted).tobytes()),
        "highest": highest,
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


def unplaced_for_page(film: UnplacedFilm, held: Collection[FilmRole]) -> dict[str, Any]:
    """What the viewer needs of a film without a role: its small picture, why it is asked about, and the answers."""
    roles = ((role, wording.VIEWER[role]) for role in FilmRole)
    answers = [(role, wording.REPLACE_FILM.format(role=name.lower()) if role in held else name) for role, name in roles]
    others = ["study", ""] if film.doubt is RoleDoubt.PATIENT else [""]
    return film_for_page(film.loaded) | {
        "says": wording.ROLE_QUESTIONS[film.doubt],
        "answers": [*answers, *((other, wording.ROLE_ANSWERS[other]) for other in others)],
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


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, compresslevel=5, mtime=0)).decode("ascii")


_BUTTONS = ("both", "window", "distance", "invert", "actual", "reset")
_MENU = (
    ("preset_own", "preset_wide", "preset_narrow", "preset_dark", "preset_bright"),
    ("fit", "clockwise", "anticlockwise", "mirror", "flip"),
    ("ratio", "write", "remove", "model"),
    ("link_places", "link_windows", "full_screen", "keys"),
)
_STAY_DOWN = {"both", "window", "invert", "link_places", "link_windows", "model"}


@cache
def viewer_template() -> str:
    """The viewer's markup, constant, so that Gradio never draws it again."""
    words = wording.VIEWER
    cards = "".join(_film_card(role) for role in FilmRole)
    return (
        f'<div class="cb-viewer"><div class="cb-films">{cards}</div>'
        '<div class="cb-questions" role="status"></div>'
        f'<div class="cb-screen">{_pane(1)}{_pane(2)}<p class="cb-empty">{words["empty"]}</p></div>'
        f'<div class="cb-controls" role="toolbar" aria-label="{words["tools"]}">{_buttons(_BUTTONS)}'
        f'<details class="cb-more"><summary aria-label="{words["more"]}" title="{words["more"]}">⋯</summary>'
        f"<div>{''.join(f'<p>{_buttons(names)}</p>' for names in _MENU)}</div></details></div>"
        '<div class="cb-choices">'
        f'<label class="cb-offered" hidden title="{words["window_note"]}"><span>{words["window"]}</span>'
        f'<select aria-label="{words["window"]}: {words["window_note"]}"></select></label>'
        f'<label class="cb-view" hidden><span>{words["which_view"]}</span><select>{_views()}</select></label></div>'
        f'<p class="cb-help">{words["help"]} <span class="cb-renderer"></span></p>'
        '<p class="cb-help cb-help-tool" role="status"></p>'
        '<ul class="cb-warnings" role="status"></ul></div>'
    )


def _pane(number: int) -> str:
    hidden = " hidden" if number > 1 else ""
    label = wording.VIEWER["canvas"].format(number=number)
    return (
        f'<div class="cb-pane"{hidden}><canvas class="cb-canvas" tabindex="0" role="img" aria-label="{label}"></canvas>'
        '<canvas class="cb-marks" aria-hidden="true"></canvas>'
        '<span class="cb-caption"></span><span class="cb-window"></span>'
        '<span class="cb-mark" role="status"></span></div>'
    )


def _buttons(names: tuple[str, ...]) -> str:
    return "".join(_button(name) for name in names)


def _button(name: str) -> str:
    stays = ' aria-pressed="false"' if name in _STAY_DOWN else ""
    label = wording.VIEWER_BUTTONS[name]
    return f'<button type="button" data-does="{name}" disabled{stays}>{label}</button>'


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
        f'<label class="cb-choose"><input type="file" multiple id="film-{role}"'
        f' aria-label="{name}: {words["choose"].lower()}">'
        f"<span>{words['choose']}</span></label>"
        f'<button type="button" class="cb-remove" hidden aria-label="{remove}">×</button></div>'
    )


def viewer_script(most_mebibytes: int) -> str:
    """The script that starts the viewer with its words; Gradio runs it once, when the page is shown."""
    words = {
        **wording.VIEWER,
        "does": wording.VIEWER_ACTIONS,
        "spacing": wording.VIEWER_SPACING,
    }
    limits = {"mebibytes": most_mebibytes, "files": MOST_AT_ONCE}
    settings = json.dumps({"words": words, **limits}, ensure_ascii=False)
    return (
        f"const settings = {settings};\n"
        f"import(`${{window.gradio_config.root}}{scripts_path()}/main.js`)\n"
        "  .then(({ start }) => start({ element, trigger, props, watch, settings }));"
    )
