"""The films of a visitor: how they get into their slots, what is seen in them, and what the reader answers.

A film is looked through once for text that may name the patient. Until the reader has masked the text or said that it
names nobody, neither the reporter nor its gate sees the film.
"""

from collections.abc import Callable
from dataclasses import replace

from clinicalblip.deid.burned_in import find_burned_in_text
from clinicalblip.deid.mask import mask_regions
from clinicalblip.errors import BurnedInAnnotation, ClinicalBlipError, RadiographError, UnsupportedRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph, Region, View
from clinicalblip.web import wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.cases import Case
from clinicalblip.web.session import Held, Slot, TextQuestion, Visit


def load_film(desk: Desk, visit: Visit, slot: Slot, data: bytes) -> Radiograph:
    """Read a film into its slot; the film that was there stays if this one cannot be read. Raises RadiographError."""
    held = _read_for(desk, slot, data)
    with visit.lock:
        visit.films[slot] = held
    return held.film


def _read_for(desk: Desk, slot: Slot, data: bytes) -> Held:
    film = read_radiograph(
        data,
        ReadOptions(
            limits=desk.settings.limits,
            allow_burned_in=True,  # it is held back until the reader has looked: see look_through
            view=View.LATERAL if slot is Slot.LATERAL else None,
            keep_age_and_sex=desk.settings.privacy.show_age_and_sex,
        ),
    )
    unknown = film.view is View.UNKNOWN
    if slot is Slot.FRONTAL and unknown:
        film = film.with_view(View.FRONTAL)
    elif slot is Slot.FRONTAL and film.view is View.LATERAL:
        film = replace(film, view=View.FRONTAL, warnings=(*film.warnings, wording.IN_FRONTAL_SLOT))
    return Held(film, asks_view=unknown)


def remove_film(visit: Visit, slot: Slot) -> None:
    """Take a film out of its slot, and with it everything that was found in it or said about it."""
    with visit.lock:
        visit.films.pop(slot, None)


def load_case(desk: Desk, visit: Visit, case_id: str) -> Case:
    """Put a sample case's films into their slots, and nothing else into the others.

    They are drawn, name nobody and come with the page: they are not looked through, and nothing about them is asked.
    """
    case = desk.cases.get(case_id)
    if case is None:
        raise ClinicalBlipError(wording.UNKNOWN_CASE)
    films = {slot: _read_for(desk, slot, path.read_bytes()) for slot, path in case.films.items()}
    with visit.lock:
        visit.films.clear()
        for slot, held in films.items():
            visit.films[slot] = replace(held, looked=True, asks_view=False)
    return case


def look_through(desk: Desk, visit: Visit) -> None:
    """Look through the films that were not yet: for text, then, where none is in question, for the gate's doubts.

    Takes up to two seconds a film. Raises PrivacyError and ModelError; the film is then looked through again before a
    draft.
    """
    with visit.looking:
        for slot in Slot:
            with visit.lock:
                held = visit.films.get(slot)
            if held is None or held.looked:
                continue
            texts, question = _text_in(desk, held)
            doubts = () if question else desk.reporter.doubts(held.film)
            with visit.lock:
                now = visit.films.get(slot)
                if now is not None and now.id == held.id and _same_picture(now.film, held.film):
                    visit.films[slot] = replace(now, looked=True, texts=texts, question=question, doubts=doubts)


def _text_in(desk: Desk, held: Held) -> tuple[tuple[Region, ...], TextQuestion | None]:
    privacy = desk.settings.privacy
    texts = held.texts  # what was seen through another window of the same film is there through this one, too
    if privacy.find_burned_in:
        found = (found.region for found in find_burned_in_text(held.film) if not found.is_marker)
        known = (*texts, *held.let_be)
        texts = (*texts, *(region for region in found if not any(_meet(region, other) for other in known)))
    if texts:
        return texts, TextQuestion.FOUND
    warned = held.film.says_burned_in and not held.answered and not privacy.allow_burned_in
    return (), TextQuestion.SAID if warned else None


def _same_picture(one: Radiograph, other: Radiograph) -> bool:
    return one.values is other.values and one.window is other.window


def _meet(one: Region, other: Region) -> bool:
    return one.top < other.bottom and other.top < one.bottom and one.left < other.right and other.left < one.right


def mask_text(desk: Desk, visit: Visit, slot: Slot, film_id: str) -> None:
    """Blacken the places with text: the masked film is what the model, its gate and the digest are made of."""
    with visit.looking:
        held = _held(visit, slot, film_id)
        if held.question is not TextQuestion.FOUND:
            return
        film = mask_regions(held.film, held.texts)
        doubts = desk.reporter.doubts(film)

        def masked(now: Held) -> Held:
            chosen = replace(film, view=now.film.view, window=now.film.window)  # which may have changed meanwhile
            return replace(now, film=chosen, texts=(), question=None, doubts=doubts)

        _change(visit, slot, film_id, masked)


def let_text_be(desk: Desk, visit: Visit, slot: Slot, film_id: str) -> None:
    """Take the reader's word that the text, or the picture that the file warns of, names nobody."""
    with visit.looking:
        held = _held(visit, slot, film_id)
        if held.question is None:
            return
        doubts = desk.reporter.doubts(held.film)

        def answered(now: Held) -> Held:
            let_be = (*now.let_be, *now.texts)
            return replace(now, texts=(), let_be=let_be, answered=True, question=None, doubts=doubts)

        _change(visit, slot, film_id, answered)


def overrule(visit: Visit, slot: Slot, film_id: str) -> None:
    """Draft from a film although it may be no chest radiograph; the draft will say so."""
    _change(visit, slot, film_id, lambda now: replace(now, overruled=True))


def choose_view(desk: Desk, visit: Visit, slot: Slot, film_id: str, view: View) -> None:
    """Take the reader's answer to which view the film is; it is judged as that view, a lateral one more loosely."""
    with visit.looking:
        held = _held(visit, slot, film_id)
        judged = held.looked and held.question is None
        doubts = desk.reporter.doubts(held.film.with_view(view)) if judged else held.doubts

        def seen_as(now: Held) -> Held:
            return replace(now, film=now.film.with_view(view), view_said=True, doubts=doubts)

        _change(visit, slot, film_id, seen_as)


def choose_window(visit: Visit, slot: Slot, film_id: str, name: str) -> None:
    """See the film, and let the model see it, through another window of its file.

    It is to be looked through again: what was burned white into a white part may stand out now.
    """

    def through(now: Held) -> Held:
        if name not in {offered.name for offered in now.film.windows}:
            raise RadiographError(wording.FILM_CHANGED)
        return replace(now, film=now.film.with_window(name), looked=False)

    _change(visit, slot, film_id, through)


def _held(visit: Visit, slot: Slot, film_id: str) -> Held:
    held = visit.films.get(slot)
    if held is None or held.id != film_id:
        raise RadiographError(wording.FILM_CHANGED)
    return held


def _change(visit: Visit, slot: Slot, film_id: str, change: Callable[[Held], Held]) -> None:
    """Change what is held of a film, unless another one is there now: an answer is about the film it was given for."""
    with visit.lock:
        visit.films[slot] = change(_held(visit, slot, film_id))


def check_films(visit: Visit) -> None:
    """Refuse to draft without a frontal film, and from one that the reader still has to answer for.

    Raises RadiographError, BurnedInAnnotation, and UnsupportedRadiograph where the gate's doubts were not overruled.
    """
    with visit.lock:
        films = dict(visit.films)
    if Slot.FRONTAL not in films:
        raise RadiographError(wording.NO_FRONTAL)
    for slot, held in films.items():
        name = wording.film_name(slot)
        if held.question is TextQuestion.FOUND:
            raise BurnedInAnnotation(wording.TEXT_OPEN.format(slot=name, places=wording.places(len(held.texts))))
        if held.question is TextQuestion.SAID:
            raise BurnedInAnnotation(wording.TEXT_SAID_OPEN.format(slot=name))
        if held.doubts and not held.overruled:
            raise UnsupportedRadiograph(wording.DOUBT_OPEN.format(slot=name))


def marks(visit: Visit) -> tuple[str, ...]:
    """What a draft from these films has to carry with it: the doubts that were overruled."""
    with visit.lock:
        doubted = {slot: held for slot, held in visit.films.items() if held.doubts and held.overruled}
    named = {slot: wording.DESPITE_DOUBTS.format(slot=wording.film_name(slot)) for slot in doubted}
    return tuple(" ".join((named[slot], *held.doubts)) for slot, held in doubted.items())
