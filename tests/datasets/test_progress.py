"""What is said while a preparation runs."""

import io
import time
from collections.abc import Iterator

import pytest

from clinicalblip.datasets.preparation import Counts, Preparation
from clinicalblip.datasets.progress import progress_line, with_progress
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def _preparation(monkeypatch: pytest.MonkeyPatch, seconds: float) -> Preparation:
    """Four studies, each of which takes so many seconds by a clock that is turned by hand."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    counts = Counts()

    def studies() -> Iterator[Study]:
        for number in range(4):
            now[0] += seconds
            counts.read["reports"] += 1
            yield Study(f"s{number}", "p", "train", reference=Report("Clear."))

    return Preparation(studies(), counts, 4)


def test_a_person_sees_one_line_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written over, and taken away at the end."""
    stream = Terminal()
    assert len(list(with_progress(_preparation(monkeypatch, 1.0), stream))) == 4
    first, *_, last = stream.getvalue().split("\r")[1:]
    assert first.startswith("1 of 4 reports (25%), 1 a second, 3 s left")
    assert last == "\x1b[K"


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything that only a terminal understands."""
    stream = io.StringIO()
    list(with_progress(_preparation(monkeypatch, 20.0), stream))
    assert stream.getvalue().splitlines() == [
        "2 of 4 reports (50%), 0 a second, 40 s left",
        "4 of 4 reports (100%), 0 a second, 0 s left",
    ]


def test_a_short_preparation_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done at once needs no line."""
    for stream in (io.StringIO(), Terminal()):
        list(with_progress(_preparation(monkeypatch, 0.1), stream))
        assert stream.getvalue() == ""


def test_an_unknown_number_has_no_end() -> None:
    """An archive's reports are counted as they come."""
    assert progress_line(1500, None, 3.0) == "1,500 reports, 500 a second"
