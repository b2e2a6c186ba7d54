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


POSITIONS = {
    View.PA: """PA|pa|P.A.|P.A|P-A|P/A|P A|PA ERECT|PA UPRIGHT|ERECT PA|PA CHEST|CHEST PA|THORAX P.A.|PA STANDING
        PA-ERECT|PA (INSPIRATION)|POSTERO-ANTERIOR|POSTEROANTERIOR|POSTERO ANTERIOR|POSTERIOR ANTERIOR|POSTERO_ANTERIOR
        FRONTAL PA|PA\\ERECT|ERECT\\PA|PA\\PA|PA\\FRONTAL|PA_EXP|1 PA""",
    View.AP: """AP|ap|A.P.|A-P|A/P|A P|AP SUPINE|AP ERECT|AP PORTABLE|PORTABLE AP|SUPINE AP|AP SITTING|AP SEMI-ERECT
        AP LORDOTIC|ANTERO-POSTERIOR|ANTEROPOSTERIOR|ANTERIOR/POSTERIOR|AP BEDSIDE|AP\\SUPINE|AP MOBILE
        AP LATERAL DECUBITUS""",
    View.LATERAL: """LL|RL|LAT|LATERAL|LLAT|RLAT|L LAT|R LAT|LT LAT|RT LATERAL|LEFT LATERAL|RIGHT LATERAL|LATL|LATR
        LATERAL ERECT|LAT CHEST|X-TABLE LAT|CROSS TABLE LATERAL|LAT.|L-LAT|LEFT-LATERAL|LATERAL\\ERECT|LLAT\\LATERAL
        DORSAL DECUBITUS LATERAL|PROFIL|SEITLICH""",
    View.FRONTAL: """FRONTAL|LLD|RLD|LEFT LATERAL DECUBITUS|RT LAT DECUB|LATERAL DECUBITUS|FRONTAL ERECT|LLD ERECT
        L DECUB""",
    View.UNKNOWN: """SUPINE|ERECT|PORTABLE|PA/LAT|PA AND LATERAL|AP LAT|PA\\LL|AP\\PA|OBLIQUE|LAO|AP OBLIQUE|RPO|RLO|PAL
        APEX|CHEST|1|UNKNOWN|SWIMMERS|PALATE""",
}


@pytest.mark.parametrize(
    ("position", "view"),
    [
        (text.strip(), view)
        for view, texts in POSITIONS.items()
        for line in texts.split("\n")
        for text in line.split("|")
    ],
)
def test_view_position_is_read_as_people_write_it(position: str, view: View) -> None:
    """Where it names one view; one that names two, or none that is known, is as good as absent."""
    assert read_radiograph(write_dicom(FILM, ViewPosition=position.split("\\"))).view is view
    if view is View.UNKNOWN:
        film = read_radiograph(write_dicom(FILM, ViewPosition=position.split("\\"), SeriesDescription="CHEST PA"))
        assert film.view is View.PA


@pytest.mark.parametrize(
    "position", ["LLD", "RLD", "LEFT LATERAL DECUBITUS", "LLD ERECT", "RT LAT DECUB", "AP DECUB LEFT"]
)
def test_a_patient_who_lies_on_the_side_stays_as_stored(position: str) -> None:
    """However it is written: gravity is what such a film is read by."""
    film = read_radiograph(write_dicom(FILM, ViewPosition=position, PatientOrientation=["F", "L"]))
    assert np.array_equal(film.values, FILM)
    assert film.warnings == ()
