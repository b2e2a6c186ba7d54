"""Which film of a study each of several files is, and when that has to be asked."""

import hashlib
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.worklist.role_assignment import Assignment, RoleDoubt, assign_roles

FRONTAL, LATERAL, PRIOR = FilmRole


def entry(view: View, study: int = 2, *, patient: str = "p", day: int | None = None) -> FilmEntry:
    """A film of a study; later studies have later days unless one is given, 0 for none."""
    digest = hashlib.sha256(f"{patient}{study}".encode()).hexdigest()
    day = study if day is None else day
    return FilmEntry(digest, patient, f"{day:032x}" if day and patient else "", view)


PA, LAT = entry(View.PA), entry(View.LATERAL)
BEFORE, LAT_BEFORE, LONG_AGO = entry(View.AP, 1), entry(View.LATERAL, 1), entry(View.PA, 0, day=1)
BEFORE, LONG_AGO = replace(BEFORE, rank=f"{5:032x}"), replace(LONG_AGO, rank=f"{3:032x}")
PA, LAT = replace(PA, rank=f"{9:032x}"), replace(LAT, rank=f"{9:032x}")
LAT_BEFORE = replace(LAT_BEFORE, rank=BEFORE.rank)
NEXT = replace(entry(View.PA, 3), rank=f"{12:032x}")
SILENT = entry(View.UNKNOWN)
ELSEWHERE = entry(View.PA, patient="q")


@pytest.mark.parametrize(
    ("films", "roles"),
    [
        ([PA], [FRONTAL]),
        ([LAT], [LATERAL]),
        ([SILENT], [FRONTAL]),
        ([None], [FRONTAL]),
        ([PA, LAT], [FRONTAL, LATERAL]),
        ([PA, BEFORE], [FRONTAL, PRIOR]),
        ([PA, LAT, BEFORE], [FRONTAL, LATERAL, PRIOR]),
        ([PA, LAT, BEFORE, LAT_BEFORE, LONG_AGO], [FRONTAL, LATERAL, PRIOR, None, None]),
        ([PA, None], [FRONTAL, RoleDoubt.VIEW]),
        ([None, None], [RoleDoubt.VIEW, RoleDoubt.VIEW]),
        ([PA, SILENT], [FRONTAL, RoleDoubt.VIEW]),
        ([PA, PA], [RoleDoubt.ORDER, RoleDoubt.ORDER]),
        ([PA, PA, LAT], [RoleDoubt.ORDER] * 3),
        ([PA, LAT, LAT], [FRONTAL, RoleDoubt.ORDER, RoleDoubt.ORDER]),
        ([PA, ELSEWHERE], [RoleDoubt.PATIENT, RoleDoubt.PATIENT]),
    ],
)
def test_an_empty_page(films: list[FilmEntry | None], roles: list[Assignment]) -> None:
    """The newest frontal film is the current one, the one before it the prior; what files leave open is asked."""
    for order in permutations(range(len(films)), len(films)):
        assert assign_roles([films[at] for at in order], {}) == tuple(roles[at] for at in order)


@pytest.mark.parametrize(
    ("held", "film", "role"),
    [
        ({FRONTAL: PA}, LAT, LATERAL),
        ({FRONTAL: PA}, BEFORE, PRIOR),
        ({LATERAL: LAT}, PA, FRONTAL),
        ({PRIOR: BEFORE}, PA, FRONTAL),
        ({PRIOR: BEFORE}, LONG_AGO, RoleDoubt.ORDER),
        ({FRONTAL: PA}, PA, RoleDoubt.TAKEN),
        ({FRONTAL: PA, LATERAL: LAT}, LAT, RoleDoubt.TAKEN),
        ({FRONTAL: PA, PRIOR: BEFORE}, LONG_AGO, RoleDoubt.TAKEN),
        ({FRONTAL: PA}, NEXT, RoleDoubt.NEWER),
        ({FRONTAL: PA}, LAT_BEFORE, None),
        ({FRONTAL: PA}, ELSEWHERE, RoleDoubt.PATIENT),
        ({FRONTAL: PA}, None, RoleDoubt.VIEW),
        ({FRONTAL: None}, LAT, RoleDoubt.RELATION),
        ({LATERAL: None}, PA, RoleDoubt.RELATION),
        ({LATERAL: None}, None, RoleDoubt.VIEW),
        ({FRONTAL: PA}, replace(LAT, study="0" * 64, patient="", rank=""), RoleDoubt.RELATION),
        ({FRONTAL: PA}, replace(BEFORE, rank=""), RoleDoubt.ORDER),
    ],
)
def test_beside_films_that_are_there(
    held: dict[FilmRole, FilmEntry | None], film: FilmEntry | None, role: Assignment
) -> None:
    """A film goes to a free place that its file names; what is there is neither moved nor replaced."""
    assert assign_roles([film], held) == (role,)


_ENTRIES = st.none() | st.builds(
    entry,
    st.sampled_from(View),
    st.integers(0, 3),
    patient=st.sampled_from(["", "p", "q"]),
    day=st.integers(0, 4),
)


@given(st.lists(_ENTRIES, max_size=6), st.dictionaries(st.sampled_from(FilmRole), _ENTRIES))
def test_no_place_is_given_twice_nor_across_patients(
    films: list[FilmEntry | None], held: dict[FilmRole, FilmEntry | None]
) -> None:
    """Whatever comes: no role twice, none that is held, and known patients are one wherever something is placed."""
    assigned = assign_roles(films, held)
    roles = [role for role in assigned if isinstance(role, FilmRole)]
    assert len(assigned) == len(films)
    assert len(set(roles)) == len(roles)
    assert not set(roles) & set(held)
    placed = [film for film, role in zip(films, assigned, strict=True) if isinstance(role, FilmRole)]
    known = {film.patient for film in placed if film and film.patient}
    there = {film.patient for film in held.values() if film and film.patient}
    assert not known or len(known | there) == 1
