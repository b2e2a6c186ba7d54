"""What is typed is looked through for what names somebody, before a draft is made of it and before it is kept."""

from dataclasses import replace

import pytest

from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiAction
from clinicalblip.settings import PrivacySettings
from clinicalblip.web import films, handlers, reviews
from clinicalblip.web.app_context import Desk
from clinicalblip.web.reviews import Judgement
from clinicalblip.web.session import Drafted, Slot, Visit
from clinicalblip.web.view import html
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter

NAMED = ClinicalContext(indication="cough, seen by Dr. Zebraname", history="Phone: 555-123-4567")
WORDS = ("Zebraname", "555-123-4567")


@pytest.fixture
def visit(desk: Desk, film_bytes: bytes) -> Visit:
    """A visitor who has put in a frontal film."""
    visit = desk.visits.of("a visitor")
    films.load_film(desk, visit, Slot.FRONTAL, film_bytes)
    return visit


def drafted(desk: Desk, visit: Visit, context: ClinicalContext) -> Drafted:
    """Have a draft written from this context, whatever it names."""
    handlers.use_as_is(desk, visit, context)
    handlers.ask_for_draft(desk, visit, context)
    list(handlers.write_draft(desk, visit, visit.context, Report()))
    assert visit.shown is not None
    return visit.shown


def judge(**changes: object) -> Judgement:
    """A complete judgement with consent."""
    return replace(Judgement(Report("clear"), 4, Verdict.MINOR_EDITS, consent=True), **changes)  # type: ignore[arg-type]


def test_a_named_person_is_refused_by_kind_and_box_and_not_by_words(desk: Desk, visit: Visit) -> None:
    """The sentence says what was found where; nobody waits for the model then."""
    with pytest.raises(IdentifiableText) as refused:
        handlers.ask_for_draft(desk, visit, NAMED)
    said = str(refused.value)
    assert "name in Indication; phone number in History" in said
    assert not any(word in said for word in WORDS)
    assert not visit.busy


def test_the_readers_word_holds_for_exactly_that_text(desk: Desk, visit: Visit, reporter: ScriptedReporter) -> None:
    """Used as it is when the reader says so; another word typed to it, and it is asked about again."""
    drafted(desk, visit, NAMED)
    assert reporter.contexts == [NAMED]
    with pytest.raises(IdentifiableText, match="Indication"):
        handlers.ask_for_draft(desk, visit, replace(NAMED, indication=f"{NAMED.indication} today"))


def test_masked_texts_are_not_asked_about(desk: Desk, visit: Visit) -> None:
    """What the page masked has no name left, and is drafted from."""
    context = phi.mask_context(NAMED)
    assert not any(word in str(context) for word in WORDS)
    handlers.ask_for_draft(desk, visit, context)
    assert visit.context == context


def test_nothing_is_checked_where_the_settings_say_so(desk: Desk, visit: Visit) -> None:
    """With privacy.check_texts off the context is used as it is."""
    settings = desk.settings.model_copy(update={"privacy": PrivacySettings(check_texts=False)})
    handlers.ask_for_draft(replace(desk, settings=settings), visit, NAMED)


def test_without_consent_a_save_asks_nothing(desk: Desk, visit: Visit) -> None:
    """Texts that are not kept are nobody's business."""
    shown = drafted(desk, visit, NAMED)
    assert reviews.save_review(desk, shown, judge(consent=False, comment="Dr. Zebraname"))


def test_texts_to_be_kept_are_asked_about(desk: Desk, visit: Visit) -> None:
    """With consent: context, report, reference and comment; that a text was used for a draft does not keep it."""
    shown = drafted(desk, visit, NAMED)
    judgement = judge(comment="Dr. Zebraname called", reference=Report("Told to Dr. Zebraname."))
    with pytest.raises(IdentifiableText) as refused:
        reviews.save_review(desk, shown, judgement)
    for label in ("Indication", "History", "Comment", "Reference findings"):
        assert label in str(refused.value)
    assert list(desk.store.reviews()) == []


def test_masked_review_keeps_no_name_anywhere(desk: Desk, visit: Visit, reporter: ScriptedReporter) -> None:
    """Context, prompt, draft, report, reference and comment: what is kept names nobody; saving again asks nothing."""
    reporter.text = f"{TEXT} Dr. Zebraname was told."
    shown = drafted(desk, visit, NAMED)
    shown.draft = replace(shown.draft, prompt=f"Indication: {NAMED.indication}\nHistory: {NAMED.history}")
    judgement = judge(final=shown.draft.report, comment="Dr. Zebraname", reference=Report("Dr. Zebraname"))
    reviews.save_review(desk, shown, judgement, PhiAction.MASK)
    (row,) = desk.store.reviews()
    assert row.texts is not None
    assert "[name]" in row.texts.comment
    assert not any(word in str(row) for word in WORDS)
    assert "Zebraname" in shown.draft.report.text  # the machine's draft itself never changes
    reviews.save_review(desk, shown, replace(reviews.masked_judgement(judgement), overall=2))
    assert not any(word in str(row) for row in desk.store.reviews() for word in WORDS)


def test_kept_as_they_are_on_the_readers_word(desk: Desk, visit: Visit) -> None:
    """What the reader wants kept is kept, and the same texts are not asked about a second time."""
    shown = drafted(desk, visit, NAMED)
    reviews.save_review(desk, shown, judge(), PhiAction.KEEP)
    reviews.save_review(desk, shown, judge(overall=2))
    one, two = desk.store.reviews()
    assert one.texts is not None
    assert one.texts.context == NAMED
    assert two.replaces == one.id


def test_a_new_study_forgets_what_was_allowed(desk: Desk, visit: Visit) -> None:
    """The reader's word is about this examination."""
    drafted(desk, visit, NAMED)
    handlers.start_again(visit, Report())
    assert visit.used_as_is == set()
    assert visit.context == ClinicalContext()


def test_the_panel_shows_the_words_where_they_stand() -> None:
    """Each place with its kind and what is around it; a text without any has no panel."""
    naming = phi.find_phi({"Indication": NAMED.indication, "History": "smoker"})
    markup = html.naming(naming, title="T")
    assert "<mark>Zebraname</mark>" in markup
    assert "seen by Dr. " in markup
    assert "History" not in markup
    assert html.naming((), title="T") == ""
