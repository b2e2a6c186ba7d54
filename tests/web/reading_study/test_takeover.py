"""A reader who goes on in another browser finds their words there, and the browser before saves nothing."""

from collections.abc import Callable
from html import unescape

import pytest

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.web.access.access import Access
from clinicalblip.web.access.tokens import token_key
from clinicalblip.web.reading_study import cases
from clinicalblip.web.reading_study.panel import form_of
from clinicalblip.web.reading_study.takeover import enter
from clinicalblip.web.served_study import wording
from tests.fixtures.walked_study import WalkedStudy, app_of_study, enrolled


def test_what_was_typed_goes_along(open_study: Callable[..., StudyFolder]) -> None:
    """With its draft and its history; it is saved once, from the new browser."""
    app = app_of_study(open_study())
    object.__setattr__(app, "access", Access(is_study=True))
    assert app.study is not None
    reader = enrolled(app)
    token = enter(app, app.study, reader)
    assert [event.kind for event in app.study.records.events() if event.reader == reader].count(
        EventKind.TOOK_OVER
    ) == 0
    first = WalkedStudy(app, reader, key="first")
    first.session.token_key = token_key(token)
    first.open()
    first.write("Words of the first browser.", "Mine.")
    old = first.session
    enter(app, app.study, reader)
    assert old.is_over
    assert app.access.sign_ins.find(token) is None
    assert app.access.sign_ins.is_replaced(token)
    boxes = tuple(first.all(first.components.form_boxes))
    with pytest.raises(ClinicalBlipError, match=wording.READ_ELSEWHERE.split(",")[0]):
        cases.save_case(app, old, first.value(first.components.ai_draft.draft_id), form_of(boxes), {"sure": 1})
    second = WalkedStudy(app, reader, key="second")
    second.open()
    assert second.value(second.components.report.findings) == "Words of the first browser."
    second.answer_all()
    second.save_case()
    (reading,) = app.study.records.readings()
    assert reading.final.findings == "Words of the first browser."
    assert [event.kind for event in app.study.records.events()].count(EventKind.TOOK_OVER) == 1


def went_on(folder: StudyFolder, words: str) -> WalkedStudy:
    """The page of a second browser, before its case is opened: in the first one this was typed into it."""
    app = app_of_study(folder)
    object.__setattr__(app, "access", Access(is_study=True))
    assert app.study is not None
    reader = enrolled(app)
    first = WalkedStudy(app, reader, key="first")
    first.session.token_key = token_key(enter(app, app.study, reader))
    first.open()
    if words:
        first.write(words, "Mine.")
    enter(app, app.study, reader)
    return WalkedStudy(app, reader, key="second")


def said_of_case(page: WalkedStudy) -> str:
    """What stands above the report: which case it is, and what is to be done."""
    assert page.components.case is not None
    return unescape(str(page.value(page.components.case.text)))


def test_that_words_came_along_is_said_as_the_case_opens(open_study: Callable[..., StudyFolder]) -> None:
    """Before what is to be done; no more on a page that is loaded again, nor of a case that is saved."""
    page = went_on(open_study(), "Words of the first browser.")
    page.open()
    instruction = (
        wording.WRITE_REPORT if page.session.case and page.session.case.draft is None else wording.CORRECT_DRAFT
    )
    assert f'role="status">{wording.CARRIED_OVER} {instruction}<' in said_of_case(page)
    page.reload()
    assert f'role="status">{instruction}<' in said_of_case(page)
    page.answer_all()
    page.save_case()
    assert wording.LOOKING_BACK in said_of_case(page)
    assert wording.CARRIED_OVER not in page.text
    page.open()
    assert wording.CARRIED_OVER not in page.text


def test_an_impression_that_came_along_is_committed_without_saying_so_again(
    open_study: Callable[..., StudyFolder],
) -> None:
    """The sentence goes with the press that commits it."""
    page = went_on(open_study(reading="reading: {readers: 3, reader_first: yes}"), "My own words.")
    page.open()
    assert wording.CARRIED_OVER in said_of_case(page)
    page.commit()
    assert "Your first impression is kept." in said_of_case(page)
    assert wording.CARRIED_OVER not in page.text


def test_nothing_is_said_where_nothing_was_typed(open_study: Callable[..., StudyFolder]) -> None:
    """A draft that stands in the report as it came is no word of the reader's."""
    page = went_on(open_study(), "")
    page.open()
    assert wording.CARRIED_OVER not in page.text


def test_words_of_another_case_do_not_come_along(open_study: Callable[..., StudyFolder]) -> None:
    """A case that was saved elsewhere meanwhile begins nothing."""
    app = app_of_study(open_study())
    object.__setattr__(app, "access", Access(is_study=True))
    assert app.study is not None
    reader = enrolled(app)
    first = WalkedStudy(app, reader, key="first")
    first.session.token_key = token_key(enter(app, app.study, reader))
    first.read()
    enter(app, app.study, reader)
    assert app.study.carried == {}
    second = WalkedStudy(app, reader, key="second")
    second.open()
    assert second.session.case is not None
    assert second.session.case.number == 2
