"""A small part of tests/fixtures/fuzz.py: the same 300 damaged films every time."""

import sys
import warnings

import pytest

from clinicalblip.imaging.sandbox.pool import Pool
from tests.fixtures.fuzz import damaged, fuzz, seeds

FILES = 300


def test_damaged_films_are_read_or_refused() -> None:
    """No traceback, no hang, no worker left behind, and memory as flat as so short a run can show."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow and pydicom, while the sound files are written
        counted = fuzz(FILES, seed=1)
    assert counted.unexpected == []
    assert counted.timeouts == []
    assert counted.deaths == []
    assert counted.left == 0
    assert counted.is_good
    assert counted.read > FILES // 10
    assert counted.refused.keys() >= {"UnreadableRadiograph", "UnsupportedRadiograph"}
    if sys.platform == "linux":
        assert max(counted.parent) < counted.parent[0] + 64
        assert max(counted.workers) < counted.workers[0] + 128


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_damaged_film_can_be_made_again(number: int) -> None:
    """What a run finds has to be found again by its seed and number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sound = seeds()
    assert damaged(number, 5, sound) == damaged(number, 5, sound)
    assert damaged(number, 5, sound) != damaged(number, 6, sound)


@pytest.mark.parametrize(("fault", "counted_as"), [("raise KeyError", "unexpected"), ("os._exit(1)", "deaths")])
def test_what_must_not_happen_is_counted(fault: str, counted_as: str) -> None:
    """A worker that fails at every film fails the run, or is counted."""
    script = (
        f"import os\nfrom clinicalblip.imaging.sandbox.worker import serve\ndef read(*_, **__): {fault}\nserve(read)"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counted = fuzz(2, threads=1, pool=Pool((sys.executable, "-c", script), size=1))
    assert len(getattr(counted, counted_as)) == 2
    assert counted.is_good is (counted_as == "deaths")
