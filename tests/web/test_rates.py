"""How much one reader and one address may ask for in a minute."""

import time

import pytest

from clinicalblip.errors import OverLimit
from clinicalblip.settings import LimitSettings
from clinicalblip.web.rates import READERS_OF_ADDRESS, Rates, Visitor

MEBIBYTE = 2**20
READER = Visitor("a" * 64, "203.0.113.5")


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Its seconds."""
        return self.now


def upload(rates: Rates, visitor: Visitor, size: int, arrives: int | None = None) -> None:
    """An upload of so many bytes, of which so many arrive."""
    with rates.upload(visitor, size) as count:
        count(size if arrives is None else arrives)


def test_one_draft_too_many_is_refused_with_how_long_to_wait() -> None:
    """After so many seconds it is made; the sentence says them too."""
    clock = Clock()
    rates = Rates(LimitSettings(drafts_per_minute=3), clock=clock)
    for _ in range(3):
        rates.draft(READER)
    with pytest.raises(OverLimit, match="Draft again in 20 s") as caught:
        rates.draft(READER)
    assert (caught.value.limit, caught.value.seconds) == ("drafts_per_minute", 20)
    clock.now += 20
    rates.draft(READER)


def test_who_throws_the_token_away_is_still_held_by_the_address() -> None:
    """Where it is known; elsewhere the next address has its own minute."""
    rates = Rates(LimitSettings(drafts_per_minute=2), clock=Clock())
    for number in range(2 * READERS_OF_ADDRESS):
        rates.draft(Visitor(f"{number:064x}", READER.address))
    with pytest.raises(OverLimit):
        rates.draft(Visitor("f" * 64, READER.address))
    rates.draft(Visitor("f" * 64, "203.0.113.6"))


def test_who_is_refused_by_the_address_has_nothing_taken_as_reader() -> None:
    """What is refused counts nowhere."""
    rates = Rates(LimitSettings(drafts_per_minute=1), clock=Clock())
    for number in range(READERS_OF_ADDRESS):
        rates.draft(Visitor(f"{number:064x}", READER.address))
    for _ in range(5):
        with pytest.raises(OverLimit):
            rates.draft(READER)
    rates.draft(Visitor(READER.reader_key, "203.0.113.6"))


def test_a_program_on_this_machine_is_not_held() -> None:
    """It has neither a reader nor an address: so is the benchmark of the page's load."""
    rates = Rates(LimitSettings(drafts_per_minute=1, uploads_per_minute=1), clock=Clock())
    for _ in range(100):
        rates.draft(Visitor())
        upload(rates, Visitor(), 64 * MEBIBYTE)


def test_an_honest_reader_meets_no_limit() -> None:
    """Fifty studies an hour with three films of the largest size each, all opened within seconds, and a draft again."""
    clock = Clock()
    limits = LimitSettings()
    rates = Rates(limits, clock=clock)
    for _ in range(50):
        for _ in range(3):
            upload(rates, READER, limits.file_mebibytes * MEBIBYTE)
            clock.now += 2
        for _ in range(3):
            rates.draft(READER)
            clock.now += 2
        clock.now += 60


def test_of_an_upload_that_broke_off_only_what_arrived_is_counted() -> None:
    """And of one that did not say its length."""
    rates = Rates(LimitSettings(upload_mebibytes_per_minute=64, uploads_per_minute=None), clock=Clock())
    for _ in range(6):
        upload(rates, READER, 64 * MEBIBYTE, arrives=0)
    upload(rates, READER, 60 * MEBIBYTE)
    with pytest.raises(OverLimit, match="Choose it again in") as caught:
        upload(rates, READER, 8 * MEBIBYTE)
    assert caught.value.limit == "upload_mebibytes_per_minute"
    upload(rates, READER, 4 * MEBIBYTE)


def test_an_upload_that_fails_is_counted_by_what_arrived() -> None:
    """Whoever breaks off cannot send for nothing."""
    rates = Rates(LimitSettings(upload_mebibytes_per_minute=64), clock=Clock())

    def break_off() -> None:
        with rates.upload(READER, 64 * MEBIBYTE) as count:
            count(60 * MEBIBYTE)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()
    with pytest.raises(OverLimit):
        upload(rates, READER, 8 * MEBIBYTE)


def test_files_are_counted_however_small() -> None:
    """A limit of bytes alone would let a million empty ones through."""
    rates = Rates(LimitSettings(uploads_per_minute=4), clock=Clock())
    for _ in range(4):
        upload(rates, READER, 1)
    with pytest.raises(OverLimit) as caught:
        upload(rates, READER, 1)
    assert (caught.value.limit, caught.value.seconds) == ("uploads_per_minute", 15)


def test_each_limit_can_be_turned_off() -> None:
    """By null in the settings."""
    off = LimitSettings(drafts_per_minute=None, uploads_per_minute=None, upload_mebibytes_per_minute=None)
    rates = Rates(off, clock=Clock())
    for _ in range(1000):
        rates.draft(READER)
        upload(rates, READER, 1024 * MEBIBYTE)


def test_the_wall_clock_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set forwards and back by a day, and nobody gets more or has to wait for it."""
    rates = Rates(LimitSettings(drafts_per_minute=1))
    rates.draft(READER)
    for jump in (86400.0, -86400.0):
        monkeypatch.setattr(time, "time", lambda jump=jump: 1e9 + jump)
        with pytest.raises(OverLimit) as caught:
            rates.draft(READER)
        assert 0 < caught.value.seconds <= 60
