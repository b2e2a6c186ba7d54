"""The page's handlers as plain functions."""

from dataclasses import replace

import pytest

from clinicalblip.errors import ClinicalBlipError, OutOfMemory, RadiographError, ReviewNotSaved
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import films, handlers, reviews, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter

COUGH = ClinicalContext(indication="cough")
RECITED = parse_sections(TEXT)


@pytest.fixture
def session(app: AppContext, film_bytes: bytes) -> Session:
    """A session with a frontal film."""
    session = app.sessions.of("a visitor")
    films.load_film(app, session, FilmRole.FRONTAL, film_bytes)
    return session


def draft(app: AppContext, session: Session, final: Report | None = None) -> list[handlers.DraftProgress]:
    """Ask for a draft and have it written."""
    handlers.request_draft(app, session, COUGH)
    return list(handlers.stream_draft(app, session, final or Report()))


def save(app: AppContext, session: Session, form: ReviewForm) -> str:
    """Save a review of the draft that the page shows."""
    shown = session.report.shown
    return reviews.review_shown(app, session, shown.id if shown else "", form)


def judge(final: Report = RECITED, **changes: object) -> ReviewForm:
    """A complete review form."""
    return replace(ReviewForm(final, 4, Verdict.MINOR_EDITS), **changes)  # type: ignore[arg-type]


def test_the_draft_reaches_the_boxes_and_is_kept(app: AppContext, session: Session) -> None:
    """The last step has the draft, and the boxes follow it."""
    steps = draft(app, session)
    assert steps[-1].finished is session.report.shown is not None
    assert steps[-1].report == session.report.filled == RECITED
    assert all(step.fill for step in steps)


def test_the_model_gets_film_and_context_and_nothing_else(
    app: AppContext, session: Session, reporter: ScriptedReporter, film_bytes: bytes
) -> None:
    """Frontal, lateral and prior reach the reporter in this order, with the clinical context."""
    films.load_film(app, session, FilmRole.PRIOR, film_bytes)
    films.load_film(app, session, FilmRole.LATERAL, film_bytes)
    draft(app, session)
    assert [film.view for film in reporter.radiographs[0]] == [View.FRONTAL, View.LATERAL, View.UNKNOWN]
    assert reporter.contexts == [COUGH]


def test_edits_are_not_overwritten_by_a_second_draft(app: AppContext, session: Session) -> None:
    """A second draft leaves edited boxes alone; it can be put into them, and the edits restored."""
    draft(app, session)
    edited = Report("my own words", "mine")
    steps = draft(app, session, edited)
    assert not any(step.fill for step in steps)
    assert session.report.shown is not None
    assert handlers.use_draft(session, session.report.shown.id, edited) == RECITED
    assert handlers.restore_text(session) == edited
    assert handlers.restore_text(session) is None


def test_without_a_film_nothing_is_asked(app: AppContext) -> None:
    """Without a frontal film: one sentence, and the session does not wait."""
    session = app.sessions.of("nobody")
    with pytest.raises(RadiographError, match="frontal film"):
        handlers.request_draft(app, session, COUGH)
    assert not session.draft.busy


def test_an_unreadable_film_leaves_the_one_before(app: AppContext, session: Session) -> None:
    """A broken upload does not take the good film away."""
    before = session.films[FilmRole.FRONTAL]
    with pytest.raises(RadiographError):
        films.load_film(app, session, FilmRole.FRONTAL, b"not a film")
    assert session.films[FilmRole.FRONTAL] is before


def test_a_long_text_is_refused_with_its_name_and_length(app: AppContext, session: Session) -> None:
    """The sentence says which text, how long it is and how long it may be."""
    with pytest.raises(ClinicalBlipError, match=r"Indication has 100,000 characters; up to 2,000"):
        handlers.request_draft(app, session, ClinicalContext(indication="x" * 100_000))


def test_a_second_click_does_not_disturb_the_first(app: AppContext, session: Session) -> None:
    """While a draft is written another is refused, and the first one ends as if nothing had happened."""
    handlers.request_draft(app, session, COUGH)
    steps = handlers.stream_draft(app, session, Report())
    next(steps)
    with pytest.raises(ClinicalBlipError, match="already being written"):
        handlers.request_draft(app, session, COUGH)
    assert list(steps)[-1].report == RECITED
    assert not session.draft.busy


def test_stop_keeps_what_is_there(app: AppContext, session: Session, reporter: ScriptedReporter) -> None:
    """Stop ends the generation itself; the words so far become the draft."""
    reporter.seconds_per_word = 0.1
    handlers.request_draft(app, session, COUGH)
    steps = handlers.stream_draft(app, session, Report())
    while next(steps).words < 2:
        pass
    handlers.stop_draft(session)
    last = list(steps)[-1]
    assert last.finished is not None
    assert last.finished.draft.stopped
    assert 2 <= last.words < len(TEXT.split())
    assert RECITED.findings.startswith(last.report.findings)


def test_a_draft_stopped_in_line_never_reaches_the_model(
    app: AppContext, session: Session, reporter: ScriptedReporter
) -> None:
    """The reporter is not asked, and the session can ask again."""
    handlers.request_draft(app, session, COUGH)
    handlers.stop_draft(session)
    assert list(handlers.stream_draft(app, session, Report())) == []
    assert reporter.contexts == []
    assert draft(app, session)[-1].report == RECITED


def test_a_failure_in_the_middle_lets_the_session_draft_again(
    app: AppContext, session: Session, reporter: ScriptedReporter
) -> None:
    """What the model raises arrives; there is no draft of it, the page works and the next draft succeeds."""
    reporter.failure, reporter.fails_after = OutOfMemory("The draft did not fit in memory; close something."), 3
    with pytest.raises(OutOfMemory):
        draft(app, session)
    assert session.report.shown is None
    assert session.report.filled.empty
    assert reporter.active == 0
    reporter.failure = None
    assert draft(app, session)[-1].report == RECITED


def test_a_page_closed_in_the_middle_frees_the_model(
    app: AppContext, session: Session, reporter: ScriptedReporter
) -> None:
    """When the page no longer listens, the reporter is closed."""
    handlers.request_draft(app, session, COUGH)
    steps = handlers.stream_draft(app, session, Report())
    next(steps)
    next(steps)
    assert reporter.active == 1
    steps.close()  # type: ignore[attr-defined]
    assert reporter.active == 0
    assert not session.draft.busy


def test_a_full_line_is_said(app: AppContext, film_bytes: bytes) -> None:
    """With two readers waiting, which is the limit here, a third is refused; each learns how many are ahead."""
    before = []
    for name in ("one", "two"):
        session = app.sessions.of(name)
        films.load_film(app, session, FilmRole.FRONTAL, film_bytes)
        before.append(handlers.request_draft(app, session, COUGH))
    third = app.sessions.of("three")
    films.load_film(app, third, FilmRole.FRONTAL, film_bytes)
    with pytest.raises(ClinicalBlipError, match="line for the model is full"):
        handlers.request_draft(app, third, COUGH)
    assert before == [0, 1]
    one, two = app.sessions.of("one"), app.sessions.of("two")
    handlers.leave_queue(one)
    assert app.sessions.ahead_of(two) == 0


def test_a_saved_review_is_on_disk(app: AppContext, session: Session) -> None:
    """The id names a row with the ratings and the number of edited words, and without consent no words."""
    draft(app, session)
    assert session.report.shown is not None
    final = replace(RECITED, impression="No acute finding in the chest today.")
    identifier = reviews.save_review(app, session.report.shown, judge(final))
    (row,) = app.store.reviews()
    assert row.id == identifier
    assert (row.overall, row.verdict, row.words_added, row.words_removed) == (4, Verdict.MINOR_EDITS, 1, 0)
    assert row.texts is None


def test_with_consent_the_texts_are_kept(app: AppContext, session: Session) -> None:
    """Draft, final, reference, context and comment lie in the row."""
    draft(app, session)
    assert session.report.shown is not None
    reference = Report("reference findings", "reference impression")
    reviews.save_review(app, session.report.shown, judge(consent=True, reference=reference, comment="good"))
    (row,) = app.store.reviews()
    assert row.texts is not None
    assert (row.texts.draft, row.texts.final, row.texts.reference) == (RECITED, RECITED, reference)
    assert (row.texts.context, row.texts.comment) == (COUGH, "good")


def test_saving_again_replaces_only_after_a_change(app: AppContext, session: Session) -> None:
    """The same review twice is one row; a changed one is a second row that names the first."""
    draft(app, session)
    first = save(app, session, judge())
    again = save(app, session, judge())
    changed = save(app, session, judge(overall=2))
    one, two = app.store.reviews()
    assert first == wording.SAVED.format(id=one.id)
    assert again == wording.SAVED_BEFORE.format(id=one.id)
    assert changed == wording.SAVED_AGAIN.format(id=two.id, replaces=one.id)
    assert two.replaces == one.id


@pytest.mark.parametrize("missing", [{"overall": None}, {"verdict": None}])
def test_a_review_needs_both_ratings(app: AppContext, session: Session, missing: dict[str, None]) -> None:
    """Without a rating nothing is stored."""
    draft(app, session)
    with pytest.raises(ReviewNotSaved, match="rating"):
        save(app, session, judge(**missing))
    assert list(app.store.reviews()) == []


def test_a_review_needs_a_draft(app: AppContext, session: Session) -> None:
    """Nothing drafted, nothing to review."""
    with pytest.raises(ClinicalBlipError, match="no AI draft"):
        save(app, session, judge())


@pytest.mark.parametrize(
    "work",
    [
        ReviewForm(Report("mine", "")),
        ReviewForm(RECITED, overall=3),
        ReviewForm(RECITED, verdict=Verdict.REJECTED),
        ReviewForm(RECITED, comment="wrong side"),
        ReviewForm(RECITED, reference=Report("pasted")),
    ],
    ids=["edits", "rating", "verdict", "comment", "reference"],
)
def test_unsaved_work_is_not_discarded_unasked(app: AppContext, session: Session, work: ReviewForm) -> None:
    """Edits, ratings, a comment and a pasted reference are refused to go, however often it is pressed."""
    draft(app, session)
    for _ in range(2):
        with pytest.raises(ClinicalBlipError, match="not saved"):
            handlers.refuse_to_discard(session, work)
    with pytest.raises(ClinicalBlipError, match="not saved"):
        handlers.refuse_to_discard(session, work, FilmRole.LATERAL)
    handlers.start_new_study(session)
    assert session.films == {}
    assert session.report.shown is None


def test_an_untouched_draft_and_a_saved_report_may_go(app: AppContext, session: Session) -> None:
    """Nothing is asked where everything is the machine's, or as it was saved; one more word, and it is asked."""
    handlers.refuse_to_discard(session, ReviewForm())
    draft(app, session)
    handlers.refuse_to_discard(session, ReviewForm(RECITED))
    save(app, session, judge(Report("mine", ""), comment="good"))
    handlers.refuse_to_discard(session, judge(Report(" mine", ""), comment="good"))
    with pytest.raises(ClinicalBlipError, match="not saved"):
        handlers.refuse_to_discard(session, judge(Report("mine too", ""), comment="good"))


def test_a_text_typed_before_any_film_does_not_keep_films_out(app: AppContext) -> None:
    """The first film takes nothing away; one that replaces another would."""
    session = app.sessions.of("x")
    typed = ReviewForm(Report("mine"))
    handlers.refuse_to_discard(session, typed, FilmRole.FRONTAL)
    films.load_case(app, session, next(iter(app.cases)))
    with pytest.raises(ClinicalBlipError, match="not saved"):
        handlers.refuse_to_discard(session, typed, FilmRole.FRONTAL)


def test_every_sample_case_can_be_drafted(app: AppContext) -> None:
    """Each case's film reads, and its reference never reaches the reporter."""
    assert app.cases
    for case_id in app.cases:
        session = app.sessions.of(case_id)
        case, _change = films.load_case(app, session, case_id)
        assert FilmRole.FRONTAL in session.films
        assert not case.reference.empty
        assert case.reference.findings not in vars(case.context).values()


def test_an_unknown_case_is_one_sentence(app: AppContext) -> None:
    """A forged name of a case reaches no file."""
    with pytest.raises(ClinicalBlipError, match="no sample case"):
        films.load_case(app, app.sessions.of("x"), "../../etc/passwd")
