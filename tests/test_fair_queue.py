"""Turns at what is heavy: few at once, and fairly shared."""

import threading
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import ClinicalBlipError, Overloaded
from clinicalblip.fair_queue import FairQueue, queued_as
from tests.fixtures.served_page import until


def line_up(queue: FairQueue, owners: list[str], act: Callable[[str], None]) -> list[threading.Thread]:
    """A thread for each owner, each of which waits before the next one asks."""
    threads = []
    for owner in owners:
        before = queue.waiting

        def ask(owner: str = owner) -> None:
            with queue.turn(owner):
                act(owner)

        threads.append(threading.Thread(target=ask))
        threads[-1].start()
        assert until(lambda before=before: queue.waiting == before + 1)  # type: ignore[misc]
    return threads


def served(owners: list[str]) -> list[str]:
    """In which order these owners have their turns, when they asked in theirs while the one turn was taken."""
    queue, order = FairQueue(1), list[str]()
    with queue.turn("first"):
        threads = line_up(queue, owners, order.append)
    for thread in threads:
        thread.join()
    return order


def test_who_asks_for_forty_turns_does_not_stand_before_one_who_asks_for_one() -> None:
    """The single request is served second."""
    assert served(["many"] * 40 + ["one"])[:3] == ["many", "one", "many"]


@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_turns_go_round(owners: list[str]) -> None:
    """Everybody is served, and nobody twice more often than another who still waits."""
    order = served(owners)
    assert Counter(order) == Counter(owners)
    for owner, other in permutations(set(owners), 2):
        for end in range(len(order)):
            had = Counter(order[: end + 1])
            if had[other] < owners.count(other):
                assert had[owner] <= had[other] + 1


@given(st.integers(1, 4), st.lists(st.sampled_from("abc"), max_size=16))
def test_no_more_turns_at_once_than_there_are(size: int, owners: list[str]) -> None:
    """However many ask at once, `size` of them work; afterwards all turns are free."""
    queue, lock, active, most = FairQueue(size), threading.Lock(), 0, 0

    def work(owner: str) -> None:
        nonlocal active, most
        with queue.turn(owner):
            with lock:
                active += 1
                most = max(most, active)
            with lock:
                active -= 1

    threads = [threading.Thread(target=work, args=[owner]) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= size
    assert queue.waiting == 0
    assert take_all(queue) == size


def take_all(queue: FairQueue) -> int:
    """How many turns can be had at once."""
    limited, taken = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with queue.turn():
            taken.release()
            limited.wait()

    threads = [threading.Thread(target=hold) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert until(lambda: queue.waiting + taken._value == 6)
    number = taken._value
    limited.set()
    for thread in threads:
        thread.join()
    return number


def test_the_owner_is_known_far_below() -> None:
    """`queued_as` names the owner for what is called within it, also in a thread that copies the context."""
    queue = FairQueue(1, max_waiting_each=0)

    def ask() -> None:
        with queue.turn():
            pass

    with queue.turn("other"):
        with queued_as("a session"):
            with pytest.raises(Overloaded):
                ask()
            context = copy_context()
        with pytest.raises(Overloaded):
            context.run(ask)


def test_a_wait_has_an_end() -> None:
    """Who waits too long is refused in one sentence of the family, and the queue goes on without them."""
    queue = FairQueue(1, max_wait=0.01)
    with queue.turn("one"), pytest.raises(ClinicalBlipError, match="try again"), queue.turn("two"):
        pass
    assert queue.waiting == 0
    with queue.turn("two"):
        pass


@pytest.mark.parametrize(("limits", "refused"), [({"max_waiting": 2}, "b"), ({"max_waiting_each": 2}, "a")])
def test_only_so_many_wait(limits: dict[str, int], refused: str) -> None:
    """One more is refused at once: of all together, or of one owner."""
    queue = FairQueue(1, **limits)  # type: ignore[arg-type]
    with queue.turn("holder"):
        threads = line_up(queue, ["a", "a"], lambda owner: None)
        with pytest.raises(Overloaded), queue.turn(refused):
            pass
    for thread in threads:
        thread.join()


def test_one_owner_at_the_limit_leaves_others_their_place() -> None:
    """What one owner has too many of is not counted against another."""
    queue = FairQueue(1, max_waiting_each=1)
    with queue.turn("holder"):
        threads = line_up(queue, ["a", "b"], lambda owner: None)
    for thread in threads:
        thread.join()


def test_a_command_is_never_refused() -> None:
    """Work without an owner waits as long as it takes."""
    queue = FairQueue(1, max_wait=0.001, max_waiting=0, max_waiting_each=0)
    with queue.turn():
        threads = line_up(queue, ["", ""], lambda owner: None)
    for thread in threads:
        thread.join()


def test_a_turn_that_fails_is_given_back() -> None:
    """An error within a turn leaves the turn to the next."""
    queue = FairQueue(1)
    with pytest.raises(RuntimeError), queue.turn():
        raise RuntimeError
    assert take_all(queue) == 1


def test_a_queue_without_turns_is_refused() -> None:
    """Nobody could ever have one."""
    with pytest.raises(ValueError, match="at least one"):
        FairQueue(0)
