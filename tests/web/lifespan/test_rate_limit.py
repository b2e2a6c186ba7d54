"""The same line over and over is counted."""

from clinicalblip.web.lifespan.rate_limit import RateLimit


def test_what_comes_over_and_over_is_said_a_few_times_and_then_counted_once() -> None:
    """A hundred and thirty unfinished uploads are two lines and one with a count; after a minute it starts anew."""
    now = [0.0]
    limit: RateLimit[str] = RateLimit(2, 60.0, clock=lambda: now[0])
    assert [limit.admits("upload", "the line") for _ in range(132)].count(True) == 2
    assert limit.admits("another", "another line")
    assert limit.take_counts() == []
    now[0] = 61.0
    assert limit.take_counts() == [("the line", 130)]
    assert limit.take_counts() == []
    assert limit.admits("upload", "the line")


def test_ever_new_lines_fill_no_memory() -> None:
    """Only so many keys are counted; the ones that were seen first are given up."""
    limit: RateLimit[int] = RateLimit(1, keys=3)
    for number in range(10):
        limit.admits(number, number)
        limit.admits(number, number)
    assert limit.take_counts(all_of_them=True) == [(7, 1), (8, 1), (9, 1)]
