"""A reader who goes on in another browser finds their words there, and the browser before saves nothing."""

from collections.abc import Callable

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
