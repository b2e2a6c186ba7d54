"""How much a key may have in a minute, whatever it does, and that ever new keys fill no memory."""

from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.web.token_bucket import SECONDS, TokenBuckets


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Its seconds."""
        return self.now


@given(
    most=st.integers(1, 50),
    steps=st.lists(st.tuples(st.floats(0, 90), st.integers(1, 5)), min_size=1, max_size=60),
)
def test_nobody_has_more_than_a_full_bucket_and_what_fills_it(most: int, steps: list[tuple[float, int]]) -> None:
    """Between any two moments, however they are spread; a single one larger than the bucket needs all of it."""
    clock = Clock()
    buckets = TokenBuckets(most, clock=clock)
    had: list[tuple[float, int]] = []
    for pause, count in steps:
        clock.now += pause
        if not buckets.wait("reader", count):
            buckets.take("reader", count)
            had.append((clock.now, count))
    for first, (begun, _) in enumerate(had):
        for last in range(first + 1, len(had) + 1):
            seconds = had[last - 1][0] - begun
            given_most = most + seconds * most / SECONDS + 5  # the last may be larger than the bucket
            assert sum(count for _, count in had[first:last]) <= given_most


@given(most=st.integers(1, 100), count=st.integers(1, 200), taken=st.lists(st.integers(1, 30), max_size=20))
def test_who_waits_as_long_as_is_said_may(most: int, count: int, taken: list[int]) -> None:
    """And not much longer than is needed."""
    clock = Clock()
    buckets = TokenBuckets(most, clock=clock)
    for one in taken:
        buckets.take("reader", one)
    seconds = buckets.wait("reader", count)
    if seconds > 1:
        clock.now += seconds - 1.001
        assert buckets.wait("reader", count) > 0
        clock.now += 1.001
    else:
        clock.now += seconds
    assert buckets.wait("reader", count) == 0


def test_ever_new_keys_fill_no_memory_and_full_buckets_are_not_kept() -> None:
    """A minute after the flood nothing of it is left but the one that was taken from last."""
    clock = Clock()
    buckets = TokenBuckets(10, keys=100, clock=clock)
    for number in range(5000):
        buckets.take(f"made up {number}", 1)
        assert len(buckets) <= 100
    clock.now += SECONDS
    buckets.take("somebody", 1)
    assert len(buckets) == 1


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    """The wait stays what it was."""
    clock = Clock()
    buckets = TokenBuckets(6, clock=clock)
    buckets.take("reader", 6)
    assert buckets.wait("reader", 1) == 10
    clock.now -= 10_000
    assert buckets.wait("reader", 1) == 10


def test_keys_have_buckets_of_their_own() -> None:
    """What one takes is nobody else's."""
    buckets = TokenBuckets(1)
    buckets.take("one", 1)
    assert buckets.wait("one", 1) == 60
    assert buckets.wait("another", 1) == 0
