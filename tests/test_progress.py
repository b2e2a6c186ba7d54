"""How far something long has come, in a terminal and in a log."""

import io
import sys

import pytest

from clinicalblip.progress import progress_bar, track, write_line


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that is turned by hand: its one element are the seconds."""
    now = [0.0]
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    return now


def test_a_log_gets_a_line_now_and_then(clock: list[float]) -> None:
    """Every 15 seconds at most, whole lines without anything that only a terminal understands."""
    stream = io.StringIO()
    with progress_bar("films", total=6, unit="film", stream=stream) as bar:
        for _ in range(6):
            clock[0] += 10.0
            bar.set_postfix({"loss": "0.3"}, refresh=False)
            bar.update()
    assert stream.getvalue().splitlines() == [
        "films: 2/6 [00:20<00:40, 10.00s/film, loss=0.3]",
        "films: 4/6 [00:40<00:20, 10.00s/film, loss=0.3]",
        "films: 6/6 [01:00<00:00, 10.00s/film, loss=0.3]",
    ]


def test_what_is_short_says_nothing_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """What is done at once needs no line, and what is given is what went in."""
    assert list(track("abc", "films", total=3)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_an_unknown_number_has_no_end(clock: list[float]) -> None:
    """An archive's reports are counted as they come."""
    stream = io.StringIO()
    with progress_bar("reports", unit="report", stream=stream) as bar:
        clock[0] += 20.0
        bar.update(1500)
    assert stream.getvalue() == "reports: 1500 [00:20, 75.00report/s]\n"


def test_a_person_sees_a_bar_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written over on one line, begins with what was done before, and stands there at the end."""
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress_bar("01-vision", total=4, done=2, unit="step", stream=stream) as bar:
        bar.update(2)
    first, *_, last = stream.getvalue().rstrip("\n").split("\r")[1:]
    assert "2/4" in first
    assert "4/4" in last
    assert stream.getvalue().count("\n") == 1


def test_other_processes_show_nothing(clock: list[float]) -> None:
    """Of several processes one shows a bar."""
    stream = Terminal()
    with progress_bar("films", total=1, enabled=False, stream=stream) as bar:
        clock[0] += 60.0
        bar.update()
    assert stream.getvalue() == ""


def test_a_line_is_written_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for the person who waits is no part of a command's output."""
    write_line("Study s1 has a film that cannot be read.")
    assert capsys.readouterr() == ("", "Study s1 has a film that cannot be read.\n")
    assert sys.stderr.isatty() is False
