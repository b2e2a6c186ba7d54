"""Ten wrong passwords, then a minute without any; one stranger locks out nobody else where addresses are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.web.access.lockout import LOCKED_SECONDS, MOST_FAILURES, Locked, Lockout


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


def try_password(lockout: Lockout, address: str = "1.2.3.4", *, right: bool = False) -> bool:
    """Whether it was checked at all."""
    try:
        with lockout.attempt(address) as attempt:
            attempt.is_right = right
    except Locked:
        return False
    return True


def test_after_ten_none_is_checked_for_a_minute() -> None:
    """Not the right one either; then ten more are."""
    clock = Clock()
    lockout = Lockout(clock)
    assert [try_password(lockout) for _ in range(11)] == [True] * 10 + [False]
    clock.now += LOCKED_SECONDS - 1
    with pytest.raises(Locked) as locked, lockout.attempt("1.2.3.4"):
        pass
    assert locked.value.seconds == 1
    clock.now += 1
    assert [try_password(lockout) for _ in range(11)] == [True] * 10 + [False]


def test_one_address_locks_out_no_other() -> None:
    """Where nobody's address is known all share one count, which the one who knows the password does not clear."""
    lockout = Lockout(Clock())
    for _ in range(MOST_FAILURES):
        try_password(lockout, "6.6.6.6")
    assert not try_password(lockout, "6.6.6.6", right=True)
    assert try_password(lockout, "1.2.3.4", right=True)
    for _ in range(MOST_FAILURES):
        try_password(lockout, "", right=True)
        try_password(lockout, "")
    assert not try_password(lockout, "")


def test_the_right_password_clears_an_address() -> None:
    """Who mistypes nine times and then does not begins anew; and so does who waits a quarter of an hour."""
    clock = Clock()
    lockout = Lockout(clock)
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            assert try_password(lockout)
        assert try_password(lockout, right=True)
    for _ in range(MOST_FAILURES - 1):
        try_password(lockout)
    clock.now += 901
    assert [try_password(lockout) for _ in range(3)] == [True] * 3


def test_those_that_are_being_checked_count() -> None:
    """A hundred at once are ten."""
    lockout = Lockout(Clock())
    held = [lockout.attempt("1.2.3.4") for _ in range(MOST_FAILURES)]
    for attempt in held:
        attempt.__enter__()
    with pytest.raises(Locked), lockout.attempt("1.2.3.4"):
        pass
    for attempt in held:
        attempt.__exit__(None, None, None)
    assert not try_password(lockout)


def test_what_fails_while_it_is_checked_counts_as_wrong() -> None:
    """Nobody gets more than ten by breaking the check off."""
    lockout = Lockout(Clock())
    for _ in range(MOST_FAILURES):
        with pytest.raises(RuntimeError), lockout.attempt("1.2.3.4"):
            raise RuntimeError
    assert not try_password(lockout)


def test_many_addresses_take_no_memory() -> None:
    """Those that tried longest ago are forgotten."""
    lockout = Lockout(Clock())
    for number in range(12_000):
        try_password(lockout, f"10.0.{number // 256}.{number % 256}")
    assert len(lockout._of) <= 10_000


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), max_size=60))
def test_no_minute_has_more_than_ten_wrong_ones(tries: list[tuple[bool, float]]) -> None:
    """Whenever they come, until a right one is among them."""
    clock = Clock()
    lockout = Lockout(clock)
    wrong: list[float] = []
    for right, pause in tries:
        clock.now += pause
        if try_password(lockout, right=right):
            wrong = [] if right else [*wrong, clock.now]
        assert len([at for at in wrong if at > clock.now - LOCKED_SECONDS]) <= MOST_FAILURES
