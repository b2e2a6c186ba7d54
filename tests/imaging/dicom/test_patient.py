"""An age group and a sex, only where they are asked for; a child's film always carries a warning."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.imaging.dicom.patient import age_group
from clinicalblip.imaging.dicom.reader import read_dicom
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.radiograph import AgeGroup, PatientGroup, Radiograph, Sex
from tests.fixtures.dicom_files import write_dicom

FILM = np.arange(64 * 64).reshape(64, 64)


def read(*, keep_age_and_sex: bool = False, **tags: Any) -> Radiograph:
    """A film with these tags."""
    film = read_dicom(write_dicom(FILM, **tags), ReadOptions(keep_age_and_sex=keep_age_and_sex))
    assert film is not None
    return film


@pytest.mark.parametrize(
    ("age", "born", "taken", "group"),
    [
        ("017Y", None, None, AgeGroup.CHILD),
        ("018Y", None, None, AgeGroup.ADULT),
        ("064Y", None, None, AgeGroup.ADULT),
        ("065Y", None, None, AgeGroup.OLDER),
        ("003M", None, None, AgeGroup.CHILD),
        ("006W", None, None, AgeGroup.CHILD),
        ("002D", None, None, AgeGroup.CHILD),
        ("7Y", None, None, AgeGroup.CHILD),
        ("300M", None, None, AgeGroup.ADULT),
        ("045Y", "20200101", "20220101", AgeGroup.ADULT),
        ("999Y", None, None, None),
        ("62", None, None, AgeGroup.ADULT),
        ("7", None, None, AgeGroup.CHILD),
        ("000", None, None, None),
        ("Y", None, None, None),
        ("-05Y", None, None, None),
        (None, "20000615", "20180614", AgeGroup.CHILD),
        (None, "20000615", "20180615", AgeGroup.ADULT),
        ("", "1950.06.15", "20180615", AgeGroup.OLDER),
        ("999Y", "20000615", "20050101", AgeGroup.CHILD),
        (None, "19000101", "20250101", None),
        (None, "20300101", "20250101", None),
        (None, "20001341", "20250101", None),
        (None, "20000101", None, None),
        (None, None, None, None),
    ],
)
def test_the_group_is_by_age_then_by_dates(
    age: str | None, born: str | None, taken: str | None, group: AgeGroup | None
) -> None:
    """Years, months, weeks and days; what cannot be is as good as absent."""
    assert age_group(age, born, taken) is group


@given(*[st.one_of(st.none(), st.text(max_size=12))] * 3)
def test_any_text_gives_a_group_or_none(age: str | None, born: str | None, taken: str | None) -> None:
    """Whatever stands in the tags."""
    age_group(age, born, taken)


@pytest.mark.parametrize("keep_age_and_sex", [True, False])
@pytest.mark.parametrize("tags", [{"PatientAge": "011Y"}, {"PatientBirthDate": "20100101", "StudyDate": "20200101"}])
def test_a_childs_film_always_carries_a_warning(tags: dict[str, Any], keep_age_and_sex: bool) -> None:
    """Whether the group may leave or not; the age itself is not named."""
    (warning,) = read(keep_age_and_sex=keep_age_and_sex, **tags).warnings
    assert warning.startswith("The age tag says that the patient is a child; ")
    assert not any(sign.isdigit() for sign in warning)


def test_the_group_leaves_where_it_is_asked_for() -> None:
    """And nothing else of the patient."""
    film = read(keep_age_and_sex=True, PatientAge="070Y", PatientSex="F", PatientBirthDate="19500101")
    assert film.patient == PatientGroup(AgeGroup.OLDER, Sex.FEMALE)
    assert "070" not in repr(film.patient)
    assert "1950" not in repr(vars(film))


def test_the_group_stays_where_it_is_not() -> None:
    """By default nothing of the patient leaves."""
    film = read(PatientAge="070Y", PatientSex="F")
    assert film.patient is None
    assert film.warnings == ()


@pytest.mark.parametrize("sex", ["", "X", "FEMALE", "PLANTED", None])
def test_a_sex_that_is_no_code_is_none(sex: str | None) -> None:
    """The tag may hold anything."""
    film = read(keep_age_and_sex=True, PatientSex=sex)
    assert film.patient == PatientGroup(None, None)
    assert film.warnings == ()


def test_the_file_says_that_text_is_burned_in() -> None:
    """It leaves with the film for the page to look at."""
    data = write_dicom(FILM, BurnedInAnnotation="YES")
    film = read_dicom(data, ReadOptions(allow_burned_in=True))
    assert film is not None
    assert film.says_burned_in
    assert not read(BurnedInAnnotation="NO").says_burned_in
