"""What belongs to one visitor."""

from clinicalblip.radiology.report import Report
from clinicalblip.web.session import Visits
from tests.fixtures.served_page import until


def test_visitors_have_nothing_in_common() -> None:
    """Two sessions are two visits; the same session is one."""
    visits = Visits()
    assert visits.of("a") is visits.of("a")
    assert visits.of("a") is not visits.of("b")


def test_who_leaves_stops_the_model_and_is_forgotten() -> None:
    """The Stop flag is set at once, the things go after the grace."""
    visits = Visits(grace=0.05)
    visit = visits.of("a")
    visit.waiting = True
    visits.leave("a")
    assert visit.stop.is_set()
    assert visits.waiting() == 0
    assert until(lambda: "a" not in visits)


def test_who_comes_back_within_the_grace_finds_their_things() -> None:
    """A network that failed for a moment costs nothing."""
    visits = Visits(grace=0.2)
    visit = visits.of("a")
    visits.leave("a")
    assert visits.of("a") is visit
    assert not until(lambda: "a" not in visits, seconds=0.5)


def test_leaving_twice_or_unknown_does_nothing() -> None:
    """A page that never spoke can leave."""
    visits = Visits()
    visits.leave("never seen")
    assert "never seen" not in visits


def test_the_longest_silent_goes_when_there_are_too_many() -> None:
    """The list of visits has an end."""
    visits = Visits(most=2)
    for name in ("a", "b", "c"):
        visits.of(name)
    assert [name in visits for name in "abc"] == [False, True, True]


def test_white_space_is_no_edit() -> None:
    """A box that differs only in blanks at its ends was not edited."""
    visit = Visits().of("a")
    visit.filled = Report("findings", "impression")
    assert not visit.edited(Report(" findings\n", "impression"))
    assert visit.edited(Report("findings!", "impression"))
    assert not visit.edited(Report())
