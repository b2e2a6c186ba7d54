"""Texts that may identify a person are asked about before a draft is made of them and before they are kept."""

from dataclasses import replace

import pytest

from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiAction
from clinicalblip.settings import PrivacySettings
from clinicalblip.web import films, handlers, reviews
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session
from clinicalblip.web.view import html
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter

NAMED = ClinicalContext(indication="cough, seen by Dr. Zebraname", history="Phone: 555-123-4567")
WORDS = ("Zebraname", "555-123-4567")


@pytest.fixture
def session(app: AppContext, film_bytes: bytes) -> Session:
    """A session with a frontal film."""
    session = app.sessions.of("a visitor")
    films.load_film(app, session, FilmRole.FRONTAL, film_bytes)
    return session


def drafted(app: AppContext, session: Session, context: ClinicalContext) -> FinishedDraft:
    """Have a draft written from this context, whatever it names."""
    handlers.use_as_is(app, session, context)
    handlers.request_draft(app, session, context)
    list(handlers.stream_draft(app, session, Report()))
    assert session.report.shown is not None
    return session.report.shown


def judge(**changes: object) -> ReviewForm:
    """A complete review form with consent."""
    return replace(ReviewForm(Report("clear"), 4, Verdict.MINOR_EDITS, consent=True), **changes)  # type: ignore[arg-type]


def test_a_named_person_is_refused_by_kind_and_box_and_not_by_words(app: AppContext, session: Session) -> None:
    """The sentence says what was found where, and the session does not wait for the model."""
    with pytest.raises(IdentifiableText) as refused:
        handlers.request_draft(app, session, NAMED)
    said = str(refused.value)
    assert "name in Indication; phone number in History" in said
    assert not any(word in said for word in WORDS)
    assert not session.draft.busy


def test_a_text_used_as_it_is_is_remembered_exactly(
    app: AppContext, session: Session, reporter: ScriptedReporter
) -> None:
    """Used as it is when the reader says so; another word typed to it, and it is asked about again."""
    drafted(app, session, NAMED)
    assert reporter.contexts == [NAMED]
    with pytest.raises(IdentifiableText, match="Indication"):
        handlers.request_draft(app, session, replace(NAMED, indication=f"{NAMED.indication} today"))


def test_masked_texts_are_not_asked_about(app: AppContext, session: Session) -> None:
    """What the page masked has no name left, and is drafted from."""
    context = phi.mask_context(NAMED)
    assert not any(word in str(context) for word in WORDS)
    handlers.request_draft(app, session, context)
    assert session.draft.request is not None
    assert session.draft.request.context == context


def test_nothing_is_checked_where_the_settings_say_so(app: AppContext, session: Session) -> None:
    """With privacy.check_texts off the context is used as it is."""
    settings = app.settings.model_copy(update={"privacy": PrivacySettings(check_texts=False)})
    handlers.request_draft(replace(app, settings=settings), session, NAMED)


def test_without_consent_a_save_asks_nothing(app: AppContext, session: Session) -> None:
    """Texts that are not kept are not searched."""
    shown = drafted(app, session, NAMED)
    assert reviews.save_review(app, shown, judge(consent=False, comment="Dr. Zebraname"))


def test_texts_to_be_kept_are_asked_about(app: AppContext, session: Session) -> None:
    """With consent: context, report, reference and comment; that a text was used for a draft does not keep it."""
    shown = drafted(app, session, NAMED)
    form = judge(comment="Dr. Zebraname called", reference=Report("Told to Dr. Zebraname."))
    with pytest.raises(IdentifiableText) as refused:
        reviews.save_review(app, shown, form)
    for label in ("Indication", "History", "Comment", "Reference findings"):
        assert label in str(refused.value)
    assert list(app.store.reviews()) == []


def test_masked_review_keeps_no_name_anywhere(app: AppContext, session: Session, reporter: ScriptedReporter) -> None:
    """Context, prompt, draft, report, reference and comment: what is kept names nobody; saving again asks nothing."""
    reporter.text = f"{TEXT} Dr. Zebraname was told."
    shown = drafted(app, session, NAMED)
    shown.draft = replace(shown.draft, prompt=f"Indication: {NAMED.indication}\nHistory: {NAMED.history}")
    form = judge(final=shown.draft.report, comment="Dr. Zebraname", reference=Report("Dr. Zebraname"))
    reviews.save_review(app, shown, form, PhiAction.MASK)
    (row,) = app.store.reviews()
    assert row.texts is not None
    assert "[name]" in row.texts.comment
    assert not any(word in str(row) for word in WORDS)
    assert "Zebraname" in shown.draft.report.text  # the machine's draft itself never changes
    reviews.save_review(app, shown, replace(reviews.mask_form(form), overall=2))
    assert not any(word in str(row) for row in app.store.reviews() for word in WORDS)


def test_kept_as_they_are_on_the_readers_word(app: AppContext, session: Session) -> None:
    """What the reader wants kept is kept, and the same texts are not asked about a second time."""
    shown = drafted(app, session, NAMED)
    reviews.save_review(app, shown, judge(), PhiAction.KEEP)
    reviews.save_review(app, shown, judge(overall=2))
    one, two = app.store.reviews()
    assert one.texts is not None
    assert one.texts.context == NAMED
    assert two.replaces == one.id


def test_a_new_study_forgets_what_was_allowed(app: AppContext, session: Session) -> None:
    """What may be used as it is belongs to this study."""
    drafted(app, session, NAMED)
    handlers.start_new_study(session)
    assert session.used_as_is == set()
    assert session.draft.request is None


def test_the_panel_shows_the_words_where_they_stand() -> None:
    """Each place with its kind and what is around it; a text without any has no panel."""
    naming = phi.find_phi({"Indication": NAMED.indication, "History": "smoker"})
    markup = html.phi_panel(naming, title="T")
    assert "<mark>Zebraname</mark>" in markup
    assert "seen by Dr. " in markup
    assert "History" not in markup
    assert html.phi_panel((), title="T") == ""
