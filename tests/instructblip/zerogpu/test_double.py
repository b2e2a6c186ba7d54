"""The double of `spaces` catches what ZeroGPU would not forgive."""

import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
import pytest

from tests.fixtures.lent_gpus import LentGpus

_seen: dict[str, Any] = {}


@dataclass(frozen=True)
class _Ours:
    value: int = 1


def _echo(*values: object) -> Iterator[object]:
    _seen["there"] = values
    yield os.getpid(), _seen.get("here"), *values


def _fail() -> Iterator[object]:
    raise ValueError("with words of its own")
    yield


def test_state_in_a_global_is_lost_both_ways(gpus: LentGpus) -> None:
    """What is set here after the fork is not seen there, and what is set there is never seen here."""
    _seen.clear()
    lent = gpus.GPU(_echo, duration=lambda *values: 1)
    _seen["here"] = "before"
    ((process, here, _),) = lent(1)
    assert (process != os.getpid(), here) == (True, "before")
    _seen["here"] = "after"
    ((same, here, _),) = lent(2)
    assert (same, here) == (process, "before")
    assert "there" not in _seen


def test_plain_data_crosses_and_nothing_else(gpus: LentGpus) -> None:
    """Numbers, texts, tuples and arrays, as they were; an object of ours is refused on its way."""
    lent = gpus.GPU(_echo, duration=lambda *values: 1)
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    ((_, _, text, number, (inner,)),) = lent("text", 0.1, (array,))
    assert (text, number, inner.dtype) == ("text", 0.1, np.float32)
    np.testing.assert_array_equal(inner, array)
    for value in (_Ours(), os.getcwd, ValueError("no")):
        with pytest.raises(pickle.UnpicklingError, match="no plain data"):
            list(lent(value))


def test_of_an_exception_only_its_name_crosses(gpus: LentGpus) -> None:
    """As `spaces` has it."""
    with pytest.raises(gr.Error) as failed:
        list(gpus.GPU(_fail, duration=lambda: 1)())
    assert (failed.value.title, failed.value.message) == ("ZeroGPU worker error", "ValueError")
