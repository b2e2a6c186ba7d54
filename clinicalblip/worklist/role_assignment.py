"""Which film of a study each of several films is, by what their files say."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View


class RoleDoubt(StrEnum):
    """Why a film's role has to be asked for.

    `VIEW`: its file does not say the view. `ORDER`: others could have its place as well. `RELATION`: it may be of
    another patient or study than the films that are there. `PATIENT`: it is of another patient. `NEWER`: it is newer
    than the current film. `TAKEN`: its place has a film.
    """

    VIEW = "view"
    ORDER = "order"
    RELATION = "relation"
    PATIENT = "patient"
    NEWER = "newer"
    TAKEN = "taken"


Assignment = FilmRole | RoleDoubt | None
"""The role, why it has to be asked for, or None for a film that has no place: an older lateral, or an older prior."""


def assign_roles(
    films: Sequence[FilmEntry | None], held: Mapping[FilmRole, FilmEntry | None]
) -> tuple[Assignment, ...]:
    """The role of each film beside those that are held, which keep theirs.

    None for a file that says nothing. Nothing is guessed but one thing: a single film for an empty page, whose file
    does not say its view, is the frontal one. Films are never put together across patients, nor where a file leaves
    open whether they belong together.
    """
    if not held and len(films) == 1 and (films[0] is None or films[0].view is View.UNKNOWN):
        return (FilmRole.FRONTAL,)
    asked = {at: doubt for at, film in enumerate(films) if (doubt := _doubt_alone(film, films, held))}
    clear = {at: film for at, film in enumerate(films) if film is not None and at not in asked}
    frontals = {at: film for at, film in clear.items() if film.view.is_frontal}
    current, found = held.get(FilmRole.FRONTAL), dict[int, Assignment](asked)
    if FilmRole.FRONTAL not in held:
        chosen = _current_of(frontals, held)
        if isinstance(chosen, RoleDoubt):
            found |= dict.fromkeys(clear, chosen)
        elif chosen is not None:
            current, found[chosen] = frontals[chosen], FilmRole.FRONTAL
    earlier: dict[int, FilmEntry] = {}
    beside: dict[int, FilmEntry] = {}
    for at, film in clear.items():
        if at not in found:
            found[at] = _doubt_beside(film, current, held)
            if found[at] is None and film.view.is_frontal:
                earlier[at] = film
            elif found[at] is None and (current is None or _same_examination(film, current)):
                beside[at] = film
    found |= _only(beside, FilmRole.LATERAL, held)
    latest = max((film.rank for film in earlier.values()), default="")
    found |= _only({at: film for at, film in earlier.items() if film.rank == latest}, FilmRole.PRIOR, held)
    return tuple(found[at] for at in range(len(films)))


def _doubt_alone(
    film: FilmEntry | None, films: Sequence[FilmEntry | None], held: Mapping[FilmRole, FilmEntry | None]
) -> RoleDoubt | None:
    """What its own file leaves open, and whether it is of another patient."""
    if film is None or film.view is View.UNKNOWN:
        return RoleDoubt.VIEW
    patients = _patients(held.values()) or _patients(films)
    return RoleDoubt.PATIENT if film.patient and patients != {film.patient} else None


def _patients(films: Iterable[FilmEntry | None]) -> set[str]:
    return {film.patient for film in films if film is not None and film.patient}


def _current_of(frontals: Mapping[int, FilmEntry], held: Mapping[FilmRole, FilmEntry | None]) -> int | RoleDoubt | None:
    """Which of the frontal films is the current one, or why they do not say it; None where there is none."""
    if not frontals:
        return None
    at, newest = max(frontals.items(), key=lambda item: item[1].rank)
    if not all(other is not None and _related(other, newest) for other in held.values()):
        return RoleDoubt.RELATION
    prior = held.get(FilmRole.PRIOR)
    rest = [film for other, film in frontals.items() if other != at]
    if prior is not None:
        rest.append(prior)
    return at if all(_is_earlier(film, newest) for film in rest) else RoleDoubt.ORDER


def _doubt_beside(
    film: FilmEntry, current: FilmEntry | None, held: Mapping[FilmRole, FilmEntry | None]
) -> RoleDoubt | None:
    """Whether a film may stand beside the current one; None where it is of the same examination, or an earlier one."""
    if current is None:  # there is no frontal film yet, or one whose file says nothing
        return RoleDoubt.RELATION if held else None
    if not _related(film, current):
        return RoleDoubt.RELATION
    if film.view.is_frontal and film.study == current.study:
        return RoleDoubt.TAKEN
    if _same_examination(film, current):
        return RoleDoubt.ORDER if film.view.is_frontal else None
    if _is_earlier(film, current):
        return None
    return RoleDoubt.NEWER if _is_earlier(current, film) else RoleDoubt.ORDER


def _only(
    films: Mapping[int, FilmEntry], role: FilmRole, held: Mapping[FilmRole, FilmEntry | None]
) -> dict[int, Assignment]:
    if role in held:
        return dict.fromkeys(films, RoleDoubt.TAKEN)
    return dict.fromkeys(films, role if len(films) == 1 else RoleDoubt.ORDER)


def _related(one: FilmEntry, other: FilmEntry) -> bool:
    return one.study == other.study or bool(one.patient and one.patient == other.patient)


def _same_examination(one: FilmEntry, other: FilmEntry) -> bool:
    return one.study == other.study or bool(one.rank and one.rank == other.rank and _related(one, other))


def _is_earlier(one: FilmEntry, other: FilmEntry) -> bool:
    """Whether both are of one patient and the first is of an earlier study, by their dates."""
    known = bool(one.patient and one.patient == other.patient and one.rank and other.rank)
    return known and one.study != other.study and one.rank < other.rank
