"""The pictures of a report."""

import re
from collections.abc import Mapping
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from clinicalblip.reader_study.results.estimates import Estimates
from clinicalblip.reader_study.results.plots import COLOURS, plots
from clinicalblip.reader_study.results.study_data import StudyData
from tests.fixtures.study_readings import study_design

NAMES = ("times.svg", "decisions.svg", "caught.svg", "preference.svg", "order.svg")
SVG = "{http://www.w3.org/2000/svg}"


def contrast(colour: str) -> float:
    """A colour's contrast with white, by WCAG."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def words(picture: bytes) -> str:
    """All its words."""
    return " ".join("".join(text.itertext()) for text in ElementTree.fromstring(picture).iter(f"{SVG}text"))


@pytest.mark.parametrize("name", NAMES)
def test_letters_can_be_read_on_white(files: Mapping[str, bytes], name: str) -> None:
    """Every text is in ink of a contrast above 4.5, on a white ground, and is text."""
    tree = ElementTree.fromstring(files[name])
    texts = list(tree.iter(f"{SVG}text"))
    assert len(texts) > 5
    for text in texts:
        fill = re.search(r"fill: (#\w{6})", text.get("style", ""))
        assert contrast(fill[1] if fill else "#000000") >= 4.5
    assert b"fill: #ffffff" in files[name]


@pytest.mark.parametrize("name", NAMES)
def test_no_date_and_no_path_is_in_a_picture(files: Mapping[str, bytes], name: str) -> None:
    """So that the same data give the same bytes."""
    assert b"<dc:date>" not in files[name]


def test_colours_are_told_apart_from_white() -> None:
    """A mark needs less contrast than a letter."""
    assert all(contrast(colour) >= 2 for colour in COLOURS)


def test_pictures_name_what_they_count(files: Mapping[str, bytes], data: StudyData) -> None:
    """Arms with the number of their readings, and choices with theirs."""
    for arm in data.arms:
        assert f"{arm} (n = {sum(row.arm == arm for row in data.compared)})" in words(files["times.svg"])
    assert f"choices (n = {len(data.choices)})" in words(files["preference.svg"])
    assert "95 % intervals" in words(files["caught.svg"])


def test_there_is_no_picture_of_nothing(data: StudyData) -> None:
    """And the report then shows none."""
    empty = replace(data, rows=tuple(row for row in data.rows if row.arm == "unaided"), choices=())
    assert set(plots(empty, Estimates.of(empty.design))) == {"times.svg", "order.svg"}


def test_names_may_have_any_letters(data: StudyData) -> None:
    """A title with letters of no font here breaks nothing; it stands in no picture."""
    changed = replace(data, design=study_design({"title": "\u8aad\u5f71 $x_1$"}))
    assert set(plots(changed, Estimates.of(changed.design))) == set(NAMES)
