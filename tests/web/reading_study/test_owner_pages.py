"""The owner's page of a study: live, able to act, and without an outcome by arm before its time."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.web.served_study import wording
from tests.fixtures.page_passwords import with_password
from tests.fixtures.reader_study import ASSISTED, DESIGN, prepare_small_study
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader, owner_of, serve_study


@pytest.fixture
def owner(page: ServedStudyPage) -> Iterator[httpx.Client]:
    """Somebody who knows the owners' password."""
    with owner_of(page) as signed_in:
        yield signed_in


def test_readers_are_added_beyond_the_rows_and_read(page: ServedStudyPage, owner: httpx.Client) -> None:
    """Each by a link that is shown once; what they read is counted at once."""
    rows = page.study.folder.assignment.rows
    for number in range(1, rows + 2):
        shown = owner.post("owner/study", data={"action": "add"}).text
        assert wording.ADDED.format(reader=f"R{number:02d}") in shown
        link = re.search(r"reader-study#([\w-]{43})", shown)
        assert link is not None
    assert page.study.folder.assignment.rows == rows + 1
    assert "#" not in re.sub(r"&#\w+;", "", owner.get("owner/study").text.split("</style>")[1])
    reader = StudyReader(page, f"R{rows + 1:02d}")
    page.study.records.consent(reader.reader)
    reader.read()
    reader.client.close()
    shown = owner.get("owner/study").text
    assert wording.OF.format(done=1, count=len(page.study.folder.of_reader(reader.reader))) in shown
    assert str(EventKind.READER_ADDED) in shown


def test_a_new_link_is_made_for_a_reader(page: ServedStudyPage, owner: httpx.Client) -> None:
    """The one before is void; an unknown reader is refused in a sentence."""
    reader = page.enrol()
    old = page.study.records.make_link(reader)
    shown = owner.post("owner/study", data={"action": "link", "reader": reader}).text
    assert wording.LINK_OF.format(reader=reader) in shown
    assert page.study.records.use_link(old) is None
    assert owner.post("owner/study", data={"action": "link", "reader": "R99"}).status_code == 409


def test_a_study_is_ended_on_purpose_and_goes_on(page: ServedStudyPage, owner: httpx.Client) -> None:
    """Not by one press alone; readers are told, and nothing is lost."""
    reader = StudyReader(page, page.enrol())
    case = reader.case()
    assert wording.SURE_FIRST in owner.post("owner/study", data={"action": "end"}).text
    assert not page.study.is_ended
    assert wording.HAS_ENDED in owner.post("owner/study", data={"action": "end", "sure": "yes"}).text
    said = {"number": case["number"], "final": {"findings": "Clear."}, "verdict": "rejected", "answers": {"sure": 1}}
    assert reader.say(**said).json()["detail"] == wording.ENDED
    assert wording.ENDED in reader.get("reader-study").text
    assert owner.post("owner/study", data={"action": "add"}).status_code == 409
    assert wording.GOES_ON in owner.post("owner/study", data={"action": "extend"}).text
    assert reader.say(**said).json()["said"] == wording.SAVED
    reader.client.close()


def test_outcomes_are_seen_before_the_end_on_record(tmp_path: Path) -> None:
    """Where the design allows it; each look is an event."""
    design = f"{DESIGN}owner: {{unblinded_before_end: yes}}\n"
    with serve_study(prepare_small_study(tmp_path, design=design), with_password()) as served, owner_of(served) as sees:
        assert wording.UNBLIND_NOTE in sees.get("owner/study").text
        shown = sees.post("owner/study", data={"action": "unblind"}).text
        assert wording.UNBLINDED in shown
        assert ASSISTED in shown
        assert [each.kind for each in served.study.records.events()].count(EventKind.UNBLINDED) == 1


def test_a_form_of_another_page_does_nothing(page: ServedStudyPage) -> None:
    """Nor does one of a reader."""
    with owner_of(page) as owner:
        owner.headers["origin"] = "https://elsewhere.example"
        assert owner.post("owner/study", data={"action": "end", "sure": "yes"}).status_code == 403
    reader = StudyReader(page, page.enrol())
    assert reader.post("owner/study", action="end", sure="yes").status_code == 409
    reader.client.close()
    assert not page.study.is_ended


def test_a_reader_whom_another_process_added_is_served(page: ServedStudyPage) -> None:
    """Their row is read from the folder when they come."""
    with StudyFolder.open(page.study.folder.path) as other:
        _, enrolled = other.add_reader()
    page.study.records.consent(enrolled.reader)
    reader = StudyReader(page, enrolled.reader)
    assert reader.case()["number"] == 1
    reader.client.close()
