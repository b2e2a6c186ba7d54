"""Who has a place on the page, how long, and whose work is never dropped for somebody else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from clinicalblip.errors import OverLimit, Overloaded
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.web import wording
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import DraftRequest, FinishedDraft, SavedReview
from clinicalblip.web.session import LoadedFilm, Session
from clinicalblip.web.sessions import Sessions
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import until


def film(side: int = 100) -> LoadedFilm:
    """A film of two bytes a pixel."""
    values = np.zeros((side, side), np.uint16)
    return LoadedFilm(Radiograph(values, Window(1, 2), False, View.PA, None, "0" * 64))


def put_film(sessions: Sessions, key: str, loaded: LoadedFilm | None = None) -> Session:
    """A session that holds a film."""
    session = sessions.of(key)
    with sessions.room_for(session):
        session.change_films({FilmRole.FRONTAL: loaded or film()}, "")
    return session


def put_draft(sessions: Sessions, key: str, *, saved: bool = False) -> Session:
    """A session that holds a film and a draft of it."""
    session = put_film(sessions, key)
    draft = list(ScriptedReporter(text="Clear.").stream((), ClinicalContext()))[-1]
    assert isinstance(draft, Draft)
    session.report.keep(FinishedDraft(draft, ClinicalContext(), session.film_digests()))
    if saved:
        next(iter(session.report.drafts.values())).saved = SavedReview("1", (), False)
    return session


def test_every_key_has_a_session_of_its_own() -> None:
    """Two keys are two sessions; the same key is one."""
    sessions = Sessions()
    assert sessions.of("a") is sessions.of("a")
    assert sessions.of("a") is not sessions.of("b")


def test_leaving_stops_the_draft_and_drops_the_session() -> None:
    """The Stop flag is set once nobody came back for a while, and the session goes after the grace."""
    sessions = Sessions(linger=0.05, grace=0.1)
    session = sessions.of("a")
    session.draft.ask(DraftRequest({}, ClinicalContext()))
    sessions.leave("a")
    assert not session.draft.stop.is_set()
    assert until(session.draft.stop.is_set)
    assert sessions.waiting() == 0
    assert until(lambda: "a" not in sessions)


def test_coming_back_within_the_grace_finds_the_session() -> None:
    """A network that failed for a moment costs nothing."""
    sessions = Sessions(grace=0.2)
    session = sessions.of("a")
    sessions.leave("a")
    assert sessions.of("a") is session
    assert not until(lambda: "a" not in sessions, seconds=0.5)


def test_leaving_twice_or_unknown_does_nothing() -> None:
    """A page that never spoke can leave."""
    sessions = Sessions()
    sessions.leave("never seen")
    assert "never seen" not in sessions


def test_many_who_leave_need_one_thread() -> None:
    """However many leave, each goes when its own grace is over."""
    sessions = Sessions(grace=0.1)
    for number in range(50):
        sessions.of(str(number))
    before = threading.active_count()
    for number in range(50):
        sessions.leave(str(number))
    assert threading.active_count() <= before + 1
    assert until(lambda: not any(str(number) in sessions for number in range(50)))


def test_whoever_keeps_something_under_a_key_is_told_when_its_session_goes() -> None:
    """After the grace, of too many, and of those that were silent too long although nobody comes any more."""
    gone: list[str] = []
    sessions = Sessions(grace=0.05, empty_limit=2)
    sessions.on_forget = gone.append
    for key in "abc":
        sessions.of(key)
    assert gone == ["a"]
    sessions.leave("b")
    assert until(lambda: gone == ["a", "b"])
    sessions.drop_idle()
    assert gone == ["a", "b"]
    silent = Sessions(idle=-1.0)
    silent.on_forget = gone.append
    silent.of("d")
    silent.drop_idle()
    assert gone == ["a", "b", "d"]
    assert "d" not in silent


def test_made_up_keys_drop_nobodys_films_and_drafts() -> None:
    """Thousands who hold nothing cost those who hold something nothing, and are bounded themselves."""
    sessions = Sessions(limit=2, empty_limit=10, spare=0.0)
    kept = put_film(sessions, "film"), put_draft(sessions, "draft")
    for number in range(3000):
        sessions.of(f"made up {number}")
    assert (sessions.of("film"), sessions.of("draft")) == kept
    assert sum(f"made up {number}" in sessions for number in range(3000)) <= 10


def test_a_film_that_was_being_read_when_its_session_was_forgotten_is_not_lost() -> None:
    """A session that holds nothing may be dropped; who then puts a film in finds it again."""
    sessions = Sessions(empty_limit=1)
    session = sessions.of("reader")
    sessions.of("made up")
    assert "reader" not in sessions
    with sessions.room_for(session):
        session.change_films({FilmRole.FRONTAL: film()}, "")
    assert sessions.of("reader") is session


@pytest.mark.parametrize("put", [put_film, put_draft])
def test_when_all_places_are_taken_who_comes_is_refused(put: Callable[..., Session]) -> None:
    """In one sentence; whoever has a place can go on, also with another film."""
    sessions = Sessions(limit=2)
    kept = [put(sessions, key) for key in "ab"]
    with pytest.raises(Overloaded, match="page is full"):
        put_film(sessions, "c")
    assert [sessions.of(key) for key in "ab"] == kept
    put_film(sessions, "a")


def test_a_place_is_free_again_when_a_film_was_removed() -> None:
    """A session without films and drafts holds nothing."""
    sessions = Sessions(limit=1)
    put_film(sessions, "a").change_films({}, "")
    put_film(sessions, "b")
    assert "b" in sessions


def test_a_silent_session_without_unsaved_work_makes_way_and_no_other() -> None:
    """Of those that were silent long enough: not the one with a draft that nobody reviewed, and not one in line."""
    sessions = Sessions(limit=3, spare=-1.0)
    put_draft(sessions, "unsaved")
    put_film(sessions, "in line").draft.ask(DraftRequest({}, ClinicalContext()))
    put_draft(sessions, "saved", saved=True)
    put_film(sessions, "new")
    assert [key in sessions for key in ("unsaved", "in line", "saved", "new")] == [True, True, False, True]
    sessions.of("new").draft.ask(DraftRequest({}, ClinicalContext()))
    with pytest.raises(Overloaded):
        put_film(sessions, "newer")


def test_work_that_was_silent_for_hours_goes() -> None:
    """The rule of the idle holds for every session."""
    sessions = Sessions(idle=-1.0)
    put_draft(sessions, "a")
    sessions.of("b")
    assert "a" not in sessions


def test_many_who_come_at_once_do_not_share_the_last_place() -> None:
    """A place counts as taken from the moment that a film is read for it."""
    sessions = Sessions(limit=1)
    with sessions.room_for(sessions.of("a")), pytest.raises(Overloaded), sessions.room_for(sessions.of("b")):
        pass


def test_films_are_given_up_for_others_where_nobody_works_with_them() -> None:
    """First by who was silent longest and has no unsaved work; what was typed, drafted and rated stays."""
    sessions = Sessions(films_bytes=28 * 10**6, spare=-1.0)
    idle = put_draft(sessions, "idle", saved=True)
    idle.change_films({FilmRole.FRONTAL: film(2000)}, "")
    shown = idle.report.shown = next(iter(idle.report.drafts.values()))
    idle.boxes.take({"comment": "mine", "overall": "4"}, 1, most_characters=100)
    later = put_film(sessions, "later", film(2000))
    put_draft(sessions, "work").change_films({FilmRole.FRONTAL: film(2000)}, "")
    with sessions.room_for(sessions.of("new")) as room, room.reading(10**7) as count:
        assert count == 10**7
    assert [bool(session.films) for session in (idle, later, sessions.of("work"))] == [False, True, True]
    assert idle.lost_films_sentence == wording.FILMS_GIVEN_UP
    assert (idle.report.shown, idle.boxes.form.comment, idle.boxes.form.overall) == (shown, "mine", 4)
    with sessions.room_for(idle):
        idle.change_films({FilmRole.FRONTAL: film(2000)}, "")  # the same one again
    assert idle.report.shown is shown
    assert idle.lost_films_sentence == ""


def test_a_session_that_somebody_works_with_gives_up_no_film() -> None:
    """Nor one whose draft nobody has reviewed; whoever wants the memory goes on without waiting."""
    sessions = Sessions()
    session = put_film(sessions, "a", film(2000))
    with ThreadPoolExecutor(1) as thread:
        with session.lock:
            assert thread.submit(session.give_up_films).result() == 0
        assert thread.submit(put_draft(sessions, "b").give_up_films).result() == 0
        assert thread.submit(session.give_up_films).result() == 8_000_000
    assert session.holds_nothing


def test_four_hundred_readers_find_what_is_theirs() -> None:
    """They type, take a step back and come again, many at once; who gets no place is refused, and nobody else."""
    sessions = Sessions(limit=300)

    def read(number: int) -> bool:
        session = sessions.of(f"reader {number}")
        try:
            sessions.take_place(session)
        except Overloaded:
            return False
        for change, text in enumerate((f"text of {number}", f"text of {number} and more"), 1):
            with session.lock:
                session.boxes.take({"findings": text}, change, most_characters=100, whole=True)
        with session.lock:
            session.boxes.step(3, redo=False)
        return True

    with ThreadPoolExecutor(16) as threads:
        served = list(threads.map(read, range(400)))
    assert sum(served) >= 300 - 16  # who takes the last places at the same time sees them taken
    for number, is_served in enumerate(served):
        session = sessions.of(f"reader {number}")
        assert session.boxes.report.findings == (f"text of {number}" if is_served else "")


def test_a_sessions_memory_is_counted_once() -> None:
    """A film that is drafted from counts, in its place or not, and never twice."""
    session = Session(films={FilmRole.FRONTAL: film()})
    assert session.nbytes == session.films[FilmRole.FRONTAL].nbytes == 20_000
    session.draft.ask(DraftRequest(session.radiographs(), ClinicalContext()))
    assert session.nbytes == 20_000
    session.films = {FilmRole.FRONTAL: film()}
    assert session.nbytes == 40_000


def test_one_address_has_half_of_the_places_at_most() -> None:
    """Whoever comes from elsewhere still finds one; without an address nobody is counted so."""
    sessions = Sessions(limit=4)
    with ExitStack() as stack:
        for number in range(2):
            stack.enter_context(sessions.room_for(sessions.of(f"near {number}", "203.0.113.5")))
        with pytest.raises(Overloaded, match="Your network"), sessions.room_for(sessions.of("near", "203.0.113.5")):
            pytest.fail("a third place for one address")
        for number in range(2):
            stack.enter_context(sessions.room_for(sessions.of(f"unknown {number}")))


def test_one_reader_has_so_many_places_at_most() -> None:
    """Others find theirs; who is refused is told when one of their own pages goes if nobody is there."""
    sessions, key = Sessions(per_reader=2, spare=600.0, grace=50.0), "a" * 64
    with ExitStack() as stack:
        for number in range(2):
            stack.enter_context(sessions.room_for(sessions.of(f"tab {number}", signed_in=SignedIn(key))))
        for leaves, seconds in ((False, 600), (True, 50)):
            if leaves:
                sessions.leave("tab 0")
            with pytest.raises(OverLimit, match="2 pages open") as caught:
                sessions.take_place(sessions.of("tab 2", signed_in=SignedIn(key)))
            assert (caught.value.limit, seconds - 5 < caught.value.seconds <= seconds) == ("sessions_per_reader", True)
        sessions.take_place(sessions.of("another reader", signed_in=SignedIn("b" * 64)))
        sessions.take_place(sessions.of("a program"))


def test_a_page_of_the_same_reader_makes_way_for_another_of_theirs() -> None:
    """Where nobody works with it; nobody else's does."""
    sessions, key = Sessions(per_reader=1, spare=-1.0), "a" * 64
    for name, reader in (("theirs", "b" * 64), ("before", key)):
        with sessions.room_for(sessions.of(name, signed_in=SignedIn(reader))):
            sessions.of(name).films = {FilmRole.FRONTAL: film()}
    sessions.take_place(sessions.of("now", signed_in=SignedIn(key)))
    assert "before" not in sessions
    assert "theirs" in sessions


def test_one_address_has_half_of_the_line_at_most(app: AppContext) -> None:
    """Who waits at other addresses is not counted."""
    for key, address in (("a", "203.0.113.5"), ("b", "203.0.113.6"), ("c", "203.0.113.6")):
        app.sessions.of(key, address).draft.ask(DraftRequest({}, ClinicalContext()))
    assert [app.sessions.waiting(address) for address in ("203.0.113.5", "203.0.113.6", None)] == [1, 2, 3]
