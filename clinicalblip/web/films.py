"""The films of a session: how they are loaded and screened, and what the reader answers about them.

A film is searched once for text that may name the patient. Until the reader has masked the text or said that it is no
patient information, neither the reporter nor its search for doubts sees the film.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from clinicalblip.errors import ClinicalBlipError, RadiographError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.screening import films as screening
from clinicalblip.screening.films import FilmScreening, check_screening, overruled_doubts, screen_film, view_as_frontal
from clinicalblip.screening.wording import PAGE, Door
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.cases import SampleCase
from clinicalblip.web.session import LoadedFilm, Session, StudyChange


def load_film(app: AppContext, session: Session, role: FilmRole, data: bytes) -> StudyChange:
    """Read a film and put it in its place; the film that was there stays if this one cannot be read.

    Raises RadiographError.
    """
    loaded = _read_for(app, role, data)
    with session.lock:
        return session.change_films({**session.films, role: loaded}, wording.DRAFT_DROPPED)


def load_films(app: AppContext, session: Session, data: Mapping[FilmRole, bytes]) -> StudyChange:
    """Read films and put them in the place of all that were there, or of none if one cannot be read.

    Raises RadiographError.
    """
    films = {role: _read_for(app, role, content) for role, content in data.items()}
    return session.change_films(films, wording.DRAFT_DROPPED)


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
    asks_view = film.view is View.UNKNOWN
    return LoadedFilm(view_as_frontal(film) if role is FilmRole.FRONTAL else film, asks_view=asks_view)


def remove_film(session: Session, role: FilmRole) -> StudyChange:
    """Remove a film, and with it everything that was found in it or said about it."""
    with session.lock:
        films = {other: loaded for other, loaded in session.films.items() if other is not role}
        return session.change_films(films, wording.DRAFT_DROPPED)


def load_case(app: AppContext, session: Session, case_id: str) -> tuple[SampleCase, StudyChange]:
    """Put a sample case's films in their places, and leave the other places empty.

    They are drawn and come with the page, so they are not screened, and nothing is asked about them.
    """
    case = app.cases.get(case_id)
    if case is None:
        raise ClinicalBlipError(wording.UNKNOWN_CASE)
    read = {role: _read_for(app, role, path.read_bytes()) for role, path in case.films.items()}
    films = {role: replace(loaded, screened=True, asks_view=False) for role, loaded in read.items()}
    with session.lock:
        change = session.change_films(films, wording.DRAFT_DROPPED, case_id=case_id, new_study=True)
        session.report.filled_reference = case.reference
    return case, change


def screen_films(app: AppContext, session: Session) -> None:
    """Screen the films that were not yet: for text, then, where none is in question, for doubts.

    Takes up to two seconds a film. Raises PrivacyError and ModelError; the film is then screened again before a draft.
    """
    with session.screening_lock:
        for role in FilmRole:
            with session.lock:
                loaded = session.films.get(role)
            if loaded is None or loaded.screened:
                continue
            found = screen_film(loaded.radiograph, app.settings.privacy, app.reporter.doubts, loaded.screening)
            with session.lock:
                now = session.films.get(role)
                if now is not None and now.id == loaded.id and _same_picture(now.radiograph, loaded.radiograph):
                    session.films[role] = replace(now, screened=True, screening=_update(now.screening, found))


def _same_picture(one: Radiograph, other: Radiograph) -> bool:
    return one.values is other.values and one.window is other.window


def _update(now: FilmScreening, found: FilmScreening) -> FilmScreening:
    """What was found, with the answer about doubts that may have come meanwhile."""
    return replace(found, overruled=now.overruled)


def mask_text(app: AppContext, session: Session, role: FilmRole, film_id: str) -> StudyChange:
    """Blacken the text that was found: the model, the search for doubts and the digest get the masked film."""
    return _answer_text(app, session, role, film_id, screening.mask_text)


def accept_text(app: AppContext, session: Session, role: FilmRole, film_id: str) -> None:
    """Take the reader's word that the text, or the picture of a file that declares some, is no patient information."""
    _answer_text(app, session, role, film_id, lambda film, asked: (film, asked.accept_text()))


def settle_text(
    app: AppContext, session: Session, role: FilmRole, film_id: str, door: Door, *, masks: bool
) -> tuple[str, ...]:
    """Mask the text that was found, or accept it, as a program said beforehand; gives what is to be warned of.

    Raises BurnedInAnnotation where the file declares text and none was found.
    """
    warnings: list[str] = []

    def settle(film: Radiograph, asked: FilmScreening) -> tuple[Radiograph, FilmScreening]:
        film, settled, said = screening.settle_text(film, role, asked, door, masks=masks)
        warnings.extend(said)
        return film, settled

    _answer_text(app, session, role, film_id, settle)
    return tuple(warnings)


def _answer_text(
    app: AppContext,
    session: Session,
    role: FilmRole,
    film_id: str,
    answer: Callable[[Radiograph, FilmScreening], tuple[Radiograph, FilmScreening]],
) -> StudyChange:
    """Change a film and what is asked about its text, and search it for doubts if no question is left."""
    with session.screening_lock:
        loaded = _loaded(session, role, film_id)
        if loaded.screening.question is None:
            return StudyChange()
        film, answered = answer(loaded.radiograph, loaded.screening)
        if answered.question is not None:
            return StudyChange()
        answered = replace(answered, doubts=app.reporter.doubts(film))

        def change(now: LoadedFilm) -> LoadedFilm:
            # View and window may have changed meanwhile.
            chosen = replace(film, view=now.radiograph.view, window=now.radiograph.window)
            return replace(now, radiograph=chosen, screening=_update(now.screening, answered))

        return _change(session, role, film_id, change)


def overrule_doubts(session: Session, role: FilmRole, film_id: str) -> None:
    """Draft from a film although it may be no chest radiograph; the draft will say so."""
    _change(session, role, film_id, lambda now: replace(now, screening=replace(now.screening, overruled=True)))


def choose_view(app: AppContext, session: Session, role: FilmRole, film_id: str, view: View) -> None:
    """Take the view that the reader says; the film is screened as that view, a lateral one more loosely."""
    with session.screening_lock:
        loaded = _loaded(session, role, film_id)
        judged = loaded.screened and loaded.screening.question is None
        doubts = app.reporter.doubts(loaded.radiograph.with_view(view)) if judged else loaded.screening.doubts

        def with_view(now: LoadedFilm) -> LoadedFilm:
            found = replace(now.screening, doubts=doubts)
            return replace(now, radiograph=now.radiograph.with_view(view), view_chosen=True, screening=found)

        _change(session, role, film_id, with_view)


def choose_window(session: Session, role: FilmRole, film_id: str, name: str) -> None:
    """Show the film, to the model too, through another window of its file.

    It is screened again: text that was burned white into a white part may stand out now.
    """

    def with_window(now: LoadedFilm) -> LoadedFilm:
        if name not in {offered.name for offered in now.radiograph.windows}:
            raise RadiographError(wording.FILM_CHANGED)
        return replace(now, radiograph=now.radiograph.with_window(name), screened=False)

    _change(session, role, film_id, with_window)


def _loaded(session: Session, role: FilmRole, film_id: str) -> LoadedFilm:
    loaded = session.films.get(role)
    if loaded is None:  # the page shows a film, so there was one
        raise RadiographError(wording.SESSION_GONE)
    if loaded.id != film_id:
        raise RadiographError(wording.FILM_CHANGED)
    return loaded


def _change(session: Session, role: FilmRole, film_id: str, change: Callable[[LoadedFilm], LoadedFilm]) -> StudyChange:
    with session.lock:
        before = _loaded(session, role, film_id)
        after = change(before)
        if after.radiograph.digest != before.radiograph.digest:
            films = {**session.films, role: after}
            return session.change_films(films, wording.DRAFT_DROPPED, case_id=session.case_id)
        session.films[role] = after
        return StudyChange()


def check_films(session: Session) -> None:
    """Refuse to draft without a frontal film, and from one that the reader still has to answer for.

    Raises RadiographError, BurnedInAnnotation, and UnsupportedRadiograph where the gate's doubts were not overruled.
    """
    with session.lock:
        films = dict(session.films)
    if FilmRole.FRONTAL not in films:
        raise RadiographError(wording.NO_FRONTAL)
    for role, loaded in films.items():
        check_screening(loaded.screening, role, PAGE)


def doubt_warnings(session: Session) -> tuple[str, ...]:
    """The doubts that were overruled, as warnings for a draft from these films."""
    with session.lock:
        films = dict(session.films)
    return tuple(said for role, loaded in films.items() for said in overruled_doubts(loaded.screening, role))
