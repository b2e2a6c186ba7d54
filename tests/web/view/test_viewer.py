"""A radiograph's grey levels on their way to the browser."""

import base64
import gzip
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import LookupTable, Radiograph, View, Window
from clinicalblip.web.session import LoadedFilm
from clinicalblip.web.view.viewer import film_for_page, viewer_script, viewer_template


def film(values: NDArray[np.uint16], window: Window | LookupTable | None = None, **more: Any) -> LoadedFilm:
    """A film of these values in its role."""
    film = Radiograph(values, window or Window(2000, 4000), False, View.PA, (0.2, 0.2), "d", ("a warning",), **more)
    return LoadedFilm(film)


def unpack(text: str, kind: str) -> NDArray[np.generic]:
    """What the browser unpacks."""
    return np.frombuffer(gzip.decompress(base64.b64decode(text)), dtype=kind)


def test_the_viewer_is_told_of_the_film_at_its_own_size() -> None:
    """Sides, highest value, spacing and warnings; the values themselves come over a route of their own."""
    sent = film_for_page(film(np.arange(4096, dtype=np.uint16).reshape(32, 128)))
    assert (sent["rows"], sent["columns"], sent["highest"]) == (32, 128, 4095)
    assert (sent["spacing"], sent["warnings"]) == ((0.2, 0.2), ["a warning"])
    assert "values" not in sent


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
