"""A draft is of one study: whatever changes while it waits, is written or is shown, no film gets another's words."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from clinicalblip.errors import ClinicalBlipError, OutOfMemory, ReviewNotSaved
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import films, handlers, reviews, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.handlers import WRITING, DraftDropped
from clinicalblip.web.listed_studies import open_study
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session, StudyChange
from clinicalblip.web.upload_folder import upload_folder
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import png_film
from tests.fixtures.walked_page import WalkedPage

COUGH, FEVER = ClinicalContext(indication="cough"), ClinicalContext(indication="fever")
SHORT = "FINDINGS: The lungs are clear today. IMPRESSION: No acute finding."
RECITED = parse_sections(SHORT)
OTHER_FILM = png_film(160)

Change = Callable[[AppContext, Session], StudyChange]


def _case(app: AppContext, session: Session) -> StudyChange:
    return open_study(app, session, 1).change


CHANGES: dict[str, Change] = {
    "another frontal film": lambda app, session: films.load_film(app, session, FilmRole.FRONTAL, OTHER_FILM),
    "a lateral film more": lambda app, session: films.load_film(app, session, FilmRole.LATERAL, OTHER_FILM),
    "the frontal film removed": lambda app, session: films.remove_film(session, FilmRole.FRONTAL),
    "the prior film removed": lambda app, session: films.remove_film(session, FilmRole.PRIOR),
    "another case": _case,
    "a new study": lambda app, session: handlers.start_new_study(session),
}
every_change = pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))


@pytest.fixture(autouse=True)
def words_take_time(reporter: ScriptedReporter) -> None:
    """Long enough that every word is an update of the page."""
    reporter.seconds_per_word, reporter.text = 0.08, SHORT


@pytest.fixture
def session(app: AppContext, film_bytes: bytes) -> Session:
    """A session with a frontal and a prior film."""
    session = app.sessions.of("a visitor")
    films.load_films(app, session, {FilmRole.FRONTAL: film_bytes, FilmRole.PRIOR: png_film(144)})
    return session


def begin(app: AppContext, session: Session, context: ClinicalContext = COUGH) -> Iterator[handlers.DraftProgress]:
    """Ask for a draft, and begin to write it."""
    handlers.request_draft(app, session, context)
    steps = handlers.stream_draft(app, session, Report())
    assert next(steps).report == Report()
    return steps


def said(change: Change) -> str:
    """The sentence about a draft that this change stops."""
    return wording.DRAFT_DROPPED_NEW_STUDY if change is CHANGES["a new study"] else wording.DRAFT_DROPPED


def draft_as_shown(app: AppContext, session: Session, reporter: ScriptedReporter, context: ClinicalContext) -> None:
    """Draft what is shown now: the model gets these films with this context, and nothing of what was before."""
    if FilmRole.FRONTAL not in session.films:
        films.load_film(app, session, FilmRole.FRONTAL, OTHER_FILM)
    handlers.request_draft(app, session, context)
    last = list(handlers.stream_draft(app, session, Report()))[-1]
    assert last.finished is not None
    assert reporter.contexts[-1] == last.finished.context == context
    digests = tuple(film.digest for film in reporter.radiographs[-1])
    assert digests == last.finished.draft.radiographs == tuple(session.film_digests().values())


@every_change
def test_a_change_while_a_draft_waits_takes_it_out_of_the_line(
    app: AppContext, session: Session, reporter: ScriptedReporter, change: Change
) -> None:
    """The model is never asked, it is said, and the next draft is of what is shown then."""
    handlers.request_draft(app, session, COUGH)
    assert change(app, session).dropped == said(change)
    assert not session.draft.busy
    assert list(handlers.stream_draft(app, session, Report())) == []
    assert reporter.contexts == []
    draft_as_shown(app, session, reporter, FEVER)
    assert reporter.contexts == [FEVER]


@every_change
def test_a_change_while_a_draft_is_written_ends_it(
    app: AppContext, session: Session, reporter: ScriptedReporter, change: Change
) -> None:
    """Not one word more is shown, nothing of it is kept, and the next draft is of what is shown then."""
    reporter.seconds_per_word = 0.6  # longer than any change takes
    steps = begin(app, session)
    next(steps)
    changed = change(app, session)
    assert (changed.dropped, changed.filling) == (said(change), True)
    with pytest.raises(ClinicalBlipError) as busy:
        handlers.request_draft(app, session, FEVER)
    assert str(busy.value) in (wording.BUSY_ENDING, wording.NO_FRONTAL)
    with pytest.raises(DraftDropped) as dropped:
        next(steps)
    assert str(dropped.value) == said(change)
    assert session.report.shown is None
    assert session.report.drafts == {}
    assert reporter.active == 0
    reporter.seconds_per_word = 0.0
    draft_as_shown(app, session, reporter, FEVER)


@every_change
def test_a_change_after_a_draft_takes_it_off_the_page(
    app: AppContext, session: Session, reporter: ScriptedReporter, change: Change, film_bytes: bytes
) -> None:
    """A page that shows other films than the draft's saves nothing and says what to do; with its own films it does."""
    shown = list(begin(app, session))[-1].finished
    assert shown is not None
    form = ReviewForm(RECITED, 4, Verdict.ACCEPTED)
    changed = change(app, session)
    assert (changed.dropped, changed.emptied) == ("", True)
    assert session.report.shown is None
    with pytest.raises(ReviewNotSaved) as refused:
        reviews.review_shown(app, session, shown.id, form)
    assert str(refused.value) == wording.OTHER_FILM
    assert list(app.store.reviews()) == []
    films.load_films(app, session, {FilmRole.FRONTAL: film_bytes, FilmRole.PRIOR: png_film(144)})
    reviews.review_shown(app, session, shown.id, form)
    (row,) = app.store.reviews()
    assert row.radiographs == tuple(session.film_digests().values())


def test_text_that_is_masked_makes_another_film(app: AppContext, reporter: ScriptedReporter) -> None:
    """A draft of the film with its text is not kept beside the masked one."""
    session = app.sessions.of("x")
    reporter.seconds_per_word = 1.5  # longer than the film is looked at
    windows = {"WindowCenter": [2450, 2048], "WindowWidth": [200, 4096]}
    films.load_film(app, session, FilmRole.FRONTAL, burned_film(ground=2000, white=0, **windows))
    steps = begin(app, session)
    loaded = session.films[FilmRole.FRONTAL]
    films.choose_window(session, FilmRole.FRONTAL, loaded.id, loaded.radiograph.windows[1].name)
    films.screen_films(app, session)
    next(steps)  # the same film still
    films.mask_text(app, session, FilmRole.FRONTAL, loaded.id)
    with pytest.raises(DraftDropped):
        next(steps)


def test_a_draft_that_fails_after_the_film_changed_puts_nothing_back(
    walked: WalkedPage, film_bytes: bytes, reporter: ScriptedReporter
) -> None:
    """The words that stood in the boxes before were of the film before: they do not come back beside the new one."""
    walked.upload(film_bytes)
    walked.draft()
    reporter.failure, reporter.fails_after = OutOfMemory("It did not fit."), 3
    walked.ask()
    writing = walked.write()
    next(writing)
    next(writing)
    walked.upload(OTHER_FILM)
    list(writing)
    assert walked.all(walked.components.report.boxes) == ["", ""]
    assert wording.DRAFT_DROPPED in walked.text
    assert "did not fit" not in walked.text


def test_an_unfinished_draft_stays_beside_its_film_only(
    walked: WalkedPage, film_bytes: bytes, reporter: ScriptedReporter
) -> None:
    """It failed, and as that was on its way to the page another film came."""
    reporter.failure, reporter.fails_after = OutOfMemory("It did not fit."), 5
    walked.upload(film_bytes)
    walked.ask()
    writing = walked.write()
    while wording.UNFINISHED not in walked.text:
        next(writing)
    films.load_film(walked.app, walked.session, FilmRole.FRONTAL, OTHER_FILM)
    list(writing)
    assert wording.UNFINISHED not in walked.text
    assert wording.NO_DRAFT in walked.text


def test_a_window_chosen_as_draft_is_pressed_is_looked_through_first(
    app: AppContext, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film that was not searched for text as it is now does not reach the model."""
    screen = films.screen_films

    def choose_afterwards(app: AppContext, session: Session) -> None:
        screen(app, session)
        loaded = session.films[FilmRole.FRONTAL]
        session.films[FilmRole.FRONTAL] = replace(loaded, screened=False)

    with monkeypatch.context() as late:
        late.setattr(films, "screen_films", choose_afterwards)
        with pytest.raises(ClinicalBlipError) as refused:
            handlers.request_draft(app, session, COUGH)
    assert str(refused.value) == wording.FILMS_BEHIND
    handlers.request_draft(app, session, COUGH)


def test_the_same_pictures_again_change_nothing(app: AppContext, session: Session, film_bytes: bytes) -> None:
    """The file of the film that is there, chosen a second time, stops no draft and takes none away."""
    steps = begin(app, session)
    assert films.load_film(app, session, FilmRole.FRONTAL, film_bytes) == StudyChange()
    last = list(steps)[-1].finished
    assert last is session.report.shown is not None
    assert films.load_film(app, session, FilmRole.FRONTAL, film_bytes) == StudyChange()
    assert session.report.shown is last


def test_a_draft_that_ended_as_the_film_changed_is_taken_off_the_page(walked: WalkedPage, film_bytes: bytes) -> None:
    """Its last words were on their way when another film came: the page shows them beside no other film."""
    walked.upload(film_bytes)
    walked.ask()
    writing = walked.write()
    while walked.value(walked.components.ai_draft.draft_id) in ("", WRITING):
        next(writing)
    films.load_film(walked.app, walked.session, FilmRole.FRONTAL, OTHER_FILM)  # its answer comes before the last words
    assert list(writing) == []
    assert walked.value(walked.components.ai_draft.draft_id) == ""
    assert wording.DRAFT_DROPPED in walked.text
    assert RECITED.findings not in walked.text


def test_a_press_on_a_page_that_shows_other_films_asks_for_nothing(walked: WalkedPage, film_bytes: bytes) -> None:
    """Draft pressed with the context of the film before: refused, said, and the next press is of what is shown."""
    walked.upload(film_bytes)
    open_study(walked.app, walked.session, 1)  # its answer has not arrived yet
    walked.ask()
    assert wording.FILMS_BEHIND in walked.text
    assert not walked.session.draft.busy
    walked.draft()
    assert RECITED.findings in walked.text


@pytest.mark.parametrize("when", ["waiting", "writing", "written"])
def test_the_page_beside_another_film(walked: WalkedPage, film_bytes: bytes, when: str) -> None:
    """Draft, boxes and ratings are gone, the sentence stands there, and the page drafts the new film."""
    components = walked.components
    walked.upload(film_bytes)
    walked.ask()
    writing = walked.write()
    if when != "waiting":
        next(writing)
        next(writing)
    if when == "written":
        list(writing)
    walked.upload(OTHER_FILM)
    list(writing)
    assert walked.all(components.report.boxes) == ["", ""]
    assert wording.NO_DRAFT in walked.text
    assert (wording.DRAFT_DROPPED in walked.text) == (when != "written")
    walked.draft()
    assert walked.value(components.report.findings) == RECITED.findings


def test_half_a_draft_is_never_saved_as_the_readers_report(
    walked: WalkedPage, film_bytes: bytes, reporter: ScriptedReporter
) -> None:
    """While a new draft fills the boxes nothing is saved; not either by a press that the server reads after its end."""
    walked.upload(film_bytes)
    walked.draft()
    walked.rate()
    walked.ask()
    writing = walked.write()
    for _ in range(4):
        next(writing)
    half = walked.value(walked.components.report.findings)
    assert half != RECITED.findings
    walked.save()
    assert wording.SAVE_WHILE_WRITING in walked.text
    late = dict(walked.values)
    list(writing)
    walked.values, now = late, walked.values
    walked.save()
    assert wording.SAVE_WHILE_WRITING in walked.text
    assert list(walked.app.store.reviews()) == []
    walked.values = now
    walked.save()
    (row,) = walked.app.store.reviews()
    assert (row.words_added, row.words_removed) == (0, 0)


def test_edits_are_saved_with_the_draft_last_seen_finished(walked: WalkedPage, film_bytes: bytes) -> None:
    """While a new draft is written beside the reader's edits, the review is of the draft before, with their text."""
    walked.upload(film_bytes)
    walked.draft()
    first = walked.value(walked.components.ai_draft.draft_id)
    walked.type(walked.components.report.findings, "mine")
    walked.rate(consent=True)
    walked.app.reporter.text = "FINDINGS: another draft."  # type: ignore[attr-defined]
    walked.ask()
    writing = walked.write()
    next(writing)
    walked.save()
    list(writing)
    (row,) = walked.app.store.reviews()
    assert row.texts is not None
    assert (row.texts.final.findings, row.texts.draft) == ("mine", RECITED)
    second = walked.value(walked.components.ai_draft.draft_id)
    assert first != second
    walked.save()
    assert len(list(walked.app.store.reviews())) == 2


def test_saving_goes_on_while_a_draft_is_in_line(walked: WalkedPage, film_bytes: bytes) -> None:
    """Nothing is written into the boxes yet: what stands in them is the reader's."""
    walked.upload(film_bytes)
    walked.draft()
    walked.rate()
    walked.ask()
    walked.save()
    assert len(list(walked.app.store.reviews())) == 1


def test_an_answer_that_reaches_the_page_late_locks_nothing(walked: WalkedPage, reporter: ScriptedReporter) -> None:
    """The writer may have ended and unlocked the boxes before the page hears what became of the film."""
    walked.upload(png_film())
    reporter.seconds_per_word = 0.2
    walked.ask()
    writing = walked.write()
    for _ in range(3):
        next(writing)
    with upload_folder().create() as upload:
        upload.write(png_film(160))
    event = SimpleNamespace(_data={"role": "frontal", "file": upload.token, "discard": False})
    late = walked.films.upload(walked.request, event, *walked.all(walked.components.form_boxes))
    for _ in writing:
        pass
    walked.show(late)
    assert walked.value(walked.components.ai_draft.draft_id) == ""
    assert not any(isinstance(late.get(box), gr.Textbox) for box in walked.components.report.boxes)
