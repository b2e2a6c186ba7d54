"""The work list on the page: opened, saved, skipped, gone on with; what is wrong with one study stops no other."""

from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.errors import ClinicalBlipError, IdentifiableText
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.web import listed_studies, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.view.work_list import progress, whole_list
from clinicalblip.worklist.reading_progress import ReadingProgress
from clinicalblip.worklist.work_list import WorkList, list_studies
from tests.fixtures.served_page import png_film
from tests.fixtures.walked_page import WalkedPage

READER = "heron-42"


def make_list(folder: Path, count: int = 5) -> WorkList:
    """Studies with a film each; the third's is missing, the fourth has a broken lateral film."""
    studies = []
    for number in range(1, count + 1):
        frontal = folder / f"{number}.png"
        frontal.write_bytes(png_film(128 + 8 * number))
        images = [StudyImage(frontal, View.PA)]
        if number == 3:
            frontal.unlink()
        if number == 4:
            (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
            images.append(StudyImage(folder / "broken.png", View.LATERAL))
        context = ClinicalContext(indication=f"cough {number}")
        studies.append(Study(f"s{number}", "p", "test", tuple(images), context, Report(f"Reference {number}.", "")))
    return WorkList(list_studies(studies, b"k" * 32))


@pytest.fixture
def listed(app: AppContext, tmp_path: Path) -> AppContext:
    """The page's app with a work list, and progress that lasts."""
    return replace(app, work_list=make_list(tmp_path), progress=ReadingProgress(tmp_path / "progress"))


@pytest.fixture
def page(listed: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WalkedPage:
    """An open page of a reader."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    page = WalkedPage(listed)
    page.pseudonym(READER)
    return page


def rows(page: WalkedPage) -> dict[int, str]:
    """The state of each study as the list is shown."""
    return {row["number"]: row["state"] for row in whole_list(page.app, page.session)["rows"]}


def test_a_study_is_opened_with_all_that_belongs_to_it(page: WalkedPage) -> None:
    """Film, view, context and reference; the reference stays hidden, and nothing is asked that the list says."""
    page.list("open", number=2)
    film = page.value(page.components.films.viewer)["films"]["frontal"]
    assert film["view"] == "PA"
    assert not film["asks_view"]
    assert page.value(page.components.context.boxes[0]) == "cough 2"
    assert page.value(page.components.reference.findings) == "Reference 2."
    assert page.session.film_digests().keys() == {FilmRole.FRONTAL}
    assert page.value(page.components.work_list)["current"] == 2
    assert rows(page) == {1: "new", 2: "begun", 3: "fault", 4: "new", 5: "new"}


def test_next_passes_over_what_is_read_or_cannot_be(page: WalkedPage) -> None:
    """Saved, skipped and faulty studies are left out; after the last the first that is open comes; before goes back."""
    page.list("open", number=1)
    page.draft()
    page.rate()
    page.save()
    (review,) = page.app.store.reviews()
    assert (review.reader, review.study) == (READER, page.app.work_list.by_number[1].digest)
    page.list("next")
    assert page.session.study is page.app.work_list.by_number[2]
    page.list("skip", reason="quality")
    assert page.value(page.components.work_list)["current"] == 4
    page.list("next")
    assert page.value(page.components.work_list)["current"] == 5
    page.list("next")
    assert page.value(page.components.work_list)["current"] == 4
    page.list("previous")
    assert page.value(page.components.work_list)["current"] == 2
    assert rows(page) == {1: "saved", 2: "begun", 3: "fault", 4: "begun", 5: "begun"}
    assert progress(page.app, page.session) == "1 of 4"


def test_a_film_that_is_broken_leaves_the_study_open(page: WalkedPage) -> None:
    """The row and the message say which film it is and why; the others are read and drafted."""
    page.list("open", number=4)
    assert wording.VIEWER["lateral"] in page.text
    row = page.value(page.components.work_list)["rows"][0]
    assert (row["state"], row["note"][:9]) == ("begun", "Lateral: ")
    page.draft()
    assert "lungs" in page.value(page.components.report.findings)
    page.list("open", number=3)
    assert "Its frontal film is missing." in page.text
    assert page.value(page.components.work_list)["current"] == 4


@pytest.mark.parametrize("action", ["next", "skip"])
def test_unsaved_work_is_asked_about_first(page: WalkedPage, action: str) -> None:
    """Neither next nor skip takes words off the page unasked; said yes to, they do."""
    page.list("open", number=1)
    page.type(page.components.report.findings, "mine")
    page.list(action, reason="later")
    assert wording.UNSAVED in page.text
    assert rows(page)[1] == "begun"
    page.list(action, reason="later", discard=True)
    assert page.value(page.components.report.findings) == ""
    assert page.value(page.components.work_list)["current"] == 2


def test_a_reader_goes_on_under_the_same_pseudonym_after_a_restart(page: WalkedPage, tmp_path: Path) -> None:
    """Another page with it shows what was read; another reader's list is new; their texts are nowhere."""
    page.list("open", number=1)
    page.draft()
    page.rate()
    page.type(page.components.report.findings, "Plantedword.")
    page.save()
    page.list("skip", reason="later")
    restarted = replace(page.app, progress=ReadingProgress(tmp_path / "progress"))
    for reader, states in ((READER, ["saved", "begun", "fault", "new", "new"]), ("heron-43", ["new"] * 5)):
        other = WalkedPage(restarted, f"another page of {reader}")
        other.pseudonym(reader)
        expected = states if reader == READER else ["new", "new", "fault", "new", "new"]
        assert list(rows(other).values()) == expected
    assert all(b"Planted" not in file.read_bytes() for file in (tmp_path / "progress").iterdir())


def test_a_film_beside_the_studys_own_leaves_it_that_study(page: WalkedPage) -> None:
    """A prior film that the reader adds is of the same study; another frontal film is of none in the list."""
    page.list("open", number=1)
    page.upload(png_film(200), FilmRole.PRIOR)
    assert page.session.study is page.app.work_list.by_number[1]
    page.upload(png_film(208))
    assert page.session.study is None
    assert page.value(page.components.work_list)["current"] is None
    page.draft()
    page.rate()
    page.save()
    assert rows(page)[1] == "begun"


def test_nothing_is_opened_without_a_pseudonym(listed: AppContext) -> None:
    """A name is refused, and the list stays shut."""
    session = listed.sessions.of("x")
    with pytest.raises(IdentifiableText):
        listed_studies.choose_pseudonym(listed, session, "smith-7")
    with pytest.raises(ClinicalBlipError, match="pseudonym first"):
        listed_studies.open_study(listed, session, 1)


def test_the_time_that_is_left_is_said_once_it_is_known(page: WalkedPage) -> None:
    """In minutes, then in hours, and that all is read at the end."""
    record, studies = page.session.record, page.app.work_list.studies
    record.save(studies[0], 90)
    assert progress(page.app, page.session) == "1 of 4"
    record.save(studies[1], 90)
    assert progress(page.app, page.session) == "2 of 4, about 3 min at your pace"
    record.save(studies[3], 9000)
    record.save(studies[0], 1)
    slow = WalkedPage(page.app, "slow")
    slow.pseudonym("heron-44")
    for study in studies[:2]:
        slow.session.record.save(study, 5400)
    assert progress(slow.app, slow.session) == "2 of 4, about 3.0 h at your pace"
    record.save(studies[4], 60)
    assert progress(page.app, page.session) == "All 4 are read"


def test_a_forged_number_opens_nothing(page: WalkedPage) -> None:
    """Neither a path nor a number of another list reaches a file."""
    for number in ("../../etc/passwd", 77, None, [1], {"number": 1}, True and "1"):
        page.list("open", number=number)
        assert wording.UNKNOWN_STUDY in page.text
    assert page.session.films == {}
