"""What is asked of a film before it is drafted from: does its text name the patient, and is it a chest radiograph?

A reader answers one question after the other; a program says its answers beforehand. Until the text is masked or
accepted, nothing but the search for text sees the film.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from clinicalblip.deid.burned_in import find_burned_in_text
from clinicalblip.deid.mask import mask_regions
from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, Region, View
from clinicalblip.screening import wording
from clinicalblip.screening.wording import Door
from clinicalblip.settings import PrivacySettings


class TextQuestion(StrEnum):
    """Why a film waits for an answer: text was found in the picture, or its file declares some that was not found."""

    FOUND = "found"
    DECLARED = "declared"


@dataclass(frozen=True)
class FilmScreening:
    """What was found in a film, and what was answered about it.

    `text_regions`: text in the picture, side markers left out, while `question` is open.
    `question`: what is asked about text, if anything.
    `accepted_regions`: text that is no patient information, as somebody said.
    `declared_text_accepted`: somebody looked at a film whose file declares burned-in text.
    `doubts`: why it may be no chest radiograph, in whole sentences. `overruled`: it is drafted from all the same.
    """

    text_regions: tuple[Region, ...] = ()
    question: TextQuestion | None = None
    accepted_regions: tuple[Region, ...] = ()
    declared_text_accepted: bool = False
    doubts: tuple[str, ...] = ()
    overruled: bool = False

    def accept_text(self) -> Self:
        """The text, or the picture of a file that declares some, is no patient information."""
        accepted = (*self.accepted_regions, *self.text_regions)
        return replace(self, text_regions=(), question=None, accepted_regions=accepted, declared_text_accepted=True)


def view_as_frontal(film: Radiograph) -> Radiograph:
    """A film that somebody put in the frontal one's place, read as one; it warns where its file says otherwise."""
    if film.view is View.UNKNOWN:
        return film.with_view(View.FRONTAL)
    if film.view is View.LATERAL:
        return replace(film, view=View.FRONTAL, warnings=(*film.warnings, wording.LATERAL_AS_FRONTAL))
    return film


def screen_text(
    film: Radiograph, privacy: PrivacySettings, before: FilmScreening | None = None, *, always: bool = False
) -> FilmScreening:
    """Search a film for text, and ask about what was not answered before.

    `before`: what was found through another window of the same film; it is there through this one, too. Where the
    settings do not search for text, only `always` makes it searched for. Raises PrivacyError where the packages that
    find text are missing.
    """
    before = before or FilmScreening()
    texts = before.text_regions
    if always or privacy.find_burned_in:
        known = (*texts, *before.accepted_regions)
        found = (text.region for text in find_burned_in_text(film) if not text.is_marker)
        texts = (*texts, *(region for region in found if not any(_meet(region, other) for other in known)))
    declared = film.says_burned_in and not before.declared_text_accepted and not privacy.allow_burned_in
    question = TextQuestion.FOUND if texts else TextQuestion.DECLARED if declared else None
    return replace(before, text_regions=texts, question=question)


def screen_film(
    film: Radiograph,
    privacy: PrivacySettings,
    find_doubts: Callable[[Radiograph], tuple[str, ...]],
    before: FilmScreening | None = None,
    *,
    always: bool = False,
) -> FilmScreening:
    """Search a film for text and, where none is in question, for doubts: `find_doubts` is the reporter's `doubts`.

    `before` and `always`: see `screen_text`.
    """
    screening = screen_text(film, privacy, before, always=always)
    return replace(screening, doubts=() if screening.question else find_doubts(film))


def mask_text(film: Radiograph, screening: FilmScreening) -> tuple[Radiograph, FilmScreening]:
    """The film with the text that was found made black, and nothing asked about it any more."""
    if screening.question is not TextQuestion.FOUND:
        return film, screening
    return mask_regions(film, screening.text_regions), replace(screening, text_regions=(), question=None)


def check_declared_text(film: Radiograph, role: FilmRole, privacy: PrivacySettings, door: Door) -> None:
    """Refuse a film whose file declares burned-in text that nobody wants masked, unless the settings allow it.

    Raises BurnedInAnnotation.
    """
    if film.says_burned_in and not privacy.allow_burned_in:
        raise BurnedInAnnotation(door.declared_text.format(role=role))


def settle_text(
    film: Radiograph, role: FilmRole, screening: FilmScreening, door: Door, *, masks: bool
) -> tuple[Radiograph, FilmScreening, tuple[str, ...]]:
    """Answer what is asked about a film's text as a program said beforehand; text that is not masked is warned of.

    Gives the film, what is known of it now, and the warnings. Raises BurnedInAnnotation where the file declares text
    and none was found.
    """
    if screening.question is TextQuestion.DECLARED:
        raise BurnedInAnnotation(door.declared_text_not_found.format(role=role))
    if screening.question is None:
        return film, screening, ()
    if masks:
        return *mask_text(film, screening), ()
    return film, screening.accept_text(), (_say_text(screening, role, door),)


def check_screening(screening: FilmScreening, role: FilmRole, door: Door) -> None:
    """Refuse to draft from a film about which something is still asked.

    Raises BurnedInAnnotation for its text, and UnsupportedRadiograph for doubts that were not overruled.
    """
    if screening.question is TextQuestion.FOUND:
        raise BurnedInAnnotation(_say_text(screening, role, door))
    if screening.question is TextQuestion.DECLARED:
        raise BurnedInAnnotation(door.declared_text_not_found.format(role=role))
    if screening.doubts and not screening.overruled:
        raise UnsupportedRadiograph(door.doubts.format(role=role, doubts=" ".join(screening.doubts)))


def overruled_doubts(screening: FilmScreening, role: FilmRole) -> tuple[str, ...]:
    """What a draft has to warn of: the doubts about its film that were overruled, in one text."""
    if not (screening.doubts and screening.overruled):
        return ()
    return (" ".join((wording.DESPITE_DOUBTS.format(role=role), *screening.doubts)),)


def _say_text(screening: FilmScreening, role: FilmRole, door: Door) -> str:
    return door.text.format(role=role, places=wording.places(len(screening.text_regions)))


def _meet(one: Region, other: Region) -> bool:
    return one.top < other.bottom and other.top < one.bottom and one.left < other.right and other.left < one.right
