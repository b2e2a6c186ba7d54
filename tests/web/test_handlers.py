"""The page's handlers as plain functions."""

from dataclasses import replace

import pytest

from clinicalblip.errors import ClinicalBlipError, OutOfMemory, RadiographError, ReviewNotSaved
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import films, handlers, reviews, wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.reviews import Judgement
from clinicalblip.web.session import Slot, Visit
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter

COUGH = ClinicalContext(indication="cough")
RECITED = parse_sections(TEXT)


@pytest.fixture
def visit(desk: Desk, film_bytes: bytes) -> Visit:
    """A visitor who has put in a frontal film."""
    visit = desk.visits.of("a visitor")
    films.load_film(desk, visit, Slot.FRONTAL, film_bytes)
    return visit


def draft(desk: Desk, visit: Visit, final: Report | None = None) -> list[handlers.Progress]:
    """Ask for a draft and have it written."""
    handlers.ask_for_draft(desk, visit, COUGH)
    return list(handlers.write_draft(desk, visit, COUGH, final or Report()))


def judge(final: Report = RECITED, **changes: object) -> Judgement:
    """A complete judgement."""
    return replace(Judgement(final, 4, Verdict.MINOR_EDITS), **changes)  # type: ignore[arg-type]


def test_the_draft_reaches_the_boxes_and_is_kept(desk: Desk, visit: Visit) -> None:
    """The last step has the draft, and the boxes were told to follow it."""
    steps = draft(desk, visit)
    assert steps[-1].drafted is visit.shown is not None
    assert steps[-1].report == visit.filled == RECITED
    assert all(step.fill for step in steps)


def test_the_model_gets_film_and_context_and_nothing_else(
    desk: Desk, visit: Visit, reporter: ScriptedReporter, film_bytes: bytes
) -> None:
    """Frontal, lateral and prior reach the reporter in this order, with what is known."""
    films.load_film(desk, visit, Slot.PRIOR, film_bytes)
    films.load_film(desk, visit, Slot.LATERAL, film_bytes)
    draft(desk, visit)
    assert [film.view for film in reporter.radiographs[0]] == [View.FRONTAL, View.LATERAL, View.UNKNOWN]
    assert reporter.contexts == [COUGH]


def test_edits_are_not_overwritten_by_a_second_draft(desk: Desk, visit: Visit) -> None:
    """A second draft leaves edited boxes alone, and the new draft can be taken and given back."""
    draft(desk, visit)
    edited = Report("my own words", "mine")
    steps = draft(desk, visit, edited)
    assert not any(step.fill for step in steps)
    assert handlers.use_draft(visit, edited) == RECITED
    assert handlers.restore_text(visit) == edited
    assert handlers.restore_text(visit) is None


def test_without_a_film_nothing_is_asked(desk: Desk) -> None:
    """No frontal film: one sentence, and the visitor is not left waiting."""
    visit = desk.visits.of("nobody")
    with pytest.raises(RadiographError, match="frontal film"):
        handlers.ask_for_draft(desk, visit, COUGH)
    assert not visit.busy


def test_an_unreadable_film_leaves_the_one_before(desk: Desk, visit: Visit) -> None:
    """A broken upload does not take the good film away."""
    before = visit.films[Slot.FRONTAL]
    with pytest.raises(RadiographError):
        films.load_film(desk, visit, Slot.FRONTAL, b"not a film")
    assert visit.films[Slot.FRONTAL] is before


def test_a_long_text_is_refused_with_its_name_and_length(desk: Desk, visit: Visit) -> None:
    """The sentence says which text, how long it is and how long it may be."""
    with pytest.raises(ClinicalBlipError, match=r"Indication has 100,000 characters; up to 2,000"):
        handlers.ask_for_draft(desk, visit, ClinicalContext(indication="x" * 100_000))


def test_a_second_click_does_not_disturb_the_first(desk: Desk, visit: Visit) -> None:
    """While a draft is written another is refused, and the first one ends as if nothing had happened."""
    handlers.ask_for_draft(desk, visit, COUGH)
    steps = handlers.write_draft(desk, visit, COUGH, Report())
    next(steps)
    with pytest.raises(ClinicalBlipError, match="already being written"):
        handlers.ask_for_draft(desk, visit, COUGH)
    assert list(steps)[-1].report == RECITED
    assert not visit.busy


def test_stop_keeps_what_is_there(desk: Desk, visit: Visit, reporter: ScriptedReporter) -> None:
    """Stop ends the generation itself; the words so far become the draft."""
    reporter.seconds_per_word = 0.1
    handlers.ask_for_draft(desk, visit, COUGH)
    steps = handlers.write_draft(desk, visit, COUGH, Report())
    while next(steps).words < 2:
        pass
    handlers.stop_draft(visit)
    last = list(steps)[-1]
    assert last.drafted is not None
    assert last.drafted.draft.stopped
    assert 2 <= last.words < len(TEXT.split())
    assert RECITED.findings.startswith(last.report.findings)


def test_stop_in_the_line_never_reaches_the_model(desk: Desk, visit: Visit, reporter: ScriptedReporter) -> None:
    """Who stops while waiting takes nobody's time, and can ask again."""
    handlers.ask_for_draft(desk, visit, COUGH)
    handlers.stop_draft(visit)
    assert list(handlers.write_draft(desk, visit, COUGH, Report())) == []
    assert reporter.contexts == []
    assert draft(desk, visit)[-1].report == RECITED


def test_a_failure_in_the_middle_lets_the_visitor_go_on(desk: Desk, visit: Visit, reporter: ScriptedReporter) -> None:
    """What the model raises arrives; there is no draft of it, the desk works and the next draft succeeds."""
    reporter.failure, reporter.fails_after = OutOfMemory("The draft did not fit in memory; close something."), 3
    with pytest.raises(OutOfMemory):
        draft(desk, visit)
    assert visit.shown is None
    assert visit.filled.empty
    assert reporter.active == 0
    reporter.failure = None
    assert draft(desk, visit)[-1].report == RECITED


def test_a_page_closed_in_the_middle_frees_the_model(desk: Desk, visit: Visit, reporter: ScriptedReporter) -> None:
    """When the page no longer listens, the reporter is closed."""
    handlers.ask_for_draft(desk, visit, COUGH)
    steps = handlers.write_draft(desk, visit, COUGH, Report())
    next(steps)
    next(steps)
    assert reporter.active == 1
    steps.close()  # type: ignore[attr-defined]
    assert reporter.active == 0
    assert not visit.busy


def test_a_full_line_is_said(desk: Desk, film_bytes: bytes) -> None:
    """With two readers waiting, which is the limit here, a third is told; the number before them is right."""
    before = []
    for name in ("one", "two"):
        visit = desk.visits.of(name)
        films.load_film(desk, visit, Slot.FRONTAL, film_bytes)
        before.append(handlers.ask_for_draft(desk, visit, COUGH))
    third = desk.visits.of("three")
    films.load_film(desk, third, Slot.FRONTAL, film_bytes)
    with pytest.raises(ClinicalBlipError, match="2 readers are waiting"):
        handlers.ask_for_draft(desk, third, COUGH)
    assert before == [0, 1]
    one, two = desk.visits.of("one"), desk.visits.of("two")
    handlers.give_up(one)
    assert desk.visits.before(two) == 0


def test_a_saved_review_is_on_disk(desk: Desk, visit: Visit) -> None:
    """The id names a row with the ratings and the number of edited words, and without consent no words."""
    draft(desk, visit)
    assert visit.shown is not None
    final = replace(RECITED, impression="No acute finding in the chest today.")
    identifier = reviews.save_review(desk, visit.shown, judge(final))
    (row,) = desk.store.reviews()
    assert row.id == identifier
    assert (row.overall, row.verdict, row.words_added, row.words_removed) == (4, Verdict.MINOR_EDITS, 1, 0)
    assert row.texts is None


def test_with_consent_the_texts_are_kept(desk: Desk, visit: Visit) -> None:
    """Draft, final, reference, context and comment lie in the row."""
    draft(desk, visit)
    assert visit.shown is not None
    reference = Report("reference findings", "reference impression")
    reviews.save_review(desk, visit.shown, judge(consent=True, reference=reference, comment="good"))
    (row,) = desk.store.reviews()
    assert row.texts is not None
    assert (row.texts.draft, row.texts.final, row.texts.reference) == (RECITED, RECITED, reference)
    assert (row.texts.context, row.texts.comment) == (COUGH, "good")


def test_saving_again_replaces_only_after_a_change(desk: Desk, visit: Visit) -> None:
    """The same judgement twice is one row; a changed one is a second row that names the first."""
    draft(desk, visit)
    first = reviews.review_shown(desk, visit, judge())
    again = reviews.review_shown(desk, visit, judge())
    changed = reviews.review_shown(desk, visit, judge(overall=2))
    one, two = desk.store.reviews()
    assert first == wording.SAVED.format(id=one.id)
    assert again == wording.SAVED_BEFORE.format(id=one.id)
    assert changed == wording.SAVED_AGAIN.format(id=two.id, replaces=one.id)
    assert two.replaces == one.id


@pytest.mark.parametrize("missing", [{"overall": None}, {"verdict": None}])
def test_a_review_needs_both_ratings(desk: Desk, visit: Visit, missing: dict[str, None]) -> None:
    """Without a rating nothing is stored."""
    draft(desk, visit)
    with pytest.raises(ReviewNotSaved, match="rating"):
        reviews.review_shown(desk, visit, judge(**missing))
    assert list(desk.store.reviews()) == []


def test_a_review_needs_a_draft(desk: Desk, visit: Visit) -> None:
    """Nothing drafted, nothing to review."""
    with pytest.raises(ReviewNotSaved, match="no AI draft"):
        reviews.review_shown(desk, visit, judge())


def test_a_new_study_asks_before_it_discards(desk: Desk, visit: Visit) -> None:
    """An unsaved report is discarded only at the second press; a saved one at the first."""
    draft(desk, visit)
    edited = Report("mine", "")
    assert not handlers.start_again(visit, edited)
    assert Slot.FRONTAL in visit.films
    assert handlers.start_again(visit, edited)
    assert visit.films == {}
    assert visit.shown is None


def test_a_saved_report_is_not_asked_about(desk: Desk, visit: Visit) -> None:
    """After saving, a new study starts at the first press."""
    draft(desk, visit)
    edited = Report("mine", "")
    reviews.review_shown(desk, visit, judge(edited))
    assert handlers.start_again(visit, edited)


def test_every_sample_case_can_be_drafted(desk: Desk) -> None:
    """Each case's film reads, and its reference never reaches the reporter."""
    assert desk.cases
    for case_id in desk.cases:
        visit = desk.visits.of(case_id)
        case = films.load_case(desk, visit, case_id)
        assert Slot.FRONTAL in visit.films
        assert not case.reference.empty
        assert case.reference.findings not in vars(case.context).values()


def test_an_unknown_case_is_one_sentence(desk: Desk) -> None:
    """A forged name of a case reaches no file."""
    with pytest.raises(ClinicalBlipError, match="no sample case"):
        films.load_case(desk, desk.visits.of("x"), "../../etc/passwd")
