"""The films of a visitor: what is seen in them, what the reader answers, and what the model then gets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.errors import (
    BurnedInAnnotation,
    Overloaded,
    RadiographError,
    RadiographTooLarge,
    UnsupportedRadiograph,
)
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening.films import TextQuestion
from clinicalblip.settings import PrivacySettings
from clinicalblip.web import films, handlers
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.session import LoadedFilm, Session
from clinicalblip.web.sessions import Sessions
from clinicalblip.web.view.viewer import film_for_page
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import ScriptedReporter

NOTHING = ClinicalContext()
DOUBT = "It may be a hand."
RAMP = np.arange(128 * 128, dtype=np.uint16).reshape(128, 128) % 4096
WINDOWS = {
    "WindowCenter": [2048, 1000],
    "WindowWidth": [4096, 500],
    "WindowCenterWidthExplanation": ["NORMAL", "HARDER"],
}


@pytest.fixture
def session(app: AppContext) -> Session:
    """A visitor without films."""
    return app.sessions.of("a visitor")


@pytest.fixture
def put(app: AppContext, session: Session) -> Callable[..., LoadedFilm]:
    """Put a film in and have it looked through."""

    def put(data: bytes, role: FilmRole = FilmRole.FRONTAL) -> LoadedFilm:
        films.load_film(app, session, role, data)
        films.screen_films(app, session)
        return session.films[role]

    return put


def draft(app: AppContext, session: Session) -> Radiograph:
    """Have a draft written; returns the film that the model got."""
    handlers.request_draft(app, session, NOTHING)
    list(handlers.stream_draft(app, session, Report()))
    return app.reporter.radiographs[-1][0]  # type: ignore[attr-defined, no-any-return]


def allowing(app: AppContext, **privacy: bool) -> AppContext:
    """The same under other settings."""
    return replace(app, settings=app.settings.model_copy(update={"privacy": PrivacySettings(**privacy)}))


def test_text_keeps_the_film_from_the_model_and_its_gate_until_it_is_masked(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm], reporter: ScriptedReporter
) -> None:
    """Draft is refused with the number of places; what then reaches gate, model and digest is the masked film."""
    doubted: list[str] = []
    reporter.doubts = lambda film: doubted.append(film.digest) or ()  # type: ignore[method-assign, assignment]
    loaded = put(burned_film())
    assert loaded.screening.question is TextQuestion.FOUND
    assert doubted == []
    with pytest.raises(BurnedInAnnotation, match=r"frontal film at \d place"):
        handlers.request_draft(app, session, NOTHING)
    films.mask_text(app, session, FilmRole.FRONTAL, loaded.id)
    seen = draft(app, session)
    assert doubted == [seen.digest] != [loaded.radiograph.digest]
    for text in loaded.screening.text_regions:
        assert seen.pixels[text.top : text.bottom, text.left : text.right].max() < 0.01
    assert session.report.shown is not None
    assert session.report.shown.draft.radiographs == (seen.digest,)
    assert "masked" in " ".join(seen.warnings)


def test_text_that_names_nobody_is_left(app: AppContext, session: Session, put: Callable[..., LoadedFilm]) -> None:
    """The reader's word is enough, for this film."""
    loaded = put(burned_film())
    films.accept_text(app, session, FilmRole.FRONTAL, loaded.id)
    assert draft(app, session).digest == loaded.radiograph.digest
    again = put(burned_film())
    assert again.screening.question is TextQuestion.FOUND


def test_text_is_found_before_a_draft_even_if_nobody_looked(app: AppContext, session: Session) -> None:
    """Who presses Draft before the film was looked through waits for it and is asked."""
    films.load_film(app, session, FilmRole.FRONTAL, burned_film())
    with pytest.raises(BurnedInAnnotation):
        handlers.request_draft(app, session, NOTHING)


def test_a_film_that_came_while_waiting_is_not_drafted_from_unseen(
    app: AppContext, session: Session, film_bytes: bytes
) -> None:
    """Between asking and writing the film can be another one: it is not drafted from, and is asked about first."""
    films.load_film(app, session, FilmRole.FRONTAL, film_bytes)
    handlers.request_draft(app, session, NOTHING)
    films.load_film(app, session, FilmRole.FRONTAL, burned_film())
    assert list(handlers.stream_draft(app, session, Report())) == []
    assert app.reporter.radiographs == []  # type: ignore[attr-defined]
    with pytest.raises(BurnedInAnnotation):
        handlers.request_draft(app, session, NOTHING)


def test_text_is_not_looked_for_where_the_settings_say_so(app: AppContext, session: Session) -> None:
    """With privacy.find_burned_in off nothing is asked."""
    app = allowing(app, find_burned_in=False)
    films.load_film(app, session, FilmRole.FRONTAL, burned_film())
    assert draft(app, session)


def test_a_side_marker_is_not_asked_about(put: Callable[..., LoadedFilm]) -> None:
    """An L is no text of the patient."""
    assert put(burned_film("L")).screening.question is None


def test_a_file_that_says_burned_in_needs_a_look(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm]
) -> None:
    """Its film is shown, and drafted from once the reader said that they looked."""
    loaded = put(write_dicom(RAMP, BurnedInAnnotation="YES"))
    assert loaded.screening.question is TextQuestion.DECLARED
    with pytest.raises(BurnedInAnnotation, match="says that text is burned into its picture"):
        handlers.request_draft(app, session, NOTHING)
    films.accept_text(app, session, FilmRole.FRONTAL, loaded.id)
    assert draft(app, session)


def test_a_file_that_says_burned_in_is_read_where_that_is_allowed(app: AppContext, session: Session) -> None:
    """With privacy.allow_burned_in there is a warning and no question."""
    app = allowing(app, allow_burned_in=True)
    films.load_film(app, session, FilmRole.FRONTAL, write_dicom(RAMP, BurnedInAnnotation="YES"))
    assert "burned into its picture" in " ".join(draft(app, session).warnings)


def test_a_doubtful_film_is_drafted_from_when_overruled_and_the_draft_says_so(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm], film_bytes: bytes, reporter: ScriptedReporter
) -> None:
    """Refused until the reader overrules; then the draft's warnings carry the doubt."""
    reporter.doubted[read_radiograph(film_bytes).digest] = (DOUBT,)
    loaded = put(film_bytes)
    with pytest.raises(UnsupportedRadiograph, match="frontal film may be no chest radiograph"):
        handlers.request_draft(app, session, NOTHING)
    films.overrule_doubts(session, FilmRole.FRONTAL, loaded.id)
    draft(app, session)
    assert session.report.shown is not None
    assert any("may be no chest radiograph" in each and DOUBT in each for each in session.report.shown.draft.warnings)


def test_an_answer_is_about_the_film_it_was_given_for(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm], film_bytes: bytes
) -> None:
    """An answer that arrives after another film has taken the place changes nothing."""
    before = put(film_bytes)
    loaded = put(burned_film())
    for answer in (films.accept_text, films.mask_text):
        with pytest.raises(RadiographError, match="Another film"):
            answer(app, session, FilmRole.FRONTAL, before.id)
    with pytest.raises(RadiographError, match="Another film"):
        films.overrule_doubts(session, FilmRole.FRONTAL, before.id)
    assert session.films[FilmRole.FRONTAL] == loaded


def test_a_chosen_window_is_what_the_model_sees(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm]
) -> None:
    """Choosing another window of the file changes the greys that the page and the model get; a forged name does not."""
    loaded = put(write_dicom(RAMP, **WINDOWS))
    shown = film_for_page(loaded)
    assert shown["windows"] == ["normal", "harder"]
    assert shown["window"] == "normal"
    films.choose_window(session, FilmRole.FRONTAL, loaded.id, "harder")
    chosen = film_for_page(session.films[FilmRole.FRONTAL], arrived=False)
    assert (chosen["window"], chosen["centre"]) == ("harder", 1000)
    assert chosen["greys"] != shown["greys"]
    seen = draft(app, session)
    assert np.array_equal(seen.pixels, loaded.radiograph.with_window("harder").pixels)
    with pytest.raises(RadiographError):
        films.choose_window(session, FilmRole.FRONTAL, loaded.id, "forged")


def test_text_that_only_another_window_shows_is_asked_about(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm]
) -> None:
    """A name burned black into black stands out under another window: the film is looked through again."""
    windows = {"WindowCenter": [2450, 2048], "WindowWidth": [200, 4096]}
    loaded = put(burned_film(ground=2000, white=0, **windows))
    assert loaded.screening.question is None
    films.choose_window(session, FilmRole.FRONTAL, loaded.id, loaded.radiograph.windows[1].name)
    with pytest.raises(BurnedInAnnotation):
        handlers.request_draft(app, session, NOTHING)


def test_the_view_is_asked_where_the_file_does_not_say_it(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm]
) -> None:
    """Drafting goes on without an answer; with one the model gets the film under that view."""
    loaded = put(write_dicom(RAMP))
    assert film_for_page(loaded)["asks_view"]
    assert draft(app, session).view is View.FRONTAL
    films.choose_view(app, session, FilmRole.FRONTAL, loaded.id, View.AP)
    assert draft(app, session).view is View.AP
    assert film_for_page(session.films[FilmRole.FRONTAL])["caption"].startswith("AP")
    assert not film_for_page(put(write_dicom(RAMP, ViewPosition="PA")))["asks_view"]


def test_a_film_is_judged_by_the_view_that_the_reader_says(
    app: AppContext,
    session: Session,
    put: Callable[..., LoadedFilm],
    reporter: ScriptedReporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lateral film is no odd frontal one: what it was doubted for as such goes, and comes back with the view."""
    monkeypatch.setattr(reporter, "doubts", lambda film: () if film.view is View.LATERAL else (DOUBT,))
    loaded = put(write_dicom(RAMP), FilmRole.PRIOR)
    assert loaded.screening.doubts == (DOUBT,)
    films.choose_view(app, session, FilmRole.PRIOR, loaded.id, View.LATERAL)
    assert session.films[FilmRole.PRIOR].screening.doubts == ()
    films.choose_view(app, session, FilmRole.PRIOR, loaded.id, View.PA)
    assert session.films[FilmRole.PRIOR].screening.doubts == (DOUBT,)


def test_a_view_said_while_text_is_in_question_shows_the_film_to_nobody(
    app: AppContext,
    session: Session,
    put: Callable[..., LoadedFilm],
    reporter: ScriptedReporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The view is taken; the gate waits for the answer about the text."""
    judged: list[Radiograph] = []
    monkeypatch.setattr(reporter, "doubts", lambda film: judged.append(film) or ())
    loaded = put(burned_film())
    films.choose_view(app, session, FilmRole.FRONTAL, loaded.id, View.AP)
    assert session.films[FilmRole.FRONTAL].radiograph.view is View.AP
    assert judged == []


def test_a_film_that_memory_does_not_hold_is_refused_before_it_is_read(
    app: AppContext,
) -> None:
    """By its header; smaller ones are still read, and with more memory it is, too."""
    app = replace(app, sessions=Sessions(films_bytes=3 * 10**6))
    session = app.sessions.of("a")
    large = write_dicom(np.arange(1100 * 1000, dtype=np.uint16).reshape(1100, 1000))
    with pytest.raises(Overloaded, match="no memory"):
        films.load_film(app, session, FilmRole.FRONTAL, large)
    assert not session.films
    films.load_film(app, session, FilmRole.FRONTAL, write_dicom(RAMP))
    app = replace(app, sessions=Sessions(films_bytes=5 * 10**6))
    films.load_film(app, app.sessions.of("a"), FilmRole.FRONTAL, large)


def test_a_film_over_the_settings_limit_is_said_to_be_so(app: AppContext) -> None:
    """Memory is not blamed for what the settings refuse."""
    limits = app.settings.limits.model_copy(update={"megapixels": 1})
    app = replace(app, settings=app.settings.model_copy(update={"limits": limits}))
    with pytest.raises(RadiographTooLarge, match="up to 1 megapixels"):
        films.load_film(app, app.sessions.of("a"), FilmRole.FRONTAL, write_dicom(np.zeros((1100, 1000), np.uint16)))


def test_age_and_sex_are_shown_only_where_the_settings_say_so(app: AppContext, session: Session) -> None:
    """Without privacy.show_age_and_sex they do not even leave the reading."""
    data = write_dicom(RAMP, PatientSex="F", PatientAge="070Y")
    films.load_film(app, session, FilmRole.FRONTAL, data)
    assert session.films[FilmRole.FRONTAL].radiograph.patient is None
    films.load_film(allowing(app, show_age_and_sex=True), session, FilmRole.FRONTAL, data)
    caption = film_for_page(session.films[FilmRole.FRONTAL])["caption"]
    assert "female" in caption
    assert "65 or older" in caption


def test_the_caption_says_where_the_spacing_was_measured(put: Callable[..., LoadedFilm]) -> None:
    """Spacing of the detector is not that of the patient."""
    assert (
        "0.17 mm at the detector" in film_for_page(put(write_dicom(RAMP, ImagerPixelSpacing=[0.17, 0.17])))["caption"]
    )


def test_what_was_said_about_a_film_goes_with_it(
    app: AppContext, session: Session, put: Callable[..., LoadedFilm], film_bytes: bytes
) -> None:
    """Removed, nothing of a film is left, and the next one is asked about anew."""
    loaded = put(burned_film())
    films.accept_text(app, session, FilmRole.FRONTAL, loaded.id)
    films.remove_film(session, FilmRole.FRONTAL)
    assert session.films == {}
    assert put(film_bytes).id != loaded.id
