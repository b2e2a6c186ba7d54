"""Cells of the load tables: the longest of many waits, counts by what was said, and memory."""

from collections import Counter
from collections.abc import Iterable


def longest(waited: Iterable[Iterable[float]]) -> str:
    """The longest of all readers' waits, in seconds."""
    seconds = [one for each in waited for one in each]
    return f"{max(seconds):.2f}" if seconds else "none"


def counted(counts: Counter[str]) -> str:
    """How often each was said, or 0."""
    return "; ".join(f"{name}: {count}" for name, count in sorted(counts.items()) if count) or "0"


def mebibytes(size: int) -> str:
    """Bytes as whole MiB."""
    return f"{size / 2**20:.0f}"
