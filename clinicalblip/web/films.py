"""The films of a session: how they are loaded and screened, and what the reader answers about them.

A film is searched once for text that may name the patient. Until the reader has masked the text or said that it is no
patient information, neither the reporter nor its search for doubts sees the film.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from clinicalblip.errors import Overloaded, RadiographError, RadiographTooLarge
from clinicalblip.imaging.entries import read_entry_of_bytes
from clinicalblip.imaging.limits import check_file_size
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_film_bytes, read_radiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.screening import films as screening
from clinicalblip.screening.films import FilmScreening, check_screening, overruled_doubts, screen_film, view_as_frontal
from clinicalblip.screening.wording import PAGE, Door
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.film_memory import FilmRoom
from clinicalblip.web.session import LoadedFilm, Session, StudyChange
from clinicalblip.worklist.work_list import ListedStudy

_BYTES_A_MEGAPIXEL = 2 * 10**6


def load_film(app: AppContext, session: Session, role: FilmRole, data: bytes) -> StudyChange:
    """Read a film and put it in its place; the film that was there stays if this one cannot be read.

    Raises RadiographError, and Overloaded where there is no place or no memory for it.
    """
    with app.sessions.room_for(session) as room:
        loaded = read_for(app, role, data, room)
        with session.lock:
            study = None if role is FilmRole.FRONTAL else session.study
            return session.change_films({**session.films, role: loaded}, wording.DRAFT_DROPPED, study=study)


def load_films(app: AppContext, session: Session, data: Mapping[FilmRole, bytes]) -> StudyChange:
    """Read films and put them in the place of all that were there, or of none if one cannot be read.

    Raises RadiographError, and Overloaded where there is no place or no memory for it.
    """
    with app.sessions.room_for(session) as room:
        films = {role: read_for(app, role, content, room) for role, content in data.items()}
        return session.change_films(films, wording.DRAFT_DROPPED)


def read_for(app: AppContext, role: FilmRole | None, data: bytes, room: FilmRoom) -> LoadedFilm:
    """Read a film for a role, or for none yet.

    Raises RadiographError, and Overloaded where there is no memory for it.
    """
    limits = app.settings.limits
    check_file_size(len(data), limits)
    options = ReadOptions(
        limits=limits,
        allow_burned_in=True,  # it is kept back until the reader has looked: see screen_films
        keep_age_and_sex=app.settings.privacy.show_age_and_sex,
    )
    with room.reading(limits.megapixels * _BYTES_A_MEGAPIXEL) as count:
        megapixels = min(limits.megapixels, count // _BYTES_A_MEGAPIXEL)
        try:
            film = read_radiograph(data, replace(options, limits=limits.model_copy(update={"megapixels": megapixels})))
        except RadiographTooLarge:  # by its header: nothing was decoded
            if megapixels < limits.megapixels:
                raise Overloaded(wording.NO_ROOM) from None
            raise
        room.keep(film.nbytes)
    entry = read_entry_of_bytes(data, app.sessions.entry_key, limits)
    loaded = LoadedFilm(film, entry=entry)
    return as_film_of(role, loaded) if role else loaded


def as_film_of(role: FilmRole, loaded: LoadedFilm) -> LoadedFilm:
    """A film in a role: its view is the role's, with a warning where the file says another one."""
    film = loaded.radiograph
    if role is FilmRole.FRONTAL:
        asks = film.view is View.UNKNOWN
        return replace(loaded, radiograph=view_as_frontal(film), asks_view=asks)
    if role is FilmRole.LATERAL:
        return replace(loaded, radiograph=film.with_stated_view(View.LATERAL))
    return replace(loaded, asks_view=film.view is View.UNKNOWN)


def remove_film(session: Session, role: FilmRole) -> StudyChange:
    """Remove a film, and with it everything that was found in it or said about it."""
    with session.lock:
        films = {other: loaded for other, loaded in session.films.items() if other is not role}
        study = None if role is FilmRole.FRONTAL else session.study
        return session.change_films(films, wording.DRAFT_DROPPED, study=study)


def drop_films(session: Session, mark: str) -> None:
    """Take the films of this mark out of a session, unless others took their place; its drafts stay."""
    with session.lock:
        if session.films_mark == mark:
            session.films = {}


def read_listed_films(
    app: AppContext, study: ListedStudy, room: FilmRoom
) -> tuple[dict[FilmRole, LoadedFilm], dict[FilmRole, str]]:
    """Read the films of a study of the work list, and give those, and why each of the others cannot be read.

    Drawn ones, which come with the page, and those of a reader study, which its owner chose, are not screened, and
    nothing is asked about them; in a study they have one window. Raises Overloaded.
    """
    films: dict[FilmRole, LoadedFilm] = {}
    faults: dict[FilmRole, str] = {}
    is_chosen = app.work_list.is_sample or app.study is not None
    for role, image in study.films.items():
        try:
            loaded = read_for(app, role, read_film_bytes(image.path, app.settings.limits), room)
            if loaded.asks_view and image.view is not View.UNKNOWN:
                loaded = replace(loaded, radiograph=loaded.radiograph.with_view(image.view), asks_view=False)
            if app.study is not None:
                loaded = replace(loaded, radiograph=replace(loaded.radiograph, windows=()))
            films[role] = replace(loaded, screened=True, asks_view=False) if is_chosen else loaded
        except RadiographError as error:
            faults[role] = str(error)
    return films, faults


def screen_films(app: AppContext, session: Session, *, always: bool = False) -> None:
    """Screen the films that were not yet: for text, then, where none is in question, for doubts.

    With `always` for text even where the settings do not search for it, because somebody wants it masked. Takes up to
    two seconds a film. Raises PrivacyError, Overloaded and ModelError; the film is then screened again before a draft.
    """
    with session.screening_lock:
        for role in FilmRole:
            with session.lock:
                loaded = session.films.get(role)
            if loaded is None or loaded.screened:
                continue
            found = screen_film(
                loaded.radiograph, app.settings.privacy, app.reporter.doubts, loaded.screening, always=always
            )
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
            return session.change_films(films, wording.DRAFT_DROPPED, study=session.study)
        session.films[role] = after
        return StudyChange()


def check_films(session: Session) -> None:
    """Refuse to draft without a frontal film, and from one that the reader still has to answer for.

    Raises RadiographError, BurnedInAnnotation, and UnsupportedRadiograph where the gate's doubts were not overruled.
    """
    with session.lock:
        films = dict(session.films)
    if FilmRole.FRONTAL not in films and FilmRole.FRONTAL in session.lost_films:
        raise RadiographError(session.lost_films_sentence)
    if FilmRole.FRONTAL not in films:
        raise RadiographError(wording.NO_FRONTAL)
    for role, loaded in films.items():
        check_screening(loaded.screening, role, PAGE)


def doubt_warnings(session: Session) -> tuple[str, ...]:
    """The doubts that were overruled, as warnings for a draft from these films."""
    with session.lock:
        films = dict(session.films)
    return tuple(said for role, loaded in films.items() for said in overruled_doubts(loaded.screening, role))
