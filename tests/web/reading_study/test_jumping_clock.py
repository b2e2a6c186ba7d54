"""A clock that is set while a study is read changes neither seconds, nor order, nor how long a reader waits."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.walked_study import WalkedStudy, app_of_study, enrolled

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
HOUR, YEARS = timedelta(hours=1), timedelta(days=4000)
DAYS = 28
TWO_PERIODS = f"reading: {{readers: 3, periods: 2, washout_days: {DAYS}}}"
_READ_BY = ("reader_study.study_folder", "web.reading_study.cases", "web.served_study.open_case")
_WASHOUT = "web.served_study.washout"


class Clock(datetime):
    """The system's clock, as it was set last."""

    at = NOW

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        """What it says."""
        return cls.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    """The clock that everything of a study reads, and that a test sets."""
    for module in (*_READ_BY, _WASHOUT):
        monkeypatch.setattr(f"clinicalblip.{module}.datetime", Clock)
    monkeypatch.setattr(Clock, "at", NOW)
    return Clock


@pytest.fixture
def read(open_study: Callable[..., StudyFolder], clock: type[Clock]) -> WalkedStudy:
    """The page of a reader of two periods."""
    app = app_of_study(open_study(reading=TWO_PERIODS))
    return WalkedStudy(app, enrolled(app))


def read_period(page: WalkedStudy, clock: type[Clock], *times: datetime) -> None:
    """Read the first period, each case at one of these times, the rest at the last."""
    count = sum(each.period == 1 for each in page.study.folder.of_reader(page.reader))
    for number in range(count):
        clock.at = times[min(number, len(times) - 1)]
        page.read()


def wait(page: WalkedStudy) -> datetime | None:
    """Until when the reader waits for what comes next."""
    number = page.study.next_number(page.reader)
    assert number is not None
    assert page.study.reading_of(page.reader, number).period == 2
    return page.study.waits_until(page.reader, number)


@pytest.mark.parametrize("jump", [-HOUR, -YEARS, YEARS], ids=["an hour back", "years back", "years ahead"])
def test_seconds_and_order_stay_right(read: WalkedStudy, clock: type[Clock], jump: timedelta) -> None:
    """In the middle of a case and after it; seconds are those that the page and a steady clock counted."""
    expected = [each.case for each in read.study.folder.of_reader(read.reader)][:3]
    for number, _ in enumerate(expected):
        read.open()
        clock.at = NOW + jump * (number % 2)
        if read.session.case is not None and read.session.case.draft is None:
            read.write("The lungs are clear.", "Normal.")
        read.answer_all()
        read.save_case(reading=json.dumps({"saved_seconds": 40 + number, "active_seconds": 30 + number}))
    readings = read.study.records.readings()
    assert [each.case for each in readings] == expected
    assert [(each.reading.saved_seconds, each.reading.active_seconds) for each in readings if each.reading] == [
        (40, 30),
        (41, 31),
        (42, 32),
    ]
    listed = read.study.list_for(read.reader).studies
    assert all(0 <= read.session.record.of(study).seconds < 60 for study in listed)


def test_a_first_impression_without_a_time_is_timed_by_a_steady_clock(
    open_study: Callable[..., StudyFolder], clock: type[Clock]
) -> None:
    """A clock that was set ahead meanwhile adds nothing."""
    app = app_of_study(open_study(reading="reading: {readers: 3, reader_first: yes}"))
    page = WalkedStudy(app, enrolled(app))
    page.open()
    clock.at = NOW + YEARS
    page.write("My own words.")
    page.commit(seconds=None)
    assert page.session.case is not None
    assert page.session.case.first_seconds is not None
    assert 0 <= page.session.case.first_seconds < 60


def test_without_a_jump_the_wait_is_counted_from_the_last_reading(read: WalkedStudy, clock: type[Clock]) -> None:
    """And nothing is on record of a clock."""
    read_period(read, clock, NOW, NOW + HOUR)
    assert wait(read) == NOW + HOUR + timedelta(days=DAYS)
    clock.at = NOW + HOUR + timedelta(days=DAYS)
    assert wait(read) is None
    assert EventKind.CLOCK_BACK not in {event.kind for event in read.study.records.events()}


@pytest.mark.parametrize("times", [(NOW, NOW + YEARS, NOW), (NOW + YEARS,)], ids=["for one reading", "for all"])
def test_a_clock_that_was_far_ahead_does_not_make_a_reader_wait_for_ever(
    read: WalkedStudy, clock: type[Clock], times: tuple[datetime, ...]
) -> None:
    """The wait is whole, from when the clock was seen to be right again; a restart goes on with it."""
    read_period(read, clock, *times)
    clock.at = NOW + HOUR
    end = NOW + HOUR + timedelta(days=DAYS)
    assert wait(read) == end
    clock.at = end - HOUR
    app = app_of_study(read.study.folder)
    after = WalkedStudy(app, read.reader, key="after a restart")
    assert wait(after) == end
    number = after.study.next_number(read.reader) or 0
    with pytest.raises(ClinicalBlipError, match="second part begins after a pause"):
        after.study.open(read.reader, number)
    clock.at = end
    assert wait(after) is None
    assert after.study.open(read.reader, number).number == number
    noticed = [event for event in read.study.records.events() if event.kind is EventKind.CLOCK_BACK]
    assert [(event.reader, event.at) for event in noticed] == [(read.reader, NOW + HOUR)]


def test_a_clock_that_is_an_hour_behind_makes_no_wait_shorter(read: WalkedStudy, clock: type[Clock]) -> None:
    """The days are counted in full from when it was set back."""
    read_period(read, clock, NOW)
    clock.at = NOW - HOUR
    assert wait(read) == NOW - HOUR + timedelta(days=DAYS)
    clock.at = NOW - HOUR + timedelta(days=DAYS) - timedelta(minutes=1)
    assert wait(read) is not None
