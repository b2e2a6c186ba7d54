"""What is asked of a film before it is drafted from: does its text name the patient, and is it a chest radiograph?

A reader answers one question after the other; a program says its answers beforehand. Until the text is masked or
cleared, nothing but the search for text sees the film.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from clinicalblip.deid.burned_in import find_burned_in_text
from clinicalblip.deid.mask import mask_regions
from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.radiology.radiograph import Radiograph, Region
from clinicalblip.screening import wording
from clinicalblip.screening.wording import Door
from clinicalblip.settings import PrivacySettings


class TextQuestion(StrEnum):
    """Why a film waits for an answer: text was found in it, or its file says that there is some and none was found."""

    FOUND = "found"
    TAGGED = "tagged"


@dataclass(frozen=True)
class FilmScreening:
    """What was found in a film, and what was answered about it.

    `texts`: the places of text, side markers aside, that nobody has answered for. `question`: what is asked about them,
    or about the file's tag. `cleared`: places of text that names nobody, as somebody said. `tag_cleared`: somebody said
    so of what the file warns of. `doubts`: why the film may be no chest radiograph, in whole sentences.
    `doubts_overruled`: it is drafted from all the same.
    """

    texts: tuple[Region, ...] = ()
    question: TextQuestion | None = None
    cleared: tuple[Region, ...] = ()
    tag_cleared: bool = False
    doubts: tuple[str, ...] = ()
    doubts_overruled: bool = False

    def clear_text(self) -> "FilmScreening":
        """The text, or the picture that the file warns of, names nobody."""
        return replace(self, texts=(), question=None, cleared=(*self.cleared, *self.texts), tag_cleared=True)


def screen_text(
    film: Radiograph,
    privacy: PrivacySettings,
    before: FilmScreening = FilmScreening(),  # frozen
    *,
    always: bool = False,
) -> FilmScreening:
    """Look for text in a film, and ask about what is new since `before`, when it had another window.

    Where the settings do not look for text, only `always` makes it looked for. Raises PrivacyError where the packages
    that look for text are missing.
    """
    texts = before.texts  # what was seen through another window of the same film is there through this one, too
    if always or privacy.find_burned_in:
        found = (text.region for text in find_burned_in_text(film) if not text.is_marker)
        known = (*texts, *before.cleared)
        texts = (*texts, *(region for region in found if not _meets_any(region, known)))
    tagged = film.says_burned_in and not before.tag_cleared and not privacy.allow_burned_in
    question = TextQuestion.FOUND if texts else TextQuestion.TAGGED if tagged else None
    return replace(before, texts=texts, question=question)


def mask_found(film: Radiograph, screening: FilmScreening) -> tuple[Radiograph, FilmScreening]:
    """The film with the places of text black, and nothing asked about them any more."""
    return mask_regions(film, screening.texts), replace(screening, texts=(), question=None)


def check_tag(film: Radiograph, role: str, privacy: PrivacySettings, door: Door) -> None:
    """Refuse a film whose file says that text is burned in, where the settings do not allow it.

    Raises BurnedInAnnotation.
    """
    if film.says_burned_in and not privacy.allow_burned_in:
        raise BurnedInAnnotation(door.tag.format(role=role))


def settle_text(
    film: Radiograph, role: str, screening: FilmScreening, door: Door, *, masks: bool
) -> tuple[Radiograph, FilmScreening, tuple[str, ...]]:
    """Answer what is asked about a film's text as a program said beforehand; what is not masked is warned of.

    Raises BurnedInAnnotation where the file says that there is text and none was found.
    """
    if screening.question is TextQuestion.TAGGED:
        raise BurnedInAnnotation(door.tag_without_text.format(role=role))
    if screening.question is None:
        return film, screening, ()
    if masks:
        return *mask_found(film, screening), ()
    said = door.text.format(role=role, places=wording.places(len(screening.texts)))
    return film, screening.clear_text(), (said,)


def check_screening(screening: FilmScreening, role: str, door: Door) -> None:
    """Refuse to draft from a film about which something is still asked.

    Raises BurnedInAnnotation for its text, and UnsupportedRadiograph for doubts that were not overruled.
    """
    if screening.question is TextQuestion.FOUND:
        places = wording.places(len(screening.texts))
        raise BurnedInAnnotation(door.text.format(role=role, places=places))
    if screening.question is TextQuestion.TAGGED:
        raise BurnedInAnnotation(door.tag_without_text.format(role=role))
    if screening.doubts and not screening.doubts_overruled:
        raise UnsupportedRadiograph(door.doubts.format(role=role, doubts=" ".join(screening.doubts)))


def _meets_any(region: Region, others: Sequence[Region]) -> bool:
    return any(_meet(region, other) for other in others)


def _meet(one: Region, other: Region) -> bool:
    return one.top < other.bottom and other.top < one.bottom and one.left < other.right and other.left < one.right
