"""What is asked of a film, how it is answered, and what each way in is told."""

from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, Region
from clinicalblip.screening.films import (
    FilmScreening,
    TextQuestion,
    check_declared_text,
    check_screening,
    mask_text,
    screen_text,
    settle_text,
)
from clinicalblip.screening.wording import COMMAND
from clinicalblip.settings import PrivacySettings
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.planted_film import burned_film

PRIVACY = PrivacySettings()
CORNER = Region(0, 0, 20, 30)


@pytest.fixture(scope="module")
def burned() -> Radiograph:
    """A film with a name written into its picture."""
    return read_radiograph(burned_film())


@pytest.fixture(scope="module")
def tagged() -> Radiograph:
    """A film without any text, whose file says that some is burned in."""
    ramp = np.add.outer(np.arange(128, dtype=np.uint16), np.arange(128, dtype=np.uint16)) * 16
    return read_radiograph(write_dicom(ramp, BurnedInAnnotation="YES"), ReadOptions(allow_burned_in=True))


def test_text_in_a_film_is_asked_about_once(burned: Radiograph) -> None:
    """What was accepted is not asked about again; what was found and not answered for stays."""
    found = screen_text(burned, PRIVACY)
    assert found.question is TextQuestion.FOUND
    assert found.text_regions
    assert screen_text(burned, PRIVACY, found) == found
    accepted = found.accept_text()
    assert (accepted.text_regions, accepted.question) == ((), None)
    assert screen_text(burned, PRIVACY, accepted) == accepted


def test_text_is_only_looked_for_where_the_settings_say_so(burned: Radiograph) -> None:
    """Unless somebody asks for it all the same."""
    privacy = PrivacySettings(find_burned_in=False)
    assert screen_text(burned, privacy) == FilmScreening()
    assert screen_text(burned, privacy, always=True).text_regions


def test_masked_text_is_gone_from_the_film(burned: Radiograph) -> None:
    """The masked film is another film, in which nothing is found."""
    film, screening = mask_text(burned, screen_text(burned, PRIVACY))
    assert film.digest != burned.digest
    assert screening == FilmScreening()
    assert screen_text(film, PRIVACY) == FilmScreening()


def test_a_tag_without_text_is_asked_about_until_it_is_accepted(tagged: Radiograph) -> None:
    """Or allowed by the settings."""
    asked = screen_text(tagged, PRIVACY)
    assert (asked.text_regions, asked.question) == ((), TextQuestion.DECLARED)
    assert screen_text(tagged, PRIVACY, asked.accept_text()).question is None
    assert screen_text(tagged, PrivacySettings(allow_burned_in=True)).question is None


def test_a_tagged_film_is_refused_where_nothing_is_to_be_masked(burned: Radiograph, tagged: Radiograph) -> None:
    """The sentence says what can be done; a film without the tag, or with one that is allowed, passes."""
    with pytest.raises(BurnedInAnnotation, match="--mask-text"):
        check_declared_text(tagged, FilmRole.FRONTAL, PRIVACY, COMMAND)
    check_declared_text(tagged, FilmRole.FRONTAL, PrivacySettings(allow_burned_in=True), COMMAND)
    check_declared_text(burned, FilmRole.FRONTAL, PRIVACY, COMMAND)


def test_a_program_settles_text_by_masking_it(burned: Radiograph) -> None:
    """Nothing is left to be asked or warned of."""
    film, screening, warnings = settle_text(burned, FilmRole.LATERAL, screen_text(burned, PRIVACY), COMMAND, masks=True)
    assert film.digest != burned.digest
    assert (screening.question, warnings) == (None, ())


def test_a_program_settles_text_by_a_warning(burned: Radiograph) -> None:
    """The film stays as it is, and the warning names the film and how many places there are, not the words."""
    found = replace(screen_text(burned, PRIVACY), text_regions=(CORNER,))
    film, screening, (warning,) = settle_text(burned, FilmRole.LATERAL, found, COMMAND, masks=False)
    assert film is burned
    assert screening.accepted_regions == (CORNER,)
    assert "in the lateral film at 1 place" in warning


def test_a_program_cannot_settle_a_tag_without_text(tagged: Radiograph) -> None:
    """There is nothing to mask, and nobody looked."""
    with pytest.raises(BurnedInAnnotation, match=r"prior film.*none was found to mask"):
        settle_text(tagged, FilmRole.PRIOR, screen_text(tagged, PRIVACY), COMMAND, masks=True)


def test_an_open_question_keeps_a_film_from_being_drafted_from() -> None:
    """Text first, then the file's tag, then doubts, until each is answered."""
    found = FilmScreening(text_regions=(CORNER, CORNER), question=TextQuestion.FOUND, doubts=("It is blank.",))
    with pytest.raises(BurnedInAnnotation, match="frontal film at 2 places"):
        check_screening(found, FilmRole.FRONTAL, COMMAND)
    with pytest.raises(BurnedInAnnotation, match="none was found"):
        check_screening(replace(found, text_regions=(), question=TextQuestion.DECLARED), FilmRole.FRONTAL, COMMAND)
    with pytest.raises(UnsupportedRadiograph, match="It is blank"):
        check_screening(found.accept_text(), FilmRole.FRONTAL, COMMAND)
    check_screening(replace(found.accept_text(), overruled=True), FilmRole.FRONTAL, COMMAND)
