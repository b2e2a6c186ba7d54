"""Runs of words, counted."""

from collections import Counter
from collections.abc import Sequence

Ngram = tuple[str, ...]


def count_ngrams(words: Sequence[str], order: int) -> Counter[Ngram]:
    """How often each run of `order` words stands in a text; none in a text that is shorter."""
    return Counter(zip(*(words[start:] for start in range(order)), strict=False))
