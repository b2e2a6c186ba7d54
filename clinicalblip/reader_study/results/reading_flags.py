"""Flags of readings: why one may say little. None of them is a proof, and none takes a reading out by itself."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from clinicalblip.radiology.reading import Reading
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.results.reading_row import Flag, ReadingRow

IDLE_SHARE: Final = 0.5
"""A reading is mostly idle where more than this share of its seconds is."""

FAST_SHARE: Final = 0.25
"""It is very fast below this share of the median of the same reader's readings under the same arm."""

LEAST_FOR_FAST: Final = 5
"""Of how many readings that median is at least."""


def flags_of(reading: Reading) -> tuple[Flag, ...]:
    """The flags that a reading has by itself."""
    idle = reading.saved_seconds - reading.active_seconds
    found = {
        Flag.FASTER_THAN_READABLE: reading.accepted_faster_than_readable,
        Flag.ALL_AT_ONCE: reading.accepted_all_at_once,
        Flag.MOSTLY_IDLE: idle > IDLE_SHARE * reading.saved_seconds,
        Flag.INTERRUPTED: reading.interrupted,
    }
    return tuple(flag for flag in Flag if found.get(flag))


def with_very_fast(rows: Sequence[ReadingRow]) -> tuple[ReadingRow, ...]:
    """The rows, those flagged that are very fast beside the same reader's others; training cases are not compared."""
    seconds = defaultdict(list)
    for row in rows:
        if row.active_seconds is not None and row.kind is not CaseKind.TRAINING:
            seconds[row.reader, row.arm].append(row.active_seconds)
    limits = {key: FAST_SHARE * median(own) for key, own in seconds.items() if len(own) >= LEAST_FOR_FAST}

    def fast(row: ReadingRow) -> bool:
        limit = limits.get((row.reader, row.arm))
        return limit is not None and row.active_seconds is not None and row.active_seconds < limit

    return tuple(
        replace(row, flags=tuple(flag for flag in Flag if flag in row.flags or (flag is Flag.VERY_FAST and fast(row))))
        for row in rows
    )
