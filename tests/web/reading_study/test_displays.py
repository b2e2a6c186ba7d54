"""What stands beside a draft is what its arm shows, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.observation import CHEXPERT, Observation
from clinicalblip.reader_study.design.design import DisplayPart
from clinicalblip.reader_study.drafts.prepared_draft import SentenceEvidence
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.settings import ScoreSettings, Settings
from clinicalblip.web import wording as page_wording
from clinicalblip.web.evidence import evidence_for_page
from clinicalblip.web.scores import score_draft
from clinicalblip.web.served_study import wording
from tests.fixtures.reader_study import ASSISTED, NONE, OFFERED, open_small_study
from tests.fixtures.walked_study import WalkedStudy, app_of_study, enrolled

SCORES = dict.fromkeys(set(CHEXPERT) - {Observation.NO_FINDING}, 0.9) | {Observation.EDEMA: 0.95}
EVIDENCE = (SentenceEvidence("There is an effusion.", (((0.5, 0.0), (0.0, 0.25)),)),)
SETTINGS = Settings(scores=ScoreSettings(shown=True))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StudyFolder]:
    """The small study, each draft with scores and evidence, whatever is shown of them."""
    with open_small_study(tmp_path) as opened:
        drafts = {place: replace(each, scores=SCORES, evidence=EVIDENCE) for place, each in opened.drafts.items()}
        yield replace(opened, drafts=drafts)


Open = Callable[..., WalkedStudy]


@pytest.fixture
def at_draft(folder: StudyFolder) -> Open:
    """A page at the first case with a draft, with these displays under each arm."""

    def come_to(wanted: tuple[str, ...] = (ASSISTED, OFFERED), **show: bool) -> WalkedStudy:
        arms = tuple(arm.model_copy(update={"show": DisplayPart(**show)}) for arm in folder.design.arms)
        app = app_of_study(replace(folder, design=folder.design.model_copy(update={"arms": arms})), SETTINGS)
        page = WalkedStudy(app, enrolled(app))
        page.open()
        while page.session.case is not None and page.session.case.arm.name not in wanted:
            if page.session.case.draft is None:
                page.write("Clear.")
            page.answer_all()
            page.save_case()
            page.open()
        return page

    return come_to


def test_nothing_is_shown_beside_a_draft_by_default(at_draft: Open) -> None:
    """No mark, no figure, no model, no evidence; the prior report is what a reader has anyway."""
    page = at_draft()
    panel = page.value(page.components.ai_draft.text)
    assert wording.DRAFT_NOTE in panel
    assert "cb-sure" not in panel
    assert "cb-offers" not in panel
    assert page.value(page.components.context.box("prior_report")) == "The chest was normal."
    assert not score_draft(page.app, page.session, page.value(page.components.ai_draft.draft_id))
    with pytest.raises(ClinicalBlipError, match=wording.NO_EVIDENCE):
        evidence_for_page(page.app.reporter, page.session, page.value(page.components.ai_draft.draft_id))


def test_the_prior_report_is_hidden_where_the_arm_hides_it(at_draft: Open) -> None:
    """The rest of what is known stays."""
    page = at_draft(prior_report=False)
    assert page.value(page.components.context.box("prior_report")) == ""
    assert page.value(page.components.context.box("indication")) == "cough"


def test_confidence_marks_are_of_the_prepared_scores(at_draft: Open) -> None:
    """Once the page asks, which loads no model; what is not mentioned is another switch."""
    page = at_draft(confidence=True)
    assert score_draft(page.app, page.session, page.value(page.components.ai_draft.draft_id))
    page.compare()
    panel = page.value(page.components.ai_draft.text)
    assert "cb-sure" in panel
    assert page_wording.MODEL_OFFERS["unmentioned"].split(":")[0] not in panel


def test_what_is_not_mentioned_is_listed_where_the_arm_lists_it(at_draft: Open) -> None:
    """Without a mark at any sentence."""
    page = at_draft(not_mentioned=True)
    page.compare()
    panel = page.value(page.components.ai_draft.text)
    assert page_wording.MODEL_OFFERS["unmentioned"].split(":")[0] in panel
    assert "edema, 0.95" in panel
    assert "cb-sure" not in panel


def test_evidence_is_that_which_was_prepared(at_draft: Open) -> None:
    """For the draft of the open case, with a note that names no model."""
    page = at_draft(evidence=True)
    found = evidence_for_page(page.app.reporter, page.session, page.value(page.components.ai_draft.draft_id))
    assert found["films"] == [FilmRole.FRONTAL.value]
    assert found["sentences"] == [{"text": "There is an effusion.", "drops": EVIDENCE[0].drops}]
    assert found["note"] == page_wording.EVIDENCE_NOTE
    with pytest.raises(ClinicalBlipError, match=wording.NO_EVIDENCE):
        evidence_for_page(page.app.reporter, page.session, "a" * 32)


def test_the_model_is_named_where_the_arm_names_it(at_draft: Open) -> None:
    """In the place of the neutral note."""
    page = at_draft((ASSISTED,), model=True)
    assert wording.DRAFT_BY.format(model="predictions") in page.value(page.components.ai_draft.text)


def test_a_report_opens_as_ticks_where_the_arm_has_it_so(at_draft: Open) -> None:
    """The page's script and style go by the case's line."""
    page = at_draft(ticks=True)
    assert page.components.case is not None
    assert 'data-ticks="shown"' in page.value(page.components.case.text)


def test_without_a_draft_nothing_is_asked_of_one(at_draft: Open) -> None:
    """No verdict, no scores, no evidence."""
    page = at_draft((NONE,), confidence=True, evidence=True, ticks=True)
    assert page.components.case is not None
    assert 'data-draft="none"' in page.value(page.components.case.text)
    assert 'data-ticks="none"' in page.value(page.components.case.text)
    assert page.session.report.shown is None
    page.write("The lungs are clear.")
    page.answer_all()
    page.save_case()
    assert page.study.records.readings()[-1].review is None
