"""In Chromium: films at full size, with exact greys, in one pane or two, and nobody else's."""

import asyncio
import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from clinicalblip.imaging.read import read_radiograph
from clinicalblip.web import wording
from clinicalblip.web.middleware.viewer_scripts import ViewerScripts
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.dicom_files import lut_item, write_dicom
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import Served, png_film, until

pytestmark = BROWSER

WEBGL2 = ("--enable-unsafe-swiftshader", "--use-angle=swiftshader")
NO_WEBGL = ("--disable-3d-apis",)
WIDE = ("--window-size=1900,1000",)

SIDE = 240
VALUES = np.random.default_rng(3).integers(0, 4096, (SIDE, SIDE), dtype=np.uint16)
WINDOWS: dict[str, dict[str, Any]] = {
    "linear": {"WindowCenter": 1800, "WindowWidth": 2600},
    "linear exact": {"WindowCenter": 1800, "WindowWidth": 2600, "VOILUTFunction": "LINEAR_EXACT"},
    "sigmoid": {"WindowCenter": 1800, "WindowWidth": 1200, "VOILUTFunction": "SIGMOID"},
    "threshold": {"WindowCenter": 1800, "WindowWidth": 1},
}


def press(reader: Reader, *keys: str) -> None:
    """Press keys with no box in focus."""
    reader.browser.execute_script("document.activeElement?.blur()")
    ActionChains(reader.browser).send_keys(*keys).perform()


def seen(reader: Reader, pane: int = 0) -> tuple[NDArray[np.uint8], int, int]:
    """The greys on a pane's canvas, and where the film's first pixel lies on it: column, row."""
    script = """
        const [number, done] = arguments;
        requestAnimationFrame(() => requestAnimationFrame(() => {
          const pane = window.clinicalblip.viewer.panes.all[number];
          const {width, height} = pane.canvas;
          const copy = new OffscreenCanvas(width, height).getContext("2d");
          copy.drawImage(pane.canvas, 0, 0);
          const data = copy.getImageData(0, 0, width, height).data;
          const greys = new Uint8Array(width * height);
          for (let i = 0; i < greys.length; i++) greys[i] = data[4 * i];
          const reader = new FileReader();
          const place = pane.viewport.toCanvas;
          reader.onload = () => done({width, height, place, greys: reader.result.split(",")[1]});
          reader.readAsDataURL(new Blob([greys]));
        }));
    """
    found = reader.browser.execute_async_script(script, pane)
    greys = np.frombuffer(base64.b64decode(found["greys"]), np.uint8).reshape(found["height"], found["width"])
    a, b, c, d, left, top = found["place"]
    assert (a, b, c, d) == (1, 0, 0, 1)
    return greys, round(left), round(top)


def assert_exact(reader: Reader, pixels: NDArray[np.float32], name: str) -> None:
    """What the canvas shows at 1:1 is `pixels`, to half a grey, wherever the film is on it."""
    greys, left, top = seen(reader)
    rows, columns = pixels.shape
    canvas = greys[max(0, top) : top + rows, max(0, left) : left + columns]
    film = pixels[max(0, -top) :, max(0, -left) :][: canvas.shape[0], : canvas.shape[1]]
    assert canvas.size > 10_000
    assert np.abs(canvas - film * 255.0).max() <= 0.5 + 1e-3, name


@pytest.mark.parametrize("flags", [WEBGL2, NO_WEBGL], ids=["WebGL2", "2D canvas"])
def test_greys_are_exact(
    flags: tuple[str, ...], serve: Callable[..., Served], chromium: Callable[..., Chrome], tmp_path: Path
) -> None:
    """At 1:1 the canvas shows `Radiograph.pixels`: linear, sigmoid and table windows, stored inverted or shown so."""
    reader = Reader(chromium(*flags), serve().url)
    said = reader.browser.find_element(By.CSS_SELECTOR, ".cb-renderer").text
    assert (said == wording.VIEWER["no_webgl2"]) == (flags is NO_WEBGL)
    table = lut_item(0, [int(grey) for grey in np.linspace(0, 1, 4096) ** 0.5 * 65535], 16)
    films = {name: write_dicom(VALUES, **window) for name, window in WINDOWS.items()}
    films["stored inverted"] = write_dicom(VALUES, PhotometricInterpretation="MONOCHROME1", **WINDOWS["sigmoid"])
    films["table"] = write_dicom(VALUES, VOILUTSequence=[table])
    films["large"] = write_dicom(np.tile(VALUES, (10, 10)), **WINDOWS["linear"])
    for name, data in films.items():
        file = tmp_path / "film.dcm"
        file.write_bytes(data)
        reader.upload(file)
        assert until(lambda: reader.whole()), name
        press(reader, "o")
        pixels = read_radiograph(data).pixels
        assert_exact(reader, pixels, name)
        press(reader, "i")
        assert_exact(reader, 1 - pixels, f"{name}, inverted")
    if flags is WEBGL2:  # the driver gives up, as when a machine wakes: the film stays, and is drawn otherwise
        lose = (
            "const gl = clinicalblip.viewer.panes.current.canvas.getContext('webgl2');"
            "gl.getExtension('WEBGL_lose_context').loseContext()"
        )
        drawn_by = "return clinicalblip.viewer.panes.current.renderer.name"
        assert reader.browser.execute_script(drawn_by) == "WebGL2"
        reader.browser.execute_script(lose)
        assert until(lambda: reader.browser.execute_script(drawn_by) == "2D canvas")
        assert_exact(reader, 1 - pixels, "after the context was lost")
        press(reader, "i")
        assert_exact(reader, pixels, "windowed after the context was lost")
    assert reader.errors() == []


def test_a_first_picture_then_the_whole_film_and_its_memory_goes(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], tmp_path: Path
) -> None:
    """The smaller picture is there before the film at full size; a film that is not shown keeps its smallest level."""
    reader = Reader(chromium(), serve().url)
    file = tmp_path / "film.dcm"
    file.write_bytes(write_dicom(np.tile(VALUES, (8, 8))))
    reader.upload(file)
    assert until(lambda: reader.whole())
    marks = reader.browser.execute_script("return performance.getEntriesByType('mark').map((mark) => mark.name)")
    assert [name for name in marks if name.startswith("clinicalblip")] == [
        "clinicalblip first frontal",
        "clinicalblip whole frontal",
    ]
    file.write_bytes(png_film(160))
    reader.upload(file, "lateral")
    held = (
        "const {levels} = window.clinicalblip.viewer.films.of(arguments[0]);"
        "return levels.reduce((sum, {values}) => sum + values.length, 0)"
    )
    press(reader, "1")
    assert until(lambda: reader.browser.execute_script(held, "frontal") < 600**2)
    press(reader, Keys.ARROW_UP)
    assert until(lambda: reader.browser.execute_script(held, "frontal") > 1900**2)


def test_a_film_is_given_to_the_session_that_holds_it_alone(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """Its key opens nothing for a program, for another browser, or for another tab of the same one."""
    page = serve()
    reader, other = Reader(chromium(own=True), page.url), Reader(chromium(), page.url)
    reader.upload(film)
    key = reader.browser.execute_script("return window.clinicalblip.viewer.films.of('frontal').picture")
    ask = "const done = arguments[1]; fetch(`films/${arguments[0]}/whole`).then((answer) => done(answer.status))"
    assert reader.browser.execute_async_script(ask, key) == 200
    assert other.browser.execute_async_script(ask, key) == 404
    reader.browser.switch_to.new_window("tab")
    second_tab = Reader(reader.browser, page.url)
    assert second_tab.browser.execute_async_script(ask, key) == 404
    answer = httpx.get(f"{page.url}films/{key}/whole")
    assert (answer.status_code, answer.json()["error"]) == (404, wording.FILM_NOT_HELD)
    assert key not in json.dumps(dict(answer.headers))


def test_two_films_side_by_side(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path, tmp_path: Path
) -> None:
    """The prior stands at the left; zoom goes together, windows where it is asked for, and 1 and 2 say how many."""
    reader = Reader(chromium(*WIDE), serve().url)
    prior = tmp_path / "prior.png"
    prior.write_bytes(png_film(160, seed=1))
    reader.upload(film)
    reader.upload(prior, "prior")
    press(reader, "2")
    ask = reader.browser.execute_script
    roles = "return window.clinicalblip.viewer.panes.visible.map((pane) => pane.role)"
    assert until(lambda: ask(roles) == ["prior", "frontal"])
    zooms = "return window.clinicalblip.viewer.panes.all.map((pane) => Math.round(100 * pane.viewport.place.zoom))"
    press(reader, "+", "+")
    assert until(lambda: ask(zooms) == [156, 156])
    ActionChains(reader.browser).key_down(Keys.SHIFT).send_keys("j").key_up(Keys.SHIFT).send_keys("+").perform()
    assert until(lambda: len(set(ask(zooms))) == 2)
    widths = "return window.clinicalblip.viewer.panes.all.map((pane) => pane.window.asStored)"
    press(reader, "5")
    assert until(lambda: sorted(ask(widths)) == [False, True])
    ActionChains(reader.browser).key_down(Keys.SHIFT).send_keys("k").key_up(Keys.SHIFT).send_keys("4").perform()
    assert until(lambda: ask(widths) == [False, False])
    press(reader, "1")
    assert until(lambda: len(ask(roles)) == 1)
    (before,) = ask(roles)
    press(reader, Keys.ARROW_RIGHT)
    assert until(lambda: ask(roles) != [before])
    assert reader.errors() == []


def test_keys_do_not_fire_while_one_types(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """An i in a box is an i; outside, turned or inverted stands on the film as long as it is."""
    reader = Reader(chromium(), serve().url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    marks = "return document.querySelector('.cb-pane .cb-mark').textContent"
    reader.type("findings", "irl1 2?")
    assert reader.box("findings") == "irl1 2?"
    assert reader.browser.execute_script(marks) == ""
    press(reader, "i", "r")
    said = f"{wording.VIEWER['inverted']} · {wording.VIEWER['turned']}"
    assert until(lambda: reader.browser.execute_script(marks) == said)
    press(reader, " ")
    assert until(lambda: reader.browser.execute_script(marks) == "")
    press(reader, "?")
    assert until(lambda: reader.has("dialog.cb-keys[open]"))
    overlay = reader.browser.find_element(By.CSS_SELECTOR, "dialog.cb-keys").text
    assert wording.VIEWER_ACTIONS["invert"] in overlay
    press(reader, "?")
    assert until(lambda: not reader.has("dialog.cb-keys"))


def test_mouse_and_fingers_move_zoom_and_window(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """The wheel zooms at the cursor, a drag moves, a right drag windows, two fingers zoom where they are."""
    reader = Reader(chromium(), serve().url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    ask = reader.browser.execute_script
    under = (
        "const {panes} = window.clinicalblip.viewer, pane = panes.current, box = pane.canvas.getBoundingClientRect();"
        "return pane.viewport.filmPoint(...pane.canvasPoint({clientX: box.left + 100, clientY: box.top + 120}))"
    )
    wheel = (
        "const canvas = document.querySelector('.cb-canvas'), box = canvas.getBoundingClientRect();"
        "for (let i = 0; i < 8; i++) canvas.dispatchEvent(new WheelEvent('wheel', {bubbles: true, cancelable: true,"
        "deltaY: -120, clientX: box.left + 100, clientY: box.top + 120}))"
    )
    press(reader, "+", "+", "+", "+")  # so that the film is larger than its canvas
    assert until(lambda: ask("return window.clinicalblip.viewer.panes.current.viewport.place.zoom") > 2)
    before = ask(under)
    scale = ask("return window.clinicalblip.viewer.panes.current.viewport.scale")
    ask(wheel)
    assert ask("return window.clinicalblip.viewer.panes.current.viewport.scale") > 1.5 * scale
    assert np.allclose(ask(under), before, atol=0.6)
    canvas = reader.browser.find_element(By.CSS_SELECTOR, ".cb-canvas")
    ActionChains(reader.browser).drag_and_drop_by_offset(canvas, 30, 20).perform()
    assert not np.allclose(ask(under), before, atol=0.6)
    stored = "return window.clinicalblip.viewer.panes.current.window.asStored"
    assert ask(stored)
    drag = (
        "const pane = document.querySelector('.cb-pane'), send = (type, clientX) => pane.dispatchEvent("
        "new PointerEvent(type, {bubbles: true, pointerId: 1, button: 2, clientX, clientY: 300}));"
        "pane.setPointerCapture = () => {}; send('pointerdown', 200); send('pointermove', 260); send('pointerup', 260)"
    )
    ask(drag)
    assert not ask(stored)
    box = reader.browser.find_element(By.CSS_SELECTOR, ".cb-canvas").rect
    left, top, scale = box["x"] + 100, box["y"] + 120, ask("return clinicalblip.viewer.panes.current.viewport.scale")
    before = ask(under)
    for kind, apart in (("touchStart", 30), ("touchMove", 25), ("touchMove", 20), ("touchEnd", 0)):
        touches = [{"x": left + side * apart, "y": top, "id": side} for side in (-1, 1)] if apart else []
        reader.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    assert np.isclose(ask("return clinicalblip.viewer.panes.current.viewport.scale") / scale, 2 / 3, atol=0.01)
    assert np.allclose(ask(under), before, atol=1)


def measured(reader: Reader) -> list[dict[str, Any]]:
    """What was measured on the shown film."""
    ask = "const {panes, measurements} = window.clinicalblip.viewer; return measurements.of(panes.current.film)"
    return list(reader.browser.execute_script(ask))


def test_a_distance_is_measured_by_keys_and_written_into_the_report(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], tmp_path: Path
) -> None:
    """Between two points, in centimetres of the file's spacing; one key writes it where the cursor was."""
    reader = Reader(chromium(), serve().url)
    file = tmp_path / "film.dcm"
    file.write_bytes(write_dicom(VALUES, ImagerPixelSpacing=[0.5, 0.5]))
    reader.upload(file)
    assert until(lambda: reader.whole())
    reader.type("findings", "A nodule of")
    press(reader, "o", "d", Keys.ENTER, *[Keys.ARROW_RIGHT] * 8, Keys.ENTER)
    (one,) = measured(reader)
    ((start, end),) = one["lines"]
    assert np.allclose(np.subtract(end, start), [48, 0])
    press(reader, "t")
    assert until(lambda: reader.box("findings") == "A nodule of 2.4 cm")
    press(reader, Keys.DELETE)
    assert measured(reader) == []
    press(reader, "d", Keys.ESCAPE)
    assert reader.browser.find_element(By.CSS_SELECTOR, ".cb-help-tool").text == ""


def test_the_cardiothoracic_ratio_is_that_of_two_dragged_lines(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """The heart first, then the chest; a film without spacing is measured in pixels, and the ratio needs none."""
    reader = Reader(chromium(), serve().url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    press(reader, "c")
    canvas = reader.browser.find_element(By.CSS_SELECTOR, ".cb-canvas")
    for width, down in ((60, 0), (120, 30)):
        drag = ActionChains(reader.browser).move_to_element_with_offset(canvas, -60, down).click_and_hold()
        drag.move_by_offset(width, 0).release().perform()
    (one,) = measured(reader)
    assert (one["kind"], len(one["lines"])) == ("ratio", 2)
    press(reader, "t")
    assert until(lambda: reader.box("findings") == wording.VIEWER["ratio"].format(ratio="0.50"))


def test_windows_places_and_measurements_outlive_the_page(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """After a reload the film is looked at as before, and what was measured is there."""
    page = serve()
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    press(reader, "5", "+", "+", "i", "d", Keys.ENTER, Keys.ARROW_RIGHT, Keys.ENTER)
    look = (
        "const {current} = window.clinicalblip.viewer.panes;"
        "return [Math.round(100 * current.viewport.place.zoom), current.window.inverted, current.window.asStored]"
    )
    before = reader.browser.execute_script(look)
    assert before == [156, True, False]
    sent = "const done = arguments[0]; setTimeout(() => clinicalblipKeeping.flush().then(done), 600)"
    assert until(lambda: reader.browser.execute_async_script(sent))
    again = Reader(reader.browser, page.url)
    assert until(lambda: again.whole())
    assert again.browser.execute_script(look) == before
    assert len(measured(again)) == 1


def test_what_the_model_saw_and_where_a_sentence_came_from(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """The model's picture stands there while asked for; the area of a sentence, by mouse or arrows, while held."""
    page = serve()
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    press(reader, "m")
    marks = "return document.querySelector('.cb-pane .cb-mark').textContent"
    said = wording.VIEWER["model_saw"].format(columns=8, rows=8)
    assert until(lambda: reader.browser.execute_script(marks) == said)
    press(reader, "m")
    assert until(lambda: reader.browser.execute_script(marks) == "")
    page.reporter.sources = [
        ("The heart is of normal size.", np.float32([[3, 0], [0, 0]])),
        ("No acute finding in the chest.", np.float32([[0, 0], [0, 3]])),
    ]
    reader.draft()
    sentence = reader.browser.find_elements(By.CSS_SELECTOR, "#ai-draft p")[-1]
    reader.browser.execute_script("document.activeElement?.blur()")
    ActionChains(reader.browser).move_to_element_with_offset(sentence, -20, 0).key_down("s").perform()
    alpha = (
        "const overlay = document.querySelector('.cb-marks'), pane = window.clinicalblip.viewer.panes.current;"
        "const [x, y] = pane.viewport.canvasPoint(...arguments); "
        "return overlay.getContext('2d').getImageData(x, y, 1, 1).data[3]"
    )
    assert until(lambda: reader.browser.execute_script(alpha, 100, 100) > 60)
    assert reader.browser.execute_script(alpha, 20, 20) < 20
    assert wording.EVIDENCE_NOTE in reader.browser.find_element(By.CSS_SELECTOR, ".cb-help-tool").text
    marked = "return [...(CSS.highlights.get('cb-evidence') || [])].map(String)"
    assert reader.browser.execute_script(marked) == ["No acute finding in the chest."]
    walk = {Keys.ARROW_UP: "heart", "j": "chest", Keys.ARROW_DOWN: "chest", "k": "heart"}
    for key, text in walk.items():
        ActionChains(reader.browser).send_keys(key).perform()
        assert text in reader.browser.execute_script(marked)[0]
        first = text == "heart"
        assert until(lambda first=first: (reader.browser.execute_script(alpha, 20, 20) > 60) == first)  # type: ignore[misc]
    assert wording.EVIDENCE_NOTE in reader.browser.find_element(By.CSS_SELECTOR, ".cb-help-tool").text
    ActionChains(reader.browser).key_up("s").perform()
    assert until(lambda: reader.browser.execute_script(alpha, 100, 100) == 0)
    assert reader.browser.execute_script(marked) == []
    assert reader.browser.execute_script("return clinicalblip.viewer.panes.linkedPlace")
    assert reader.errors() == []


def test_a_turned_film_keeps_its_points(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """However it is turned, mirrored and zoomed, a point goes to the canvas and back; four quarters are none."""
    reader = Reader(chromium(), serve().url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    script = """
        const {viewport} = window.clinicalblip.viewer.panes.current, found = [];
        const there = ([x, y]) => viewport.canvasPoint(...viewport.filmPoint(x, y)).map((part) => Math.round(part));
        for (const change of ["rotate", "mirror", "rotate", "rotate", "zoomAt", "mirror", "rotate"]) {
          viewport[change](...(change === "zoomAt" ? [30, 40, 1.7] : change === "rotate" ? [1] : []));
          found.push([there([50, 70]), viewport.isTurned]);
        }
        viewport.reset();
        const corner = viewport.canvasPoint(0, 0).map(Math.round), right = viewport.canvasPoint(128, 0).map(Math.round);
        viewport.rotate(1);
        return {found, turned: [corner, right, viewport.canvasPoint(0, 128).map(Math.round)]};
    """
    said = reader.browser.execute_script(script)
    assert [point for point, _ in said["found"]] == [[50, 70]] * 7
    assert [turned for _, turned in said["found"]] == [True] * 6 + [False]
    corner, right, below = said["turned"]
    assert below == corner  # clockwise: what was at the lower left is at the upper left
    assert right[1] == corner[1]


def drop(reader: Reader, place: str, *files: bytes) -> None:
    """Let files fall on a part of the page."""
    script = """
        const files = new DataTransfer(), [place, contents] = arguments;
        for (const content of contents)
          files.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], "Doe-Jane.dcm"));
        for (const kind of ["dragover", "drop"]) {
          const event = new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true});
          document.querySelector(place).dispatchEvent(event);
          if (!event.defaultPrevented) throw new Error("the browser would leave the page");
        }
    """
    reader.browser.execute_script(script, place, [base64.b64encode(file).decode() for file in files])


def test_files_are_dropped_anywhere_and_asked_about_where_their_files_do_not_say(
    serve: Callable[..., Served], chromium: Callable[..., Chrome]
) -> None:
    """Films of known views go to their places, of another the reader says which it is by its picture and by keys."""
    page = serve()
    reader = Reader(chromium(*WIDE), page.url)
    dates = {"StudyInstanceUID": "1.2.3", "StudyDate": "20240502"}
    current = write_dicom(VALUES, ViewPosition="PA", **dates)
    drop(reader, "#findings textarea", current, write_dicom(VALUES // 2, ViewPosition="LL", **dates))
    cards = "return [...document.querySelectorAll('.cb-full')].map((card) => card.dataset.role)"
    ask = reader.browser.execute_script
    assert until(lambda: ask(cards) == ["frontal", "lateral"])
    drop(reader, ".cb-screen", png_film(160))
    assert until(lambda: reader.has(".cb-question .cb-small canvas"))
    assert ask(cards) == ["frontal", "lateral"]
    greys = (
        "const canvas = document.querySelector('.cb-small canvas');"
        "const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
        "return [data[0], data[data.length - 4]]"
    )
    first, last = ask(greys)
    assert first < 60
    assert last > 200
    ask("document.querySelector('.cb-answer-prior').focus()")
    ask("clinicalblip.viewer.panes.arrange()")  # all is drawn anew, as when a film was looked through meanwhile
    assert reader.browser.switch_to.active_element.text == wording.PRIOR
    ActionChains(reader.browser).send_keys(Keys.ENTER).perform()
    assert until(lambda: ask(cards) == ["frontal", "lateral", "prior"])
    assert until(lambda: not reader.has(".cb-question"))
    drop(reader, "body", *[png_film()] * 7)
    said = wording.TOO_MANY_FILES.format(count=7, most=6)
    assert until(lambda: said in reader.text("viewer"))
    ask("clinicalblip.viewer.panes.arrange()")
    assert said in reader.text("viewer")
    drop(reader, ".cb-film[data-role=lateral]", png_film(150))
    assert until(lambda: "150 × 150" in ask("return clinicalblip.viewer.films.of('lateral').caption"))
    assert until(lambda: said not in reader.text("viewer"))
    assert reader.errors() == []


HOW_IT_IS_SHOWN = """
    const done = arguments[0];
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const {panes} = window.clinicalblip.viewer, {viewport, window: shown, film, role} = panes.current;
      const [a, b, c, d] = viewport.toCanvas.map((part) => Math.round(part / viewport.scale));
      done({
        zoom: Math.round(100 * viewport.place.zoom), scale: viewport.scale, turn: [a, b, c, d],
        corner: viewport.canvasPoint(0, 0).map(Math.round), inverted: shown.inverted, own: shown.asStored,
        centre: shown.centre / film.centre, width: shown.width / film.width, window: film.window,
        role, count: panes.count, links: [panes.linkedPlace, panes.linkedWindow],
        full: document.fullscreenElement !== null,
        model: document.querySelector("[data-does=model]").getAttribute("aria-pressed"),
      });
    }));
"""
"""How the film that keys act on is shown, once it is drawn."""


def test_every_key_of_the_films_does_what_the_table_says(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], tmp_path: Path
) -> None:
    """One after another, each from the film as it is shown at first; no key of the table is left out."""
    reader = Reader(chromium(*WIDE), serve().url)
    file = tmp_path / "film.dcm"
    windows = {"WindowCenter": [1800, 2200], "WindowWidth": [1200, 600], "ImagerPixelSpacing": [0.5, 0.5]}
    file.write_bytes(write_dicom(np.tile(VALUES, (5, 5)), ViewPosition="PA", **windows))
    reader.upload(file)
    assert until(lambda: reader.whole())
    tried: set[str] = set()

    def shown_now() -> dict[str, Any]:
        return dict(reader.browser.execute_async_script(HOW_IT_IS_SHOWN))

    def after(*keys: str, of: str = "", held: str = "") -> dict[str, Any]:
        """How the film is shown once the keys are pressed; `of` names the first as the table does."""
        tried.add(of or keys[0])
        reader.browser.execute_script("document.activeElement?.blur()")
        actions = ActionChains(reader.browser)
        if held:
            actions = actions.key_down(held)
        actions = actions.send_keys(*keys)
        (actions.key_up(held) if held else actions).perform()
        return shown_now()

    def shifted(key: str, of: str) -> dict[str, Any]:
        return after(key, of=of, held=Keys.SHIFT)

    first = after(" ")
    assert first | {"zoom": 100, "own": True, "turn": [1, 0, 0, 1], "role": "frontal", "count": 1} == first
    assert (after("+")["zoom"], after("-")["zoom"]) == (125, 100)
    assert after("+", "+", "=", of="=") == first
    assert after("o")["scale"] == 1
    arrows = {"Left": Keys.ARROW_LEFT, "Right": Keys.ARROW_RIGHT, "Up": Keys.ARROW_UP, "Down": Keys.ARROW_DOWN}
    left, right, up, down = (shifted(key, f"Shift+Arrow{name}")["corner"] for name, key in arrows.items())
    assert np.subtract(left, right).tolist() == [60, 0]
    assert np.subtract(up, down).tolist() == [0, 60]
    assert after(" ") == first
    for key, width in {"4": 1.6, "5": 0.6, "6": 0.5, "7": 0.5}.items():
        shown = after(key)
        assert (shown["own"], round(shown["width"], 3)) == (False, width)
    assert after("6")["centre"] < 1 < after("7")["centre"]
    assert after("4")["centre"] == after("5")["centre"] == 1
    assert after("3") == first
    wider = after(Keys.ARROW_RIGHT, of="ArrowRight", held="w")
    assert wider["width"] > 1
    assert after(Keys.ARROW_DOWN, of="ArrowDown", held="w")["centre"] > 1
    assert after(Keys.ARROW_UP, of="ArrowUp", held="w")["centre"] == 1
    assert after(Keys.ARROW_LEFT, of="ArrowLeft", held="w")["width"] == 1
    assert after(" ") == first
    assert (after("i")["inverted"], after("i")["inverted"]) == (True, False)
    assert (after("r")["turn"], after("l")["turn"]) == ([0, 1, -1, 0], [1, 0, 0, 1])
    assert (shifted("h", "Shift+h")["turn"], shifted("v", "Shift+v")["turn"]) == ([-1, 0, 0, 1], [-1, 0, 0, -1])
    assert after(" ")["turn"] == [1, 0, 0, 1]
    assert after("m")["model"] == "true"
    assert after("m")["model"] == "false"
    links = [shifted(key, f"Shift+{key}")["links"] for key in ("j", "k", "j", "k")]
    assert links == [[False, False], [False, True], [True, True], [True, False]]
    after("v")
    assert until(lambda: shown_now()["window"] == "window 2")
    assert until(lambda: reader.whole())
    after("f")
    assert until(lambda: shown_now()["full"])
    assert not reader.browser.find_element(By.CSS_SELECTOR, ".cb-films").is_displayed()
    after("f")
    assert until(lambda: not shown_now()["full"])
    tried.add("w")
    after("d", Keys.ENTER, Keys.ARROW_RIGHT, Keys.ENTER)
    after("c", Keys.ENTER, Keys.ESCAPE)
    assert [one["kind"] for one in measured(reader)] == ["distance"]
    after("t")
    assert until(lambda: reader.box("findings").endswith("mm"))
    after(Keys.BACKSPACE, of="Backspace")
    assert measured(reader) == []
    tried |= {"Enter", "Escape", "Delete"}  # while something is measured; of the last two either removes it
    file.write_bytes(png_film(160))
    reader.upload(file, "prior")
    assert until(lambda: shown_now()["count"] == 2)
    role = after(Keys.ARROW_RIGHT, of="ArrowRight")["role"]
    assert after(Keys.ARROW_LEFT, of="ArrowLeft")["role"] != role
    assert after("1")["count"] == 1
    assert len({after(Keys.ARROW_UP, of="ArrowUp")["role"], after(Keys.ARROW_DOWN, of="ArrowDown")["role"]}) == 2
    assert after("2")["count"] == 2
    table = "return clinicalblip.keys.entries.filter((one) => one.group === arguments[0]).flatMap((one) => one.keys)"
    keys = reader.browser.execute_script(table, wording.VIEWER["films"])
    assert set(keys) - {"s", "?"} == tried  # these two have tests of their own
    assert reader.errors() == []


def test_a_film_that_is_chosen_before_the_viewer_is_there_is_taken(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow line the page stands before its scripts do: what was chosen meanwhile is read once they are there."""
    arrived, answer = threading.Event(), ViewerScripts.__call__

    async def late(scripts: ViewerScripts, scope: Any, receive: Any, send: Any) -> None:
        while scope["path"].startswith("/viewer/") and not arrived.is_set():
            await asyncio.sleep(0.05)
        await answer(scripts, scope, receive, send)

    monkeypatch.setattr(ViewerScripts, "__call__", late)
    browser = chromium()
    try:
        browser.get(serve().url)
        assert until(lambda: browser.find_elements(By.ID, "film-frontal"))
        browser.find_element(By.ID, "film-frontal").send_keys(str(film))
        assert not browser.find_elements(By.CSS_SELECTOR, ".cb-ready")
    finally:
        arrived.set()
    reader = Reader.of(browser)
    assert until(lambda: "128 × 128" in reader.shown())
    assert until(lambda: reader.whole())
    assert reader.errors() == []
