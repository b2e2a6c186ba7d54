"""The lock around the model: in order of arrival, and nobody who left blocks the others."""

import threading

import pytest

from clinicalblip.instructblip.generation.model_lock import ModelLock


def test_first_come_first_served() -> None:
    """Readers have the model in the order in which they came."""
    lock, order = ModelLock(), list[int]()
    assert lock.acquire()

    def draft(number: int, waiting: threading.Event) -> None:
        lock.acquire(lambda: bool(waiting.set()))
        order.append(number)
        lock.release()

    readers = []
    for number in range(5):
        waiting = threading.Event()
        readers.append(threading.Thread(target=draft, args=(number, waiting)))
        readers[-1].start()
        assert waiting.wait(20)
    lock.release()
    for reader in readers:
        reader.join(20)
    assert order == [0, 1, 2, 3, 4]


def test_who_gives_up_leaves_the_queue() -> None:
    """A reader who gives up does not get the model, and those behind are not blocked."""
    lock = ModelLock()
    lock.acquire()
    assert not lock.acquire(lambda: True)
    lock.release()
    assert lock.acquire()


def test_who_fails_while_waiting_leaves_the_queue() -> None:
    """An error in the question whether to give up does not block those behind."""
    lock = ModelLock()
    lock.acquire()
    with pytest.raises(ZeroDivisionError):
        lock.acquire(lambda: bool(1 / 0))
    lock.release()
    assert lock.acquire()
