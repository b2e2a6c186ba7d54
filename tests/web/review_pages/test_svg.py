"""Charts as SVG: whole pictures, whatever is drawn in them."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.web.review_pages.svg import Column, Row, bars, columns, dots, round_up

SHARES = st.floats(0, 1)
TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z")), max_size=20)
INTERVALS = st.none() | st.tuples(SHARES, SHARES).map(lambda ends: (min(ends), max(ends)))
ROWS = st.lists(st.builds(Row, TEXTS, TEXTS, st.lists(SHARES, max_size=3), INTERVALS), max_size=5)
COLUMNS = st.lists(st.builds(Column, SHARES, TEXTS, TEXTS, TEXTS), max_size=70)
SPACE = "{http://www.w3.org/2000/svg}"


def texts(drawn: str) -> list[str]:
    """The texts of a picture, which has to be well-formed."""
    return [element.text or "" for element in ElementTree.fromstring(drawn).iter(f"{SPACE}text")]


@given(ROWS, TEXTS)
def test_rows_are_drawn_with_their_words(rows: list[Row], title: str) -> None:
    """Escaped, in bars and in dots."""
    for drawn in (bars(title, "said", rows), dots(title, "said", rows, ((0.5, "50 %"),))):
        assert {word for row in rows for word in (row.label, row.said)} <= {*texts(drawn), ""}
        assert ElementTree.fromstring(drawn).get("aria-label") == f"{title}. said"


@given(COLUMNS)
def test_columns_stay_inside(shown: list[Column]) -> None:
    """Each within the width and the height of the picture."""
    root = ElementTree.fromstring(columns("title", "said", shown))
    height = float(root.get("height", "0"))
    for rect in root.iter(f"{SPACE}rect"):
        left, width = (float(rect.get(name, "").rstrip("%")) for name in ("x", "width"))
        top, tall = (float(rect.get(name, "")) for name in ("y", "height"))
        assert -0.1 <= left <= left + width <= 100.1
        assert 0 <= top <= top + tall <= height


def test_what_is_nothing_has_no_bar() -> None:
    """A column or a part of none is not drawn, only its place."""
    drawn = bars("title", "said", [Row("label", "0", (0.0,))])
    assert "track" in drawn
    assert "part-0" not in drawn
    assert "rect" not in columns("title", "said", [Column(0.0, "0")])


@pytest.mark.parametrize(
    ("most", "end"), [(1, 1), (2, 2), (3, 3), (5, 6), (7, 8), (9, 10), (10, 10), (11, 20), (22, 30), (317, 400)]
)
def test_a_scale_ends_at_a_round_number(most: int, end: int) -> None:
    """Which is not much more than what is shown."""
    assert round_up(most) == end


@given(st.integers(1, 10**9))
def test_a_scale_is_never_too_short(most: int) -> None:
    """Nor more than twice as long."""
    assert most <= round_up(most) <= 2 * most
