"""The films of a visitor: what is seen in them, what the reader answers, and what the model then gets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.errors import BurnedInAnnotation, RadiographError, UnsupportedRadiograph
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import PrivacySettings
from clinicalblip.web import films, handlers
from clinicalblip.web.app_context import Desk
from clinicalblip.web.session import Held, Slot, TextQuestion, Visit
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
def visit(desk: Desk) -> Visit:
    """A visitor without films."""
    return desk.visits.of("a visitor")


@pytest.fixture
def put(desk: Desk, visit: Visit) -> Callable[..., Held]:
    """Put a film in and have it looked through."""

    def put(data: bytes, slot: Slot = Slot.FRONTAL) -> Held:
        films.load_film(desk, visit, slot, data)
        films.look_through(desk, visit)
        return visit.films[slot]

    return put


def draft(desk: Desk, visit: Visit) -> Radiograph:
    """Have a draft written; returns the film that the model got."""
    handlers.ask_for_draft(desk, visit, NOTHING)
    list(handlers.write_draft(desk, visit, NOTHING, Report()))
    return desk.reporter.radiographs[-1][0]  # type: ignore[attr-defined, no-any-return]


def allowing(desk: Desk, **privacy: bool) -> Desk:
    """The same desk under other settings."""
    return replace(desk, settings=desk.settings.model_copy(update={"privacy": PrivacySettings(**privacy)}))


def test_text_keeps_the_film_from_the_model_and_its_gate_until_it_is_masked(
    desk: Desk, visit: Visit, put: Callable[..., Held], reporter: ScriptedReporter
) -> None:
    """Draft is refused with the number of places; what then reaches gate, model and digest is the masked film."""
    doubted: list[str] = []
    reporter.doubts = lambda film: doubted.append(film.digest) or ()  # type: ignore[method-assign, assignment]
    held = put(burned_film())
    assert held.question is TextQuestion.FOUND
    assert doubted == []
    with pytest.raises(BurnedInAnnotation, match=r"frontal film at \d place"):
        handlers.ask_for_draft(desk, visit, NOTHING)
    films.mask_text(desk, visit, Slot.FRONTAL, held.id)
    seen = draft(desk, visit)
    assert doubted == [seen.digest] != [held.film.digest]
    for text in held.texts:
        assert seen.pixels[text.top : text.bottom, text.left : text.right].max() < 0.01
    assert visit.shown is not None
    assert visit.shown.draft.radiographs == (seen.digest,)
    assert "masked" in " ".join(seen.warnings)


def test_text_that_names_nobody_is_left(desk: Desk, visit: Visit, put: Callable[..., Held]) -> None:
    """The reader's word is enough, for this film."""
    held = put(burned_film())
    films.let_text_be(desk, visit, Slot.FRONTAL, held.id)
    assert draft(desk, visit).digest == held.film.digest
    again = put(burned_film())
    assert again.question is TextQuestion.FOUND


def test_text_is_found_before_a_draft_even_if_nobody_looked(desk: Desk, visit: Visit) -> None:
    """Who presses Draft before the film was looked through waits for it and is asked."""
    films.load_film(desk, visit, Slot.FRONTAL, burned_film())
    with pytest.raises(BurnedInAnnotation):
        handlers.ask_for_draft(desk, visit, NOTHING)


def test_a_film_that_came_while_waiting_is_looked_through_as_well(desk: Desk, visit: Visit, film_bytes: bytes) -> None:
    """Between asking and writing the film can be another one: it does not reach the model either."""
    films.load_film(desk, visit, Slot.FRONTAL, film_bytes)
    handlers.ask_for_draft(desk, visit, NOTHING)
    films.load_film(desk, visit, Slot.FRONTAL, burned_film())
    with pytest.raises(BurnedInAnnotation):
        list(handlers.write_draft(desk, visit, NOTHING, Report()))
    assert desk.reporter.radiographs == []  # type: ignore[attr-defined]
    assert not visit.busy


def test_text_is_not_looked_for_where_the_settings_say_so(desk: Desk, visit: Visit) -> None:
    """With privacy.find_burned_in off nothing is asked."""
    desk = allowing(desk, find_burned_in=False)
    films.load_film(desk, visit, Slot.FRONTAL, burned_film())
    assert draft(desk, visit)


def test_a_side_marker_is_not_asked_about(put: Callable[..., Held]) -> None:
    """An L is no text of the patient."""
    assert put(burned_film("L")).question is None


def test_a_file_that_says_burned_in_needs_a_look(desk: Desk, visit: Visit, put: Callable[..., Held]) -> None:
    """Its film is shown, and drafted from once the reader said that they looked."""
    held = put(write_dicom(RAMP, BurnedInAnnotation="YES"))
    assert held.question is TextQuestion.SAID
    with pytest.raises(BurnedInAnnotation, match="says that text is burned into its picture"):
        handlers.ask_for_draft(desk, visit, NOTHING)
    films.let_text_be(desk, visit, Slot.FRONTAL, held.id)
    assert draft(desk, visit)


def test_a_file_that_says_burned_in_is_read_where_that_is_allowed(desk: Desk, visit: Visit) -> None:
    """With privacy.allow_burned_in there is a warning and no question."""
    desk = allowing(desk, allow_burned_in=True)
    films.load_film(desk, visit, Slot.FRONTAL, write_dicom(RAMP, BurnedInAnnotation="YES"))
    assert "burned into its picture" in " ".join(draft(desk, visit).warnings)


def test_a_doubtful_film_is_drafted_from_when_overruled_and_the_draft_says_so(
    desk: Desk, visit: Visit, put: Callable[..., Held], film_bytes: bytes, reporter: ScriptedReporter
) -> None:
    """Refused until the reader overrules; then the draft's warnings carry the doubt."""
    reporter.doubted[read_radiograph(film_bytes).digest] = (DOUBT,)
    held = put(film_bytes)
    with pytest.raises(UnsupportedRadiograph, match="frontal film may be no chest radiograph"):
        handlers.ask_for_draft(desk, visit, NOTHING)
    films.overrule(visit, Slot.FRONTAL, held.id)
    draft(desk, visit)
    assert visit.shown is not None
    assert any("may be no chest radiograph" in each and DOUBT in each for each in visit.shown.draft.warnings)


def test_an_answer_is_about_the_film_it_was_given_for(
    desk: Desk, visit: Visit, put: Callable[..., Held], film_bytes: bytes
) -> None:
    """An answer that arrives after another film has taken the place changes nothing."""
    before = put(film_bytes)
    held = put(burned_film())
    for answer in (films.let_text_be, films.mask_text):
        with pytest.raises(RadiographError, match="Another film"):
            answer(desk, visit, Slot.FRONTAL, before.id)
    with pytest.raises(RadiographError, match="Another film"):
        films.overrule(visit, Slot.FRONTAL, before.id)
    assert visit.films[Slot.FRONTAL] == held


def test_a_chosen_window_is_what_the_model_sees(desk: Desk, visit: Visit, put: Callable[..., Held]) -> None:
    """Choosing another window of the file changes the greys that the page and the model get; a forged name does not."""
    held = put(write_dicom(RAMP, **WINDOWS))
    shown = film_for_page(held)
    assert shown["windows"] == ["normal", "harder"]
    assert shown["window"] == "normal"
    films.choose_window(visit, Slot.FRONTAL, held.id, "harder")
    chosen = film_for_page(visit.films[Slot.FRONTAL], values=False)
    assert (chosen["window"], chosen["centre"]) == ("harder", 1000)
    assert chosen["greys"] != shown["greys"]
    seen = draft(desk, visit)
    assert np.array_equal(seen.pixels, held.film.with_window("harder").pixels)
    with pytest.raises(RadiographError):
        films.choose_window(visit, Slot.FRONTAL, held.id, "forged")


def test_text_that_only_another_window_shows_is_asked_about(desk: Desk, visit: Visit, put: Callable[..., Held]) -> None:
    """A name burned white into white stands out under another window: the film is looked through again."""
    windows = {"WindowCenter": [200, 2048], "WindowWidth": [100, 4096]}
    held = put(burned_film(ground=2000, **windows))
    assert held.question is None
    films.choose_window(visit, Slot.FRONTAL, held.id, held.film.windows[1].name)
    with pytest.raises(BurnedInAnnotation):
        handlers.ask_for_draft(desk, visit, NOTHING)


def test_the_view_is_asked_where_the_file_does_not_say_it(desk: Desk, visit: Visit, put: Callable[..., Held]) -> None:
    """Drafting goes on without an answer; with one the model gets the film under that view."""
    held = put(write_dicom(RAMP))
    assert film_for_page(held)["asks_view"]
    assert draft(desk, visit).view is View.FRONTAL
    films.choose_view(desk, visit, Slot.FRONTAL, held.id, View.AP)
    assert draft(desk, visit).view is View.AP
    assert film_for_page(visit.films[Slot.FRONTAL])["caption"].startswith("AP")
    assert not film_for_page(put(write_dicom(RAMP, ViewPosition="PA")))["asks_view"]


def test_a_film_is_judged_by_the_view_that_the_reader_says(
    desk: Desk, visit: Visit, put: Callable[..., Held], reporter: ScriptedReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lateral film is no odd frontal one: what it was doubted for as such goes, and comes back with the view."""
    monkeypatch.setattr(reporter, "doubts", lambda film: () if film.view is View.LATERAL else (DOUBT,))
    held = put(write_dicom(RAMP), Slot.PRIOR)
    assert held.doubts == (DOUBT,)
    films.choose_view(desk, visit, Slot.PRIOR, held.id, View.LATERAL)
    assert visit.films[Slot.PRIOR].doubts == ()
    films.choose_view(desk, visit, Slot.PRIOR, held.id, View.PA)
    assert visit.films[Slot.PRIOR].doubts == (DOUBT,)


def test_a_view_said_while_text_is_in_question_shows_the_film_to_nobody(
    desk: Desk, visit: Visit, put: Callable[..., Held], reporter: ScriptedReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view is taken; the gate waits for the answer about the text."""
    judged: list[Radiograph] = []
    monkeypatch.setattr(reporter, "doubts", lambda film: judged.append(film) or ())
    held = put(burned_film())
    films.choose_view(desk, visit, Slot.FRONTAL, held.id, View.AP)
    assert visit.films[Slot.FRONTAL].film.view is View.AP
    assert judged == []


def test_age_and_sex_are_shown_only_where_the_settings_say_so(desk: Desk, visit: Visit) -> None:
    """Without privacy.show_age_and_sex they do not even leave the reading."""
    data = write_dicom(RAMP, PatientSex="F", PatientAge="070Y")
    assert films.load_film(desk, visit, Slot.FRONTAL, data).patient is None
    films.load_film(allowing(desk, show_age_and_sex=True), visit, Slot.FRONTAL, data)
    caption = film_for_page(visit.films[Slot.FRONTAL])["caption"]
    assert "female" in caption
    assert "65 or older" in caption


def test_the_caption_says_where_the_spacing_was_measured(put: Callable[..., Held]) -> None:
    """Spacing of the detector is not that of the patient."""
    assert (
        "0.17 mm at the detector" in film_for_page(put(write_dicom(RAMP, ImagerPixelSpacing=[0.17, 0.17])))["caption"]
    )


def test_what_was_said_about_a_film_goes_with_it(
    desk: Desk, visit: Visit, put: Callable[..., Held], film_bytes: bytes
) -> None:
    """Removed, nothing of a film is left, and the next one is asked about anew."""
    held = put(burned_film())
    films.let_text_be(desk, visit, Slot.FRONTAL, held.id)
    films.remove_film(visit, Slot.FRONTAL)
    assert visit.films == {}
    assert put(film_bytes).id != held.id
