"""The view by position, code, orientation and, last, by words; no word of a description is kept."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from clinicalblip.imaging.dicom.views import view_from_descriptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import View
from tests.fixtures.dicom_files import write_dicom

FILM = np.arange(64 * 64).reshape(64, 64)


def code(value: str) -> Dataset:
    """One item of ViewCodeSequence."""
    item = Dataset()
    item.CodingSchemeDesignator, item.CodeValue, item.CodeMeaning = "SRT", value, "view"
    return item


@pytest.mark.parametrize(
    ("tags", "view"),
    [
        ({"PatientOrientation": ["A", "F"]}, View.LATERAL),
        ({"PatientOrientation": ["P", "F"]}, View.LATERAL),
        ({"PatientOrientation": ["F", "P"]}, View.LATERAL),
        ({"PatientOrientation": ["L", "F"]}, View.FRONTAL),
        ({"PatientOrientation": ["R", "F"]}, View.FRONTAL),
        ({"PatientOrientation": ["L", "P"]}, View.UNKNOWN),
        ({"PatientOrientation": ["A", "F"], "ViewPosition": "PA"}, View.PA),
        ({"PatientOrientation": ["A", "F"], "ViewCodeSequence": [code("R-10206")]}, View.AP),
        ({"PatientOrientation": ["L", "F"], "SeriesDescription": "Chest AP"}, View.AP),
        ({"PatientOrientation": ["L", "F"], "SeriesDescription": "LAT"}, View.FRONTAL),
        ({"SeriesDescription": "Chest LAT"}, View.LATERAL),
        ({"SeriesDescription": "CHEST PA", "ProtocolName": "LATERAL"}, View.PA),
        ({"SeriesDescription": "PA and lateral", "ProtocolName": "LATERAL"}, View.LATERAL),
        ({"ProtocolName": "thorax p.a."}, View.PA),
        ({"AcquisitionDeviceProcessingDescription": "CHEST,LATERAL"}, View.LATERAL),
        ({"SeriesDescription": "PA and lateral"}, View.UNKNOWN),
        ({"SeriesDescription": "portable chest"}, View.UNKNOWN),
        ({"ViewPosition": "LARGE LATERAL"}, View.LATERAL),
        ({"ViewPosition": "RLO", "SeriesDescription": "oblique"}, View.UNKNOWN),
    ],
)
def test_each_source_speaks_where_those_before_it_are_silent(tags: dict[str, Any], view: View) -> None:
    """Position, code, orientation, then descriptions; two views in one text name none."""
    assert read_radiograph(write_dicom(FILM, **tags)).view is view


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("PA", View.PA),
        ("W033 Chest a.p.", View.AP),
        ("A-P chest", View.AP),
        ("Thorax seitlich", View.LATERAL),
        ("Thorax latérale", View.LATERAL),
        ("thorax face", View.FRONTAL),
        ("frontal PA", View.PA),
        ("Chest_PA", View.PA),
        ("AP/PA", View.UNKNOWN),
        ("capable patient", View.UNKNOWN),
        ("PAPA LATIMER", View.UNKNOWN),
        ("", View.UNKNOWN),
    ],
)
def test_views_are_whole_words(text: str, view: View) -> None:
    """In any case, with full stops or without, in some languages."""
    assert view_from_descriptions([text]) is view


@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_text_names_a_view_or_none(texts: list[str]) -> None:
    """Whatever it is."""
    assert view_from_descriptions(texts) in View


def test_a_description_does_not_leave() -> None:
    """The view is taken from it, and nothing else."""
    film = read_radiograph(
        write_dicom(FILM, SeriesDescription="PLANTED NAME PA", ProtocolName="PLANTED", PatientOrientation=["L", "F"])
    )
    assert film.view is View.PA
    assert "planted" not in repr(vars(film)).lower()
