"""Which modalities are read, refused by name, or read with a warning."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clinicalblip.errors import UnsupportedRadiograph
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import View
from tests.fixtures.dicom_files import write_dicom

FILM = np.arange(64 * 64).reshape(64, 64)
STORAGE = "1.2.840.10008.5.1.4.1.1."


@pytest.mark.parametrize("modality", ["CR", "DX", "RF", "RG"])
def test_radiographs_are_read_without_a_word(modality: str) -> None:
    """The four modalities of projection radiography give no warning."""
    assert read_radiograph(write_dicom(FILM, modality=modality)).warnings == ()


@pytest.mark.parametrize(("modality", "words"), [("OT", "modality OT"), ("SC", "secondary capture")])
def test_other_and_secondary_captures_are_read_with_a_warning(modality: str, words: str) -> None:
    """Modality OT or SC is read, and the reader is told."""
    (warning,) = read_radiograph(write_dicom(FILM, modality=modality)).warnings
    assert words in warning


@pytest.mark.parametrize(
    ("modality", "name"),
    [
        ("CT", "a CT image"),
        ("MR", "an MR image"),
        ("MG", "a mammogram"),
        ("US", "an ultrasound image"),
        ("SR", "a structured report"),
        ("NM", "a nuclear medicine image"),
        ("XA", "an angiogram"),
        ("PX", "a panoramic dental film"),
        ("ZZ", "of a modality that is not read"),
    ],
)
def test_other_modalities_are_refused_by_name(modality: str, name: str) -> None:
    """A format_error says what was found, what is read, and what to do."""
    with pytest.raises(UnsupportedRadiograph, match=f"The file is {name}; chest radiographs .* Upload"):
        read_radiograph(write_dicom(FILM, modality=modality))


@pytest.mark.parametrize(
    ("sop_class", "name"),
    [
        ("2", "a CT image"),
        ("2.1", "a CT image"),
        ("4", "an MR image"),
        ("1.2", "a mammogram"),
        ("6.1", "an ultrasound image"),
        ("3.1", "an ultrasound image"),
        ("88.33", "a structured report"),
        ("104.1", "a PDF document"),
        ("999", "of a kind that is not known"),
    ],
)
def test_without_a_modality_the_sop_class_refuses(sop_class: str, name: str) -> None:
    """Where Modality is missing, the SOP class says what the file is."""
    with pytest.raises(UnsupportedRadiograph, match=name):
        read_radiograph(write_dicom(FILM, modality=None, SOPClassUID=STORAGE + sop_class))


@pytest.mark.parametrize(
    ("sop_class", "warnings"), [("1", 0), ("1.1", 0), ("1.1.1", 0), ("12.2", 0), ("7", 1), ("7.2", 1)]
)
def test_without_a_modality_the_sop_class_admits(sop_class: str, warnings: int) -> None:
    """CR, DX and RF classes are read; secondary captures with a warning."""
    radiograph = read_radiograph(write_dicom(FILM, modality=None, SOPClassUID=STORAGE + sop_class))
    assert len(radiograph.warnings) == warnings


@pytest.mark.parametrize("modality", ["OT", "DOC", "CR"])
def test_a_pdf_inside_dicom_is_refused_whatever_its_modality(modality: str) -> None:
    """Encapsulated PDFs come under several modalities; the SOP class tells."""
    data = write_dicom(
        None, modality=modality, SOPClassUID=f"{STORAGE}104.1", EncapsulatedDocument=b"%PDF-1.4", Rows=None
    )
    with pytest.raises(UnsupportedRadiograph, match="PDF document inside DICOM"):
        read_radiograph(data)


def test_a_capture_by_a_radiography_machine_is_a_radiograph() -> None:
    """Modality CR under the secondary capture class, as public data sets have it, gives no warning."""
    assert read_radiograph(write_dicom(FILM, modality="CR", SOPClassUID=f"{STORAGE}7")).warnings == ()


@pytest.mark.parametrize(
    ("part", "words"),
    [("HAND", "(HAND)"), ("ABDOMEN", "(ABDOMEN)"), ("JOHN DOE", "another part of the body,")],
)
def test_another_body_part_is_said(part: str, words: str) -> None:
    """Only a defined part is repeated: the tag may hold anything, a name included."""
    (warning,) = read_radiograph(write_dicom(FILM, BodyPartExamined=part)).warnings
    assert words in warning
    assert "DOE" not in warning


@pytest.mark.parametrize("part", ["CHEST", "THORAX", "chest", "PORTABLE CHEST", "", None])
def test_a_chest_is_not_remarked_on(part: str | None) -> None:
    """A chest in any spelling, or no word about it, gives no warning."""
    assert read_radiograph(write_dicom(FILM, BodyPartExamined=part)).warnings == ()


def test_raw_films_are_said() -> None:
    """A film for processing is not what a workstation shows."""
    (warning,) = read_radiograph(write_dicom(FILM, PresentationIntentType="FOR PROCESSING")).warnings
    assert "for processing" in warning


def code(scheme: str, value: str) -> Dataset:
    """One item of ViewCodeSequence."""
    item = Dataset()
    item.CodingSchemeDesignator, item.CodeValue, item.CodeMeaning = scheme, value, "view"
    return item


@pytest.mark.parametrize(
    ("tags", "view"),
    [
        ({"ViewPosition": "PA"}, View.PA),
        ({"ViewPosition": "AP"}, View.AP),
        ({"ViewPosition": "LL"}, View.LATERAL),
        ({"ViewPosition": "RL"}, View.LATERAL),
        ({"ViewPosition": "LATERAL"}, View.LATERAL),
        ({"ViewPosition": " pa "}, View.PA),
        ({"ViewPosition": "LLD"}, View.FRONTAL),
        ({"ViewPosition": "RLO"}, View.UNKNOWN),
        ({"ViewCodeSequence": [code("SCT", "272479007")]}, View.PA),
        ({"ViewCodeSequence": [code("SRT", "R-10206")]}, View.AP),
        ({"ViewCodeSequence": [code("SCT", "399067008")]}, View.LATERAL),
        ({"ViewCodeSequence": [code("SCT", "399033003")]}, View.FRONTAL),
        ({"ViewCodeSequence": [code("99LOCAL", "272479007")]}, View.UNKNOWN),
        ({"ViewPosition": "", "ViewCodeSequence": [code("SRT", "R-10236")]}, View.LATERAL),
        ({"ViewPosition": "AP", "ViewCodeSequence": [code("SRT", "R-10236")]}, View.AP),
        ({}, View.UNKNOWN),
    ],
)
def test_view_is_by_position_then_by_code(tags: dict[str, Any], view: View) -> None:
    """ViewPosition, then ViewCodeSequence, else unknown."""
    assert read_radiograph(write_dicom(FILM, **tags)).view is view


def test_a_dicomdir_says_what_to_upload() -> None:
    """An index of a disc has no picture; the films lie beside it."""
    data = write_dicom(None, modality=None, SOPClassUID="1.2.840.10008.1.3.10")
    with pytest.raises(UnsupportedRadiograph, match=r"is a DICOMDIR.*Upload one of the films that lie beside it"):
        read_radiograph(data)
