"""The page's handlers as plain functions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from clinicalblip.errors import ClinicalBlipError, OutOfMemory, Overloaded, RadiographError, ReviewNotSaved
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import films, handlers, reviews, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.listed_studies import open_study
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


def test_what_was_typed_while_a_draft_was_in_line_is_not_replaced(app: AppContext, session: Session) -> None:
    """The page sent its boxes as it asked; what was typed since is on the server."""
    draft(app, session)
    handlers.request_draft(app, session, COUGH)
    session.boxes.take({"impression": "mine"}, 1, most_characters=100)
    assert not any(step.fill for step in handlers.stream_draft(app, session, RECITED))
    assert session.boxes.report.impression == "mine"


def test_one_review_saved_by_two_pages_at_once_is_one(app: AppContext, session: Session) -> None:
    """Of one session, however often and from wherever; both are told the same id."""
    draft(app, session)
    form = judge(Report("mine"), consent=True)
    with ThreadPoolExecutor(8) as threads:
        said = set(threads.map(lambda _: save(app, session, form), range(8)))
    (review,) = app.store.reviews()
    assert said == {wording.SAVED.format(id=review.id), wording.SAVED_BEFORE.format(id=review.id)}


def test_undo_brings_back_what_a_draft_took_the_place_of(app: AppContext, session: Session) -> None:
    """All of it as it stood when the button was pressed."""
    draft(app, session)
    edited = Report("my own words", "mine")
    assert session.report.shown is not None
    handlers.use_draft(session, session.report.shown.id, edited)
    assert session.boxes.report == RECITED
    assert session.boxes.step(1, redo=False)
    assert session.boxes.report == edited


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


def test_a_draft_goes_on_while_nobody_follows_it(app: AppContext, session: Session, reporter: ScriptedReporter) -> None:
    """When the page no longer listens the draft is written on, can be followed again, and ends where it is stopped."""
    reporter.seconds_per_word = 0.08
    handlers.request_draft(app, session, COUGH)
    steps = handlers.stream_draft(app, session, Report())
    next(steps)
    next(steps)
    assert reporter.active == 1
    steps.close()  # type: ignore[attr-defined]
    assert reporter.active == 1
    again = handlers.stream_draft(app, session, Report())
    assert next(again).finished is None
    session.draft.stop.set()
    last = list(again)[-1]
    assert last.finished is not None
    assert last.finished.draft.stopped
    assert reporter.active == 0
    assert len(reporter.contexts) == 1
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


def test_a_place_in_line_that_nobody_comes_for_is_free_again(
    app: AppContext, film_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who asked and are not heard of keep out nobody; who is heard of keeps the place, and who is not is told."""
    now = [1000.0]
    monkeypatch.setattr("clinicalblip.web.drafts.time.monotonic", lambda: now[0])
    waiting = {name: app.sessions.of(name) for name in ("heard", "silent", "third")}
    for name in waiting:
        films.load_film(app, waiting[name], FilmRole.FRONTAL, film_bytes)
    for name in ("heard", "silent"):
        handlers.request_draft(app, waiting[name], COUGH)
    waiting["heard"].draft.keep_place()
    now[0] += 11
    assert app.sessions.waiting() == 1
    assert handlers.request_draft(app, waiting["third"], COUGH) == 1
    with pytest.raises(Overloaded, match="was lost"):
        list(handlers.stream_draft(app, waiting["silent"], Report()))
    assert not list(handlers.stream_draft(app, waiting["silent"], Report()))
    assert list(handlers.stream_draft(app, waiting["heard"], Report()))[-1].finished
    handlers.leave_queue(waiting["third"])
    assert handlers.request_draft(app, waiting["silent"], COUGH) == 0


def test_many_who_ask_at_once_do_not_overfill_the_line(app: AppContext, film_bytes: bytes) -> None:
    """Of ten who ask in the same moment two get a place, which is the limit here."""
    waiting = [app.sessions.of(str(number)) for number in range(10)]
    for session in waiting:
        films.load_film(app, session, FilmRole.FRONTAL, film_bytes)
        films.screen_films(app, session)

    def ask(session: Session) -> bool:
        try:
            handlers.request_draft(app, session, COUGH)
        except ClinicalBlipError:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(ask, waiting)) == 2


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


def test_a_review_needs_a_verdict_alone(app: AppContext, session: Session) -> None:
    """Without one nothing is stored; without an overall rating it is."""
    draft(app, session)
    with pytest.raises(ReviewNotSaved, match="verdict"):
        save(app, session, judge(verdict=None))
    assert list(app.store.reviews()) == []
    save(app, session, judge(overall=None))
    assert [review.overall for review in app.store.reviews()] == [None]


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
    open_study(app, session, 1)
    with pytest.raises(ClinicalBlipError, match="not saved"):
        handlers.refuse_to_discard(session, typed, FilmRole.FRONTAL)


def test_every_sample_case_can_be_drafted(app: AppContext) -> None:
    """Each case's film reads, and its reference never reaches the reporter."""
    assert app.work_list.studies
    for case in app.work_list.studies:
        session = app.sessions.of(case.digest)
        assert open_study(app, session, case.number).faults == ""
        assert FilmRole.FRONTAL in session.films
        assert not case.reference.empty
        assert case.reference.findings not in vars(case.context).values()
