"""What one session knows of its report, and how much it may do at once."""

from contextlib import ExitStack

import pytest

from clinicalblip.errors import Overloaded
from clinicalblip.fair_queue import FairQueue
from clinicalblip.radiology.report import Report
from clinicalblip.web.session import Session


def test_white_space_is_no_edit() -> None:
    """A box that differs only in blanks at its ends was not edited."""
    session = Session()
    session.report.filled = Report("findings", "impression")
    assert not session.report.edited(Report(" findings\n", "impression"))
    assert session.report.edited(Report("findings!", "impression"))
    assert not session.report.edited(Report())


def test_a_session_has_a_few_handlers_at_once() -> None:
    """One that asks for hundreds is refused, and nobody else is; those that ended count no more."""
    session, other = Session(), Session()
    with ExitStack() as working:
        for _ in range(16):
            working.enter_context(session.at_work())
        with pytest.raises(Overloaded, match="busy"), session.at_work():
            pass
        with other.at_work():
            pass
    with session.at_work():
        pass


def test_what_a_session_does_is_queued_as_its_own() -> None:
    """Far below, a queue knows whose turn it is."""
    queue = FairQueue(1, max_waiting_each=0)
    with queue.turn("another"), Session().at_work(), pytest.raises(Overloaded), queue.turn():
        pass
