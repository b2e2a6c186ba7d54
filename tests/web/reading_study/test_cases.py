"""Cases on the page of a study: in their order, each under its arm, saved once and for good."""

from collections.abc import Callable

import pytest

from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.web import wording as page_wording
from clinicalblip.web.journal.files import JournalFiles
from clinicalblip.web.journal.snapshot import Journal
from clinicalblip.web.served_study import wording
from clinicalblip.web.session import Session
from tests.fixtures.walked_study import WalkedStudy, app_of_study, enrolled

OpenStudy = Callable[..., StudyFolder]
FIRST = "reading: {readers: 3, reader_first: yes}"
NAMED = "Seen by Dr. Jane Miller. The lungs are clear."


def page_of(folder: StudyFolder) -> WalkedStudy:
    """The page of a reader who has agreed."""
    app = app_of_study(folder)
    return WalkedStudy(app, enrolled(app))


@pytest.fixture
def page(open_study: OpenStudy) -> WalkedStudy:
    """The page of a reader of the small study."""
    return page_of(open_study())


def to_case(page: WalkedStudy, *, draft: bool) -> None:
    """Read on to a case with a draft, or to one without."""
    page.open()
    while page.session.case is not None and (page.session.case.prepared is not None) is not draft:
        page.read() if page.session.case.is_saved else _finish(page)
        page.open()
    assert page.session.case is not None


def _finish(page: WalkedStudy) -> None:
    case = page.session.case
    assert case is not None
    if case.waits_for_first:
        page.write("The lungs are clear.", "Normal.")
        page.commit()
    if case.draft is None:
        page.write("The lungs are clear.", "Normal.")
    page.answer_all()
    page.save_case()
    assert case.is_saved, page.text


def test_a_reader_reads_their_cases_in_order(page: WalkedStudy) -> None:
    """Each with the draft of its arm in the report, or with an empty report; what is saved names arm and review."""
    folder = page.study.folder
    assigned = folder.of_reader(page.reader)
    for expected in assigned:
        prepared = folder.drafts.get((expected.case, expected.arm))
        page.open()
        report = page.components.report
        shown = page.value(page.components.ai_draft.draft_id)
        assert shown == (prepared.id if prepared else "")
        assert page.value(report.findings) == (prepared.draft.report.findings if prepared else "")
        if prepared is None:
            page.write("The lungs are clear.", "Normal.")
        page.answer_all()
        page.save_case()
        assert wording.SAVED in page.text or wording.SAVED_LAST in page.text
    page.open()
    assert wording.ALL_CASES_READ in page.text
    readings = folder.records.readings()
    assert [(each.case, each.arm) for each in readings] == [(each.case, each.arm) for each in assigned]
    assert all((each.review is None) == (each.draft is None) for each in readings)
    assert [each.answers for each in readings] == [{"sure": 1}] * len(readings)


def test_only_the_next_case_opens(page: WalkedStudy) -> None:
    """Neither a later one nor one that is done, nor does leaving one out."""
    page.open("open", number=3)
    assert wording.IN_ORDER.format(number=1) in page.text
    page.open("open", number=99)
    assert wording.NO_SUCH_CASE in page.text
    page.read()
    page.open("open", number=1)
    assert wording.DONE_CASE.format(number=1) in page.text
    page.open("previous")
    assert wording.FIRST_OF_LIST in page.text
    page.open("skip", reason="later")
    assert wording.NO_SKIPPING in page.text


def test_a_reference_never_reaches_the_page(page: WalkedStudy) -> None:
    """Neither its boxes nor the list's studies have it."""
    to_case(page, draft=False)
    listed = page.session.study
    assert listed is not None
    assert listed.reference == Report()
    assert page.session.report.filled_reference == Report()
    assert page.study.folder.studies[page.study.reading_of(page.reader, listed.number).case].reference != Report()


def test_what_is_missing_is_said_and_saves_nothing(page: WalkedStudy) -> None:
    """An empty report, an answer, a verdict on a draft; a report that names somebody is asked about."""
    to_case(page, draft=True)
    page.save_case()
    assert wording.ANSWER_FIRST.format(question="How sure are you of this report?") in page.text
    page.answer_all()
    page.type(page.components.review.verdict, None)
    page.save_case()
    assert page_wording.RATE_FIRST in page.text
    page.answer_all()
    page.write("", "")
    page.save_case()
    assert wording.EMPTY_REPORT in page.text
    page.write(NAMED)
    page.save_case()
    assert wording.PHI_IN_REPORT in page.text
    before = len(page.study.records.readings())
    page.save_case("save_masked")
    readings = page.study.records.readings()
    assert len(readings) == before + 1
    assert "Miller" not in readings[-1].final.findings
    assert "Miller" not in page.value(page.components.report.findings)
    review = page.app.store.find(readings[-1].review or "")
    assert review is not None
    assert review.texts is not None
    assert review.texts.final == readings[-1].final
    prepared = page.session.case.prepared if page.session.case else None
    assert prepared is not None
    assert review.texts.draft == prepared.draft.report


def test_a_report_is_kept_as_it_is_on_the_readers_word(page: WalkedStudy) -> None:
    """Also where there is no draft."""
    to_case(page, draft=False)
    page.answer_all()
    page.write(NAMED)
    page.save_case()
    assert not page.study.is_done(page.reader, page.session.case.number if page.session.case else 0)
    page.save_case("save_as_is")
    assert page.study.records.readings()[-1].final == Report(NAMED)


def test_a_case_is_saved_once(page: WalkedStudy) -> None:
    """What is changed afterwards is not saved, and is said not to be."""
    page.read()
    page.write("Something else.")
    page.save_case()
    assert wording.ALREADY_SAVED in page.text
    assert len(page.study.records.readings()) == 1


def test_who_has_not_agreed_or_has_left_opens_nothing(open_study: OpenStudy) -> None:
    """It is said in a sentence."""
    app = app_of_study(open_study())
    page = WalkedStudy(app, enrolled(app, consents=False))
    page.open()
    assert wording.CONSENT_FIRST in page.text
    page.study.records.consent(page.reader)
    page.open()
    page.answer_all()
    page.write("The lungs are clear.")
    page.study.leave(page.reader)
    page.save_case()
    assert wording.CONSENT_FIRST in page.text
    assert page.study.records.readings() == ()


def test_an_impression_comes_before_the_draft(open_study: OpenStudy) -> None:
    """Under every arm; then the draft is shown beside it, and both are kept."""
    page = page_of(open_study(reading=FIRST))
    to_case(page, draft=True)
    assert page.components.case is not None
    assert wording.WRITE_FIRST.format(commit=wording.COMMIT) in page.text
    assert page.value(page.components.ai_draft.draft_id) == ""
    assert page.session.report.shown is None
    page.answer_all()
    page.commit()
    assert wording.COMMIT_EMPTY in page.text
    page.write("My own words.", "Mine.")
    page.save_case()
    assert wording.COMMIT_FIRST in page.text
    page.commit(seconds=33.5)
    assert wording.AFTER_FIRST_DRAFT in page.text
    case = page.session.case
    assert case is not None
    assert case.prepared is not None
    assert page.value(page.components.ai_draft.draft_id) == case.prepared.id
    assert page.value(page.components.report.findings) == "My own words."
    page.commit()
    assert wording.COMMITTED_BEFORE in page.text
    page.show(page.reports.use_draft(page.request, case.prepared.id, "My own words.", "Mine."))
    page.answer_all()
    page.save_case()
    reading = page.study.records.readings()[-1]
    assert (reading.first, reading.first_seconds) == (Report("My own words.", "Mine."), 33.5)
    assert reading.final == case.prepared.draft.report


def test_without_a_draft_an_impression_is_committed_too(open_study: OpenStudy) -> None:
    """So that nobody knows before whether a draft comes; a time that is none is taken from the server's clock."""
    page = page_of(open_study(reading=FIRST))
    to_case(page, draft=False)
    page.write("My own words.")
    page.commit(seconds=float("nan"))
    assert wording.AFTER_FIRST in page.text
    page.answer_all()
    page.save_case()
    reading = page.study.records.readings()[-1]
    assert reading.first == Report("My own words.")
    assert reading.first_seconds is not None
    assert 0 <= reading.first_seconds < 600


def test_a_reloaded_page_shows_the_case_as_it_was(page: WalkedStudy) -> None:
    """Words, draft, context and answers."""
    to_case(page, draft=True)
    case = page.session.case
    assert case is not None
    assert case.prepared is not None
    page.write("There is a change of mine.", "Mine.")
    page.session.boxes.take({"question-1": "4", "verdict": "rejected"}, 10**9, most_characters=100)
    page.reload()
    assert page.value(page.components.report.findings) == "There is a change of mine."
    assert page.value(page.components.ai_draft.draft_id) == case.prepared.id
    assert page.value(page.components.context.box("indication")) == "cough"
    assert page.value(page.components.review.questions[0]) == "4"
    assert page.value(page.components.review.verdict) == "rejected"
    assert page.components.case is not None
    assert wording.CASE.format(number=case.number, count=case.count) in page.text
    page.open()
    assert wording.CASE_OPEN in page.text
    assert page.value(page.components.report.findings) == "There is a change of mine."


def test_unsaved_work_outlives_the_server(open_study: OpenStudy) -> None:
    """An impression that was committed as well; the case can be saved then, and was opened when it was."""
    folder = open_study(reading=FIRST)
    page = page_of(folder)
    page.open()
    page.write("My own words.")
    page.commit(seconds=20)
    page.write("My own words, and more.")
    case, session = page.session.case, page.session
    assert case is not None
    session.secret = b"s" * 32
    journal = Journal(JournalFiles(folder.path / "sessions", hours=1))
    journal.keep(session)
    app = app_of_study(folder)
    after = Session(key=session.key, secret=session.secret, signed_in=session.signed_in)
    journal.restore(after, app)
    assert after.case is not None
    assert (after.case.first, after.case.first_seconds) == (Report("My own words."), 20)
    assert after.case.opened == case.opened
    assert after.boxes.report == Report("My own words, and more.")
    assert after.lost_study is not None
    assert after.lost_study.number == case.number


def test_what_may_be_undone_and_what_not(page: WalkedStudy) -> None:
    """Another case is not opened over words that are not saved, unless the reader wants them gone; it is the same."""
    to_case(page, draft=True)
    page.write("My own words.")
    number = page.session.case.number if page.session.case else 0
    page.open("open", number=number + 1)
    assert page_wording.UNSAVED in page.text
    page.open()
    assert page.value(page.components.report.findings) == "My own words."
