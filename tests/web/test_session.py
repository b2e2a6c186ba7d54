"""The sessions of visitors."""

from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web.drafts import DraftRequest
from clinicalblip.web.session import Sessions
from tests.fixtures.served_page import until


def test_every_key_has_a_session_of_its_own() -> None:
    """Two keys are two sessions; the same key is one."""
    sessions = Sessions()
    assert sessions.of("a") is sessions.of("a")
    assert sessions.of("a") is not sessions.of("b")


def test_leaving_stops_the_draft_and_drops_the_session() -> None:
    """The Stop flag is set at once, and the session goes after the grace."""
    sessions = Sessions(grace=0.05)
    session = sessions.of("a")
    session.draft.ask(DraftRequest({}, ClinicalContext()))
    sessions.leave("a")
    assert session.draft.stop.is_set()
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


def test_the_session_that_was_silent_longest_goes_when_there_are_too_many() -> None:
    """No more than `limit` sessions are kept."""
    sessions = Sessions(limit=2)
    for name in ("a", "b", "c"):
        sessions.of(name)
    assert [name in sessions for name in "abc"] == [False, True, True]


def test_white_space_is_no_edit() -> None:
    """A box that differs only in blanks at its ends was not edited."""
    session = Sessions().of("a")
    session.report.filled = Report("findings", "impression")
    assert not session.report.edited(Report(" findings\n", "impression"))
    assert session.report.edited(Report("findings!", "impression"))
    assert not session.report.edited(Report())
