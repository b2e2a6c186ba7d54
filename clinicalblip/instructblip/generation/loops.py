"""Noticing that a model repeats itself without end."""

from collections.abc import Sequence

MIN_REPEATS, MIN_LOOP_TOKENS, LONGEST_PERIOD = 3, 24, 80
"""The same tokens at least three times in a row, 24 or more together, are a loop; its period is at most 80 tokens."""


def ends_in_loop(token_ids: Sequence[int]) -> bool:
    """Whether a text ends with the same tokens over and over."""
    for period in range(1, min(LONGEST_PERIOD, len(token_ids) // MIN_REPEATS) + 1):
        repeats = max(MIN_REPEATS, -(-MIN_LOOP_TOKENS // period))
        end = token_ids[-period * repeats :]
        if len(end) == period * repeats and end[period:] == end[:-period]:
            return True
    return False
