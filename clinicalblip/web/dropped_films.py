"""Films that are dropped on the page all at once: each goes to its place, or the reader is asked which one it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from clinicalblip.errors import ClinicalBlipError, RadiographError
from clinicalblip.imaging.entries import read_entry_of_bytes
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.films import as_film_of, read_for
from clinicalblip.web.handlers import start_new_study
from clinicalblip.web.session import LoadedFilm, Session, StudyChange, UnplacedFilm
from clinicalblip.worklist.role_assignment import Assignment, RoleDoubt, assign_roles

MOST_AT_ONCE: Final = 6
"""Films of one drop: a study and the one before it have no more that are shown here."""


@dataclass(frozen=True)
class Dropped:
    """What became of dropped films: the roles with another film now, and sentences about those that have no place."""

    roles: tuple[FilmRole, ...] = ()
    change: StudyChange = field(default_factory=StudyChange)
    said: str = ""


def drop_films_in(
    app: AppContext, session: Session, data: Sequence[bytes], may_change: Callable[[FilmRole], None]
) -> Dropped:
    """Read films and put each in the place that its file says; the others wait for the reader's answer.

    `may_change` is asked for each role before a film is put there, and raises ClinicalBlipError to refuse. No film that
    is there loses its place. A film that cannot be read is left out, and `said` says why. Raises ClinicalBlipError
    where too many wait for an answer, and Overloaded where there is no place or no memory for them.
    """
    if len(session.unplaced) + len(data) > MOST_AT_ONCE:
        raise ClinicalBlipError(wording.ANSWER_FIRST)
    entries = [read_entry_of_bytes(one, app.sessions.entry_key, app.settings.limits) for one in data]
    assigned = assign_roles(entries, _entries(session.films))
    for place in FilmRole:
        if place in assigned:
            may_change(place)
    said = []
    with app.sessions.room_for(session) as room:
        placed: dict[FilmRole, LoadedFilm] = {}
        unplaced: list[UnplacedFilm] = []
        for one, assignment in zip(data, assigned, strict=True):
            if assignment is None:
                continue
            role = assignment if isinstance(assignment, FilmRole) else None
            try:
                loaded = read_for(app, role, one, room)
            except RadiographError as error:
                said.append(wording.NOT_READ.format(why=error))
                continue
            if isinstance(assignment, FilmRole):
                placed[assignment] = loaded
            else:
                unplaced.append(UnplacedFilm(loaded, assignment))
        with session.lock:
            taken = [role for role in placed if role in session.films]  # a film came there meanwhile
            unplaced += [UnplacedFilm(placed.pop(role), RoleDoubt.TAKEN) for role in taken]
            session.unplaced |= {film.loaded.id: film for film in unplaced}
            change = _put(session, placed) if placed else StudyChange()
    return Dropped(tuple(placed), change, " ".join((*said, _left_out(assigned))).strip())


def place_film(session: Session, film_id: str, role: FilmRole | None) -> Dropped:
    """Put a film that was asked about in the place that the reader says, or leave it out.

    Raises RadiographError for one that is asked about no more.
    """
    with session.lock:
        film = _unplaced(session, film_id)
        del session.unplaced[film_id]
        if role is None:
            return Dropped()
        return Dropped((role,), _put(session, {role: as_film_of(role, film.loaded)}))


def begin_study_with(session: Session, film_id: str) -> Dropped:
    """Begin a new study with a film that was asked about, and those that came with it of the same patient.

    Raises RadiographError for one that is asked about no more.
    """
    with session.lock:
        entry = _unplaced(session, film_id).loaded.entry
        waiting = [film.loaded for film in session.unplaced.values()]
        patient = entry.patient if entry else ""
        films = [loaded for loaded in waiting if loaded.id == film_id or (patient and _patient(loaded) == patient)]
        change = start_new_study(session)
        assigned = assign_roles([loaded.entry for loaded in films], {})
        placed: dict[FilmRole, LoadedFilm] = {}
        for loaded, assignment in zip(films, assigned, strict=True):
            if isinstance(assignment, FilmRole):
                placed[assignment] = as_film_of(assignment, loaded)
            elif assignment is not None:
                session.unplaced[loaded.id] = UnplacedFilm(loaded, assignment)
        _put(session, placed)
        return Dropped(tuple(FilmRole), change, _left_out(assigned))


def _entries(films: Mapping[FilmRole, LoadedFilm]) -> dict[FilmRole, FilmEntry | None]:
    return {role: loaded.entry for role, loaded in films.items()}


def _patient(loaded: LoadedFilm) -> str:
    return loaded.entry.patient if loaded.entry else ""


def _left_out(assigned: Sequence[Assignment]) -> str:
    count = assigned.count(None)
    return wording.LEFT_OUT.format(count=count) if count else ""


def _unplaced(session: Session, film_id: str) -> UnplacedFilm:
    film = session.unplaced.get(film_id)
    if film is None:
        raise RadiographError(wording.FILM_CHANGED)
    return film


def _put(session: Session, placed: Mapping[FilmRole, LoadedFilm]) -> StudyChange:
    study = None if FilmRole.FRONTAL in placed else session.study
    return session.change_films({**session.films, **placed}, wording.DRAFT_DROPPED, study=study)
