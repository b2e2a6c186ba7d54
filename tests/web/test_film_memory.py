"""Memory is set aside before a film is read, and never more than there is."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import Overloaded
from clinicalblip.web.film_memory import SMALLEST_ROOM, FilmMemory

MB = 10**6


def memory(most: int, held: int = 0) -> FilmMemory:
    """Room for films of so many bytes, of which sessions hold some that nobody gives up."""
    return FilmMemory(most, lambda: held, lambda count: None)


def test_who_reads_gets_what_they_want_or_what_there_is() -> None:
    """Fewer bytes where memory is short; a refusal where not even a small film fits."""
    with memory(10 * MB).room("a") as room, room.reading(6 * MB) as count:
        assert count == 6 * MB
    with memory(10 * MB, held=7 * MB).room("a") as room, room.reading(6 * MB) as count:
        assert count == 3 * MB
    with memory(10 * MB, held=9 * MB).room("a") as room, pytest.raises(Overloaded, match="no memory"):
        room.reading(6 * MB).__enter__()


def test_a_film_that_was_read_counts_until_its_session_holds_it() -> None:
    """The second film of an upload finds what the first one left."""
    films = memory(10 * MB)
    with films.room("a") as room:
        with room.reading(10 * MB):
            room.keep(4 * MB)
        with room.reading(10 * MB) as count:
            assert count == 6 * MB
    with films.room("b") as room, room.reading(10 * MB) as count:
        assert count == 10 * MB


def test_a_read_that_failed_gives_its_room_back() -> None:
    """Whatever it raised."""
    films = memory(10 * MB)
    with films.room("a") as room, pytest.raises(RuntimeError), room.reading(10 * MB):
        raise RuntimeError
    with films.room("a") as room, room.reading(10 * MB) as count:
        assert count == 10 * MB


def test_films_that_nobody_works_with_make_way() -> None:
    """Only for as much as is missing."""
    held, asked = [8 * MB], list[int]()

    def free(count: int) -> None:
        asked.append(count)
        held[0] = 0

    with FilmMemory(10 * MB, lambda: held[0], free).room("a") as room, room.reading(6 * MB) as count:
        assert (count, asked) == (6 * MB, [4 * MB])


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=12))
def test_readers_at_once_never_have_more_than_there_is(films: list[tuple[int, int]]) -> None:
    """They wait for each other; who then finds no room is refused, and afterwards nothing is set aside any more."""
    shared, lock, set_aside = memory(10 * MB), threading.Lock(), 0
    most = 0

    def read(wanted: int, size: int) -> None:
        nonlocal set_aside, most
        try:
            with shared.room(str(size)) as room, room.reading(wanted * MB) as count:
                with lock:
                    set_aside += count
                    most = max(most, set_aside)
                room.keep(min(count, size * MB))
                with lock:
                    set_aside -= count
        except Overloaded:
            pass

    threads = [threading.Thread(target=read, args=film) for film in films]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert most <= 10 * MB
    assert shared.set_aside(10 * MB) == 10 * MB


def test_the_smallest_room_is_that_of_a_megapixel() -> None:
    """The reader's own limit is in whole megapixels."""
    assert SMALLEST_ROOM == 2 * MB
