"""Which token follows each run of up to five tokens, counted over many texts.

A run is kept as a number of 64 bits and never as its tokens. Two runs with one number would only make a proposal worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST_CONTEXT: Final = 5
"""Tokens before the one that is proposed: n-grams have up to six."""

START: Final = 0xFFFFFFFF
"""Stands before the first token of a report."""

_MULTIPLIER: Final = 0x9E3779B97F4A7C15  # odd, so that no token of a run is lost in the product
_MASK: Final = (1 << 64) - 1

Words = NDArray[np.int64]


def context_key(context: Sequence[int]) -> int:
    """The number of a run of tokens, below 2**64."""
    key = len(context)
    for token_id in context:
        key = (key * _MULTIPLIER + token_id + 1) & _MASK
        key ^= key >> 29
    return key


@dataclass(frozen=True, eq=False)
class Continuations:
    """The likeliest continuation of each run, sorted by `keys`; all arrays have one length.

    `keys` uint64, `token_ids` int32; `counts` uint32: how often that token followed, of `totals` uint32 times that any
    did.
    """

    keys: NDArray[np.uint64]
    token_ids: NDArray[np.int32]
    counts: NDArray[np.uint32]
    totals: NDArray[np.uint32]

    def __post_init__(self) -> None:
        if len({len(each) for each in self.arrays.values()}) != 1:
            raise ValueError("the arrays of continuations have different lengths")
        if len(self.keys) and not (np.all(self.keys[1:] > self.keys[:-1]) and np.all(self.counts <= self.totals)):
            raise ValueError("continuations are sorted by key, each key once, and no count is above its total")

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The four arrays by name."""
        return {"keys": self.keys, "token_ids": self.token_ids, "counts": self.counts, "totals": self.totals}


@dataclass(frozen=True)
class TokenText:
    """A text as token ids, whose it is, and whether it is the beginning of a report.

    `stands_alone`: its n-grams count however few patients' texts have them.
    """

    token_ids: tuple[int, ...]
    patient: str
    is_beginning: bool = True
    stands_alone: bool = False


@dataclass(frozen=True, eq=False)
class _Tokens:
    """All texts in one row: each token, its place in its text, whose it is, and what it counts for, (tokens,) each."""

    ids: Words
    places: Words
    patients: Words
    weights: Words


def count_continuations(texts: Sequence[TokenText], min_patients: int = 1) -> Continuations:
    """Count the n-grams of one to six tokens, and keep of each run the token that follows it most often.

    An n-gram counts where texts of `min_patients` patients or more have it, or one that stands alone. Of equally
    frequent tokens the one with the lowest number is kept.
    """
    tokens = _in_one_row(texts, min_patients)
    lengths = range(1, LONGEST_CONTEXT + 1)
    found = [_of_length(length, tokens, min_patients) for length in lengths if len(tokens.ids)]
    keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(part.keys for part in found)])
    order = np.argsort(keys, kind="stable")
    chosen = order[_differs(keys[order])]
    return Continuations(
        keys[chosen],
        np.concatenate([np.zeros(0, dtype=np.int32), *(part.token_ids for part in found)])[chosen],
        np.concatenate([np.zeros(0, dtype=np.uint32), *(part.counts for part in found)])[chosen],
        np.concatenate([np.zeros(0, dtype=np.uint32), *(part.totals for part in found)])[chosen],
    )


def _in_one_row(texts: Sequence[TokenText], min_patients: int) -> _Tokens:
    numbers = {patient: number for number, patient in enumerate(dict.fromkeys(text.patient for text in texts))}
    rows = [(START, *text.token_ids) if text.is_beginning else text.token_ids for text in texts]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    ids = np.fromiter((token_id for row in rows for token_id in row), dtype=np.int64, count=int(lengths.sum()))
    whose = np.array([numbers[text.patient] for text in texts], dtype=np.int64)
    weights = np.array([min_patients if text.stands_alone else 1 for text in texts], dtype=np.int64)
    places = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return _Tokens(ids, places, np.repeat(whose, lengths), np.repeat(weights, lengths))


def _of_length(length: int, tokens: _Tokens, min_patients: int) -> Continuations:
    """The likeliest continuation of each run of so many tokens."""
    at = np.flatnonzero(tokens.places >= length)
    keys = np.full(len(at), length, dtype=np.uint64)
    for back in range(length, 0, -1):
        keys = keys * np.uint64(_MULTIPLIER) + tokens.ids[at - back].astype(np.uint64) + np.uint64(1)
        keys ^= keys >> np.uint64(29)
    order = np.lexsort((-tokens.weights[at], tokens.patients[at], tokens.ids[at], keys))
    at, keys = at[order], keys[order]
    nexts, whose, weights = tokens.ids[at], tokens.patients[at], tokens.weights[at]
    new_key = _differs(keys)
    new_ngram = new_key | _differs(nexts)
    starts = np.flatnonzero(new_ngram)
    if not len(starts):
        return Continuations(keys, nexts.astype(np.int32), nexts.astype(np.uint32), nexts.astype(np.uint32))
    counts = np.diff(np.append(starts, len(keys)))
    patients = np.add.reduceat((new_ngram | _differs(whose)) * weights, starts)
    key_starts = np.flatnonzero(new_key[starts])
    totals = np.repeat(np.add.reduceat(counts, key_starts), np.diff(np.append(key_starts, len(starts))))
    keys, nexts = keys[starts], nexts[starts]
    kept = np.flatnonzero(patients >= min_patients)
    best = kept[np.lexsort((nexts[kept], -counts[kept], keys[kept]))]
    best = best[_differs(keys[best])]
    return Continuations(
        keys[best], nexts[best].astype(np.int32), counts[best].astype(np.uint32), totals[best].astype(np.uint32)
    )


def _differs(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a sorted array's value is another than the one before it; true at the first."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found
