"""The films of a visitor: how they get into their places, what is seen in them, and what the reader answers.

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
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.cases import SampleCase
from clinicalblip.web.session import FilmRole, LoadedFilm, Session, TextQuestion


def load_film(app: AppContext, session: Session, role: FilmRole, data: bytes) -> Radiograph:
    """Read a film and put it in its place; the film that was there stays if this one cannot be read.

    Raises RadiographError.
    """
    loaded = _read_for(app, role, data)
    with session.lock:
        session.films[role] = loaded
    return loaded.radiograph


def _read_for(app: AppContext, role: FilmRole, data: bytes) -> LoadedFilm:
    film = read_radiograph(
        data,
        ReadOptions(
            limits=app.settings.limits,
            allow_burned_in=True,  # it is kept back until the reader has looked: see screen_films
            view=View.LATERAL if role is FilmRole.LATERAL else None,
            keep_age_and_sex=app.settings.privacy.show_age_and_sex,
        ),
    )
    unknown = film.view is View.UNKNOWN
    if role is FilmRole.FRONTAL and unknown:
        film = film.with_view(View.FRONTAL)
    elif role is FilmRole.FRONTAL and film.view is View.LATERAL:
        film = replace(film, view=View.FRONTAL, warnings=(*film.warnings, wording.IN_FRONTAL_ROLE))
    return LoadedFilm(film, asks_view=unknown)


def remove_film(session: Session, role: FilmRole) -> None:
    """Remove a film, and with it everything that was found in it or said about it."""
    with session.lock:
        session.films.pop(role, None)


def load_case(app: AppContext, session: Session, case_id: str) -> SampleCase:
    """Put a sample case's films in their places, and leave the other places empty.

    They are drawn, name nobody and come with the page: they are not looked through, and nothing about them is asked.
    """
    case = app.cases.get(case_id)
    if case is None:
        raise ClinicalBlipError(wording.UNKNOWN_CASE)
    films = {role: _read_for(app, role, path.read_bytes()) for role, path in case.films.items()}
    with session.lock:
        session.films.clear()
        for role, loaded in films.items():
            session.films[role] = replace(loaded, screened=True, asks_view=False)
    return case


def screen_films(app: AppContext, session: Session) -> None:
    """Look through the films that were not yet: for text, then, where none is in question, for the gate's doubts.

    Takes up to two seconds a film. Raises PrivacyError and ModelError; the film is then looked through again before a
    draft.
    """
    with session.screening_lock:
        for role in FilmRole:
            with session.lock:
                loaded = session.films.get(role)
            if loaded is None or loaded.screened:
                continue
            texts, question = _text_in(app, loaded)
            doubts = () if question else app.reporter.doubts(loaded.radiograph)
            with session.lock:
                now = session.films.get(role)
                if now is not None and now.id == loaded.id and _same_picture(now.radiograph, loaded.radiograph):
                    session.films[role] = replace(
                        now, screened=True, text_regions=texts, question=question, doubts=doubts
                    )


def _text_in(app: AppContext, loaded: LoadedFilm) -> tuple[tuple[Region, ...], TextQuestion | None]:
    privacy = app.settings.privacy
    texts = loaded.text_regions  # what was seen through another window of the same film is there through this one, too
    if privacy.find_burned_in:
        found = (found.region for found in find_burned_in_text(loaded.radiograph) if not found.is_marker)
        known = (*texts, *loaded.accepted_regions)
        texts = (*texts, *(region for region in found if not any(_meet(region, other) for other in known)))
    if texts:
        return texts, TextQuestion.FOUND
    warned = loaded.radiograph.says_burned_in and not loaded.declared_text_accepted and not privacy.allow_burned_in
    return (), TextQuestion.DECLARED if warned else None


def _same_picture(one: Radiograph, other: Radiograph) -> bool:
    return one.values is other.values and one.window is other.window


def _meet(one: Region, other: Region) -> bool:
    return one.top < other.bottom and other.top < one.bottom and one.left < other.right and other.left < one.right


def mask_text(app: AppContext, session: Session, role: FilmRole, film_id: str) -> None:
    """Blacken the places with text: the masked film is what the model, its gate and the digest are made of."""
    with session.screening_lock:
        loaded = _loaded(session, role, film_id)
        if loaded.question is not TextQuestion.FOUND:
            return
        film = mask_regions(loaded.radiograph, loaded.text_regions)
        doubts = app.reporter.doubts(film)

        def masked(now: LoadedFilm) -> LoadedFilm:
            # View and window may have changed meanwhile.
            chosen = replace(film, view=now.radiograph.view, window=now.radiograph.window)
            return replace(now, radiograph=chosen, text_regions=(), question=None, doubts=doubts)

        _change(session, role, film_id, masked)


def accept_text(app: AppContext, session: Session, role: FilmRole, film_id: str) -> None:
    """Take the reader's word that the text, or the picture that the file warns of, names nobody."""
    with session.screening_lock:
        loaded = _loaded(session, role, film_id)
        if loaded.question is None:
            return
        doubts = app.reporter.doubts(loaded.radiograph)

        def answered(now: LoadedFilm) -> LoadedFilm:
            accepted = (*now.accepted_regions, *now.text_regions)
            return replace(
                now,
                text_regions=(),
                accepted_regions=accepted,
                declared_text_accepted=True,
                question=None,
                doubts=doubts,
            )

        _change(session, role, film_id, answered)


def overrule_doubts(session: Session, role: FilmRole, film_id: str) -> None:
    """Draft from a film although it may be no chest radiograph; the draft will say so."""
    _change(session, role, film_id, lambda now: replace(now, overruled=True))


def choose_view(app: AppContext, session: Session, role: FilmRole, film_id: str, view: View) -> None:
    """Take the reader's answer to which view the film is; it is judged as that view, a lateral one more loosely."""
    with session.screening_lock:
        loaded = _loaded(session, role, film_id)
        judged = loaded.screened and loaded.question is None
        doubts = app.reporter.doubts(loaded.radiograph.with_view(view)) if judged else loaded.doubts

        def seen_as(now: LoadedFilm) -> LoadedFilm:
            return replace(now, radiograph=now.radiograph.with_view(view), view_chosen=True, doubts=doubts)

        _change(session, role, film_id, seen_as)


def choose_window(session: Session, role: FilmRole, film_id: str, name: str) -> None:
    """See the film, and let the model see it, through another window of its file.

    It is to be looked through again: what was burned white into a white part may stand out now.
    """

    def through(now: LoadedFilm) -> LoadedFilm:
        if name not in {offered.name for offered in now.radiograph.windows}:
            raise RadiographError(wording.FILM_CHANGED)
        return replace(now, radiograph=now.radiograph.with_window(name), screened=False)

    _change(session, role, film_id, through)


def _loaded(session: Session, role: FilmRole, film_id: str) -> LoadedFilm:
    loaded = session.films.get(role)
    if loaded is None or loaded.id != film_id:
        raise RadiographError(wording.FILM_CHANGED)
    return loaded


def _change(session: Session, role: FilmRole, film_id: str, change: Callable[[LoadedFilm], LoadedFilm]) -> None:
    """Change what is known of a film, unless another one is there now: an answer is about the film it was given for."""
    with session.lock:
        session.films[role] = change(_loaded(session, role, film_id))


def check_films(session: Session) -> None:
    """Refuse to draft without a frontal film, and from one that the reader still has to answer for.

    Raises RadiographError, BurnedInAnnotation, and UnsupportedRadiograph where the gate's doubts were not overruled.
    """
    with session.lock:
        films = dict(session.films)
    if FilmRole.FRONTAL not in films:
        raise RadiographError(wording.NO_FRONTAL)
    for role, loaded in films.items():
        name = wording.film_name(role)
        if loaded.question is TextQuestion.FOUND:
            raise BurnedInAnnotation(
                wording.TEXT_OPEN.format(role=name, places=wording.places(len(loaded.text_regions)))
            )
        if loaded.question is TextQuestion.DECLARED:
            raise BurnedInAnnotation(wording.TEXT_SAID_OPEN.format(role=name))
        if loaded.doubts and not loaded.overruled:
            raise UnsupportedRadiograph(wording.DOUBT_OPEN.format(role=name))


def doubt_warnings(session: Session) -> tuple[str, ...]:
    """What a draft from these films has to carry with it: the doubts that were overruled."""
    with session.lock:
        doubted = {role: loaded for role, loaded in session.films.items() if loaded.doubts and loaded.overruled}
    named = {role: wording.DESPITE_DOUBTS.format(role=wording.film_name(role)) for role in doubted}
    return tuple(" ".join((named[role], *loaded.doubts)) for role, loaded in doubted.items())
