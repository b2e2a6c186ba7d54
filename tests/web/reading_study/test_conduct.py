"""A study goes on whatever happens to it: ended, left, read again, paused, a film that is gone, an owner at work."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.web.served_study import wording
from tests.fixtures.page_passwords import with_password
from tests.fixtures.reader_study import DESIGN, NONE, open_small_study, prepare_small_study
from tests.fixtures.served_reader_study import StudyReader, owner_of, serve_study
from tests.fixtures.walked_study import WalkedStudy, app_of_study, enrolled

ONE_PERIOD = "reading: {readers: 3}"


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Callable[..., WalkedStudy]]:
    """The page of a reader of the small study, whose reading part is changed as a test needs."""
    with ExitStack() as opened:

        def begin(**reading: object) -> WalkedStudy:
            parts = ", ".join(f"{name}: {value}" for name, value in ({"readers": 3} | reading).items())
            design = DESIGN.replace(ONE_PERIOD, f"reading: {{{parts}}}")
            app = app_of_study(opened.enter_context(open_small_study(tmp_path, design=design)))
            return WalkedStudy(app, enrolled(app))

        yield begin


def test_an_end_in_the_middle_of_a_case_loses_nothing(walk: Callable[..., WalkedStudy]) -> None:
    """Saving is refused in a sentence, what was typed stays, and is saved once the owner goes on."""
    page = walk()
    page.open()
    page.write("Typed before the end.", "Mine.")
    page.answer_all()
    page.study.folder.record(EventKind.ENDED)
    page.save_case()
    assert wording.ENDED in page.text
    assert page.value(page.components.report.findings) == "Typed before the end."
    assert not page.study.records.readings()
    page.study.folder.record(EventKind.EXTENDED)
    page.save_case()
    assert [each.final.findings for each in page.study.records.readings()] == ["Typed before the end."]


def test_a_case_is_looked_at_again_only_where_the_design_allows_it(walk: Callable[..., WalkedStudy]) -> None:
    """And is not saved again."""
    page = walk(read_again="yes")
    page.read()
    final = page.study.records.readings()[0].final.findings
    page.read()
    page.open("previous")
    assert page.value(page.components.report.findings) == final
    page.write("Other words.")
    page.answer_all()
    page.save_case()
    assert wording.ALREADY_SAVED in page.text
    assert len(page.study.records.readings()) == 2


def test_a_first_impression_is_kept_beside_the_report(walk: Callable[..., WalkedStudy]) -> None:
    """No draft is there before it is committed; both are recorded, with the seconds until then."""
    page = walk(reader_first="yes")
    for expected in page.study.folder.of_reader(page.reader):
        page.open()
        assert page.value(page.components.report.findings) == ""
        assert page.value(page.components.ai_draft.draft_id) == ""
        page.write("My impression.", "Mine.")
        page.answer_all()
        page.save_case()
        assert wording.COMMIT_FIRST in page.text
        page.commit(seconds=7.5)
        assert (page.value(page.components.ai_draft.draft_id) == "") is (expected.arm == NONE)
        page.write("My report.", "Mine.")
        page.answer_all()
        page.save_case()
    for reading in page.study.records.readings():
        assert reading.first is not None
        assert (reading.first.findings, reading.first_seconds) == ("My impression.", 7.5)
        assert reading.final.findings == "My report."


def test_a_second_period_waits_for_its_washout(walk: Callable[..., WalkedStudy]) -> None:
    """When it may begin is said; without days to wait it goes on at once, each case under another arm."""
    page = walk(periods=2, washout_days=28)
    first = {}
    while not page.study.waits_until(page.reader, page.study.next_number(page.reader) or 1):
        arm = page.read()
        assert page.session.case is not None
        first[page.session.case.assigned.case] = arm
    page.open()
    assert wording.WASHOUT.split("{")[0].strip() in page.text
    second = {each.case: each.arm for each in page.study.folder.of_reader(page.reader) if each.period == 2}
    assert second
    assert all(first[case] != arm for case, arm in second.items())


def test_whoever_leaves_at_half_keeps_what_was_saved(walk: Callable[..., WalkedStudy]) -> None:
    """Nothing more is read or saved."""
    page = walk()
    page.read()
    page.open()
    page.study.leave(page.reader)
    page.write("Too late.")
    page.answer_all()
    page.save_case()
    assert wording.CONSENT_FIRST in page.text
    assert len(page.study.records.readings()) == 1
    assert [each.kind for each in page.study.records.events()][-1] is EventKind.READER_LEFT


def test_a_break_is_proposed_after_long_reading(
    walk: Callable[..., WalkedStudy], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that is never set; a pause begins anew."""
    page = walk(break_minutes=5)
    now = time.monotonic()
    monkeypatch.setattr("clinicalblip.web.served_study.served_study.time.monotonic", lambda: now)
    page.read()
    assert wording.SAVED in page.text
    for _ in range(3):
        now += 110
        page.read()
    assert wording.SAVED_BREAK.format(minutes=5) in page.text
    page.study.take_break(page.reader)
    assert not page.study.is_break_due(page.reader)


def test_a_case_whose_film_is_gone_is_left_out(tmp_path: Path) -> None:
    """Its row says why, and the rest is read."""
    folder = prepare_small_study(tmp_path)
    with StudyFolder.open(folder) as opened:
        app = app_of_study(opened)
        reader = enrolled(app)
        gone = opened.of_reader(reader)[1].case
        opened.studies[gone].images[0].path.unlink()
        page = WalkedStudy(app, reader)
        assert app.study is not None
        assert app.study.list_for(reader).studies[1].fault
        for _ in range(4):
            page.read()
        page.open()
        assert wording.ALL_CASES_READ in page.text
        assert gone not in {each.case for each in opened.records.readings()}


def test_an_owner_adds_a_reader_ends_and_goes_on(tmp_path: Path) -> None:
    """What they do is on record; outcomes by arm are not shown before the end, and after it they are."""
    with serve_study(prepare_small_study(tmp_path), with_password()) as page, owner_of(page) as owner:
        answer = owner.post("owner/study", data={"action": "add"})
        link = re.search(r"reader-study#([\w-]{43})", answer.text)
        assert link is not None
        reader = page.study.records.use_link(link[1])
        assert reader == "R01"
        page.study.records.consent(reader)
        with closing(StudyReader(page, reader).client) as client:
            assert client.get("reader-study/case").status_code == 200
        assert wording.NOT_UNBLINDED in owner.get("owner/study").text
        assert owner.post("owner/study", data={"action": "unblind"}).status_code == 409
        assert wording.SURE_FIRST in owner.post("owner/study", data={"action": "end"}).text
        assert wording.HAS_ENDED in owner.post("owner/study", data={"action": "end", "sure": "yes"}).text
        assert page.study.is_ended
        assert wording.OUTCOMES in owner.post("owner/study", data={"action": "unblind"}).text
        assert wording.GOES_ON in owner.post("owner/study", data={"action": "extend"}).text
        kinds = [event.kind for event in page.study.records.events()]
        assert kinds[-2:] == [EventKind.ENDED, EventKind.EXTENDED]
        assert {EventKind.BEGUN, EventKind.READER_ADDED, EventKind.LINK_MADE} <= set(kinds)
