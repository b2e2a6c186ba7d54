"""Films that are dropped on the page all at once: where each goes, and what the reader is asked."""

import json
from collections.abc import Mapping

import numpy as np
import pytest

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.web import wording
from clinicalblip.web.film_transfer import find_film, picture_key
from clinicalblip.web.upload_folder import upload_folder
from clinicalblip.worklist.role_assignment import RoleDoubt
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.served_page import png_film, uploads_on_disk
from tests.fixtures.walked_page import WalkedPage

FRONTAL, LATERAL, PRIOR = FilmRole
PIXELS = np.random.default_rng(5).integers(0, 4096, (96, 96), dtype=np.uint16)


def film(position: str | None, day: str, *, patient: str = "PLANTED-ID", shade: int = 0) -> bytes:
    """A film of a patient's study of that day."""
    tags = {"PatientID": patient, "StudyDate": day, "StudyInstanceUID": f"1.2.{day}.{len(patient)}"}
    return write_dicom(PIXELS // 2 + shade, ViewPosition=position, **tags)


CURRENT, SIDE, BEFORE = film("PA", "20240502"), film("LL", "20240502", shade=1), film("AP", "20230401", shade=2)
OTHERS = film("PA", "20240101", patient="SOMEBODY-ELSE", shade=3), film("LL", "20240101", patient="SOMEBODY-ELSE")


def roles(page: WalkedPage) -> Mapping[FilmRole, View]:
    """Which films the session holds, as which views."""
    return {role: loaded.radiograph.view for role, loaded in page.session.films.items()}


def doubts(page: WalkedPage) -> list[RoleDoubt]:
    """Why the films without a role are asked about."""
    return [film.doubt for film in page.session.unplaced.values()]


def test_each_film_goes_where_its_file_says(walked: WalkedPage) -> None:
    """Two frontals of one patient are the current film and the prior, the lateral is that of the current study."""
    walked.drop(BEFORE, SIDE, CURRENT)
    assert roles(walked) == {FRONTAL: View.PA, LATERAL: View.LATERAL, PRIOR: View.AP}
    assert doubts(walked) == []
    viewer = walked.value(walked.components.films.viewer)
    assert uploads_on_disk(upload_folder().path) == []
    said = json.dumps(viewer)
    assert not any(planted in said for planted in ("PLANTED-ID", "2024", "2023"))


def test_a_film_beside_one_that_was_chosen_by_hand(walked: WalkedPage) -> None:
    """What a card was given counts as well: an earlier frontal is its prior, another of its study is asked about."""
    walked.upload(CURRENT)
    walked.drop(BEFORE, film("AP", "20240502", shade=4))
    assert roles(walked) == {FRONTAL: View.PA, PRIOR: View.AP}
    assert doubts(walked) == [RoleDoubt.TAKEN]


def test_what_a_file_leaves_open_is_asked_once_for_each_film(walked: WalkedPage) -> None:
    """The reader says which film it is by its picture; nothing that is there makes way unasked."""
    walked.drop(png_film(), png_film(160))
    assert (roles(walked), doubts(walked)) == ({}, [RoleDoubt.VIEW] * 2)
    first, second = (film["picture"] for film in walked.value(walked.components.films.viewer)["unplaced"])
    assert find_film(walked.session, first) is not None
    walked.place("frontal")
    walked.place("lateral")
    assert roles(walked) == {FRONTAL: View.FRONTAL, LATERAL: View.LATERAL}
    assert second == picture_key(walked.session.films[LATERAL])
    assert walked.session.films[FRONTAL].asks_view
    walked.drop(png_film(170))
    held = walked.session.films[FRONTAL].id
    answers = dict(walked.value(walked.components.films.viewer)["unplaced"][0]["answers"])
    assert answers["frontal"] == wording.REPLACE_FILM.format(role="frontal")
    walked.place("")
    assert (doubts(walked), walked.session.films[FRONTAL].id) == ([], held)


def test_the_first_film_needs_no_answer(walked: WalkedPage) -> None:
    """A single film on an empty page is the frontal one, as where it is chosen; its view is asked for below it."""
    walked.drop(png_film())
    assert (roles(walked), doubts(walked)) == ({FRONTAL: View.FRONTAL}, [])
    assert walked.session.films[FRONTAL].asks_view


def test_another_patients_films_begin_a_new_study(walked: WalkedPage) -> None:
    """They are never put beside this patient's; one answer takes all of them into a study of their own."""
    walked.drop(CURRENT)
    walked.type(walked.components.context.boxes[0], "cough")
    walked.drop(*OTHERS)
    assert (list(roles(walked)), doubts(walked)) == ([FRONTAL], [RoleDoubt.PATIENT] * 2)
    walked.place("study")
    assert roles(walked) == {FRONTAL: View.PA, LATERAL: View.LATERAL}
    assert walked.value(walked.components.context.boxes[0]) == ""
    assert doubts(walked) == []


def test_unsaved_work_is_not_lost_to_a_drop(walked: WalkedPage) -> None:
    """A film that would take a draft and its edits off the page is refused until the reader wants that."""
    walked.upload(CURRENT)
    walked.draft()
    walked.type(walked.components.report.findings, "mine")
    walked.drop(SIDE)
    assert wording.UNSAVED in walked.text
    assert list(roles(walked)) == [FRONTAL]
    walked.drop(film("PA", "20240502", shade=9))  # its place is taken, so that nothing changes before the answer
    walked.place("frontal")
    assert wording.UNSAVED in walked.text
    assert doubts(walked) == [RoleDoubt.TAKEN]
    walked.place("frontal", discard=True)
    assert (doubts(walked), walked.session.report.shown) == ([], None)


def test_a_film_that_cannot_be_read_leaves_the_others(walked: WalkedPage) -> None:
    """One sentence says why it was left out."""
    walked.drop(CURRENT, b"no film", SIDE)
    assert list(roles(walked)) == [FRONTAL, LATERAL]
    assert "A film was left out." in walked.text
    assert doubts(walked) == []


@pytest.mark.parametrize("files", [None, "text", [7], [{"file": "a" * 32}], [{}] * 20])
def test_what_no_page_sends_is_refused_in_a_sentence(walked: WalkedPage, files: object) -> None:
    """A program that makes up a drop is told, and changes nothing."""
    from types import SimpleNamespace

    event = SimpleNamespace(_data={"files": files})
    walked.show(walked.films.drop(walked.request, event, *walked.all(walked.components.form_boxes)))
    assert "cb-message" in walked.value(walked.components.message)
    assert wording.UNEXPECTED not in walked.text
    assert roles(walked) == {}


def test_the_films_that_wait_come_back_with_the_page(walked: WalkedPage) -> None:
    """After a reload the reader is asked again; a new study takes them away, and their memory counts until then."""
    walked.drop(png_film(), png_film(160))
    assert walked.session.nbytes == 2 * (128**2 + 160**2)
    walked.reload()
    assert len(walked.value(walked.components.films.viewer)["unplaced"]) == 2
    walked.new_study()
    assert walked.session.nbytes == 0
    assert walked.value(walked.components.films.viewer)["unplaced"] == []
