"""A radiograph's grey levels on their way to the browser."""

import base64
import gzip
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import LookupTable, Radiograph, View, Window
from clinicalblip.web.session import LoadedFilm
from clinicalblip.web.view.viewer import LONGEST_SIDE, film_for_page, viewer_script, viewer_template


def film(values: NDArray[np.uint16], window: Window | LookupTable | None = None, **more: Any) -> LoadedFilm:
    """A film of these values in its role."""
    film = Radiograph(values, window or Window(2000, 4000), False, View.PA, (0.2, 0.2), "d", ("a warning",), **more)
    return LoadedFilm(film)


def unpack(text: str, kind: str) -> NDArray[np.generic]:
    """What the browser unpacks."""
    return np.frombuffer(gzip.decompress(base64.b64decode(text)), dtype=kind)


def test_twelve_bits_arrive_as_twelve_bits() -> None:
    """A small film's values come out exactly as they went in."""
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    sent = film_for_page(film(values))
    assert np.array_equal(unpack(sent["values"], "<u2").reshape(64, 64), values)
    assert (sent["rows"], sent["columns"], sent["highest"]) == (64, 64, 4095)
    assert sent["warnings"] == ["a warning"]


def test_a_large_film_is_averaged_down() -> None:
    """The longer side becomes the page's, the shape's proportions and the mean stay."""
    values = np.random.default_rng(0).integers(0, 4096, (3000, 1500), dtype=np.uint16)
    sent = film_for_page(film(values))
    assert (sent["rows"], sent["columns"]) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert abs(unpack(sent["values"], "<u2").mean() - values.mean()) < 2


def test_the_first_look_is_the_films_own_window() -> None:
    """The table that the page starts with is the film's window, to half a grey."""
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    loaded = film(values, Window(1500, 900))
    sent = film_for_page(loaded)
    greys = unpack(sent["greys"], "u1")[values]
    assert np.abs(greys / 255 - loaded.radiograph.pixels).max() <= 0.5 / 255 + 1e-6
    assert (sent["centre"], sent["width"]) == (1500, 900)


def test_a_lookup_table_starts_windowing_where_it_rises() -> None:
    """For a VOI LUT the sliders start at the range that it spreads."""
    table = LookupTable(1000, np.linspace(0, 1, 500, dtype=np.float32))
    sent = film_for_page(film(np.arange(4096, dtype=np.uint16).reshape(64, 64), table))
    assert abs(sent["centre"] - 1250) < 20
    assert abs(sent["width"] - 480) < 40


def test_the_template_is_plain_markup() -> None:
    """Gradio compiles the template: nothing in it may look like its placeholders."""
    template = viewer_template()
    assert "${" not in template
    assert "{{" not in template
    assert "`" not in template
    assert 'id="film-frontal"' in template
    assert '"mebibytes": 64' in viewer_script(64)
