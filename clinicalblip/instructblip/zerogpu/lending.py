"""The one place where ZeroGPU's decorator is applied, and for how long a GPU is asked for."""

import os
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any, Final

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.zerogpu.wording import NOT_INSTALLED

Message = tuple[Any, ...]
"""What crosses to the forked process or back: a word for what it is, then numbers, texts, tuples and numpy arrays."""

Lent = Callable[..., Iterator[Message]]

LONGEST: Final = 120
"""Seconds. Who is not signed in has two minutes a day, and is refused more at once whatever is left of them."""

STARTS: Final = 15.0
"""Seconds until a forked process has a 7B model in NF4 (5 GB, from the disk) on its GPU and has read a prompt."""

TOKENS_A_SECOND: Final = 8.0
"""What such a model writes at the least, with an adapter beside its weights; seconds that are left are given back."""

SCORES: Final = 10.0
EVIDENCE_A_FILM: Final = 10.0


def draft_seconds(new_tokens: int) -> int:
    """How long a draft of so many tokens at most may keep a GPU, in seconds."""
    return _whole(new_tokens / TOKENS_A_SECOND)


def score_seconds() -> int:
    """How long the scores of a study may, in seconds."""
    return _whole(SCORES)


def evidence_seconds(films: int) -> int:
    """How long the evidence in so many films may, in seconds."""
    return _whole(films * EVIDENCE_A_FILM)


def _whole(seconds: float) -> int:
    return min(LONGEST, ceil(STARTS + seconds))


def lend(task: Lent, seconds: Callable[..., int]) -> Lent:
    """`task`, a generator, as one that runs in a forked process with a GPU; `seconds` is asked with its arguments.

    Call it before the model is built, in the same thread. Raises ModelUnavailable without the package `spaces`.
    """
    try:
        import spaces
    except ImportError as error:
        raise ModelUnavailable(NOT_INSTALLED) from error
    # transformers 5.24 else copies weights in threads, where `spaces` does not see that they go to a GPU.
    os.environ.setdefault("HF_DEACTIVATE_ASYNC_LOAD", "1")
    lent: Lent = spaces.GPU(task, duration=seconds)
    return lent
