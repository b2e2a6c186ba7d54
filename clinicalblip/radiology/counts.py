"""What is counted, as every program that reads it can: SQLite, JavaScript and data frames."""

from typing import Any

_EXACT = 2**53  # from there a double has no place for every whole number


def is_count(value: Any) -> bool:
    """Whether it is a whole number from 0, of a size that is exact everywhere; a truth value is none."""
    return type(value) is int and 0 <= value < _EXACT
