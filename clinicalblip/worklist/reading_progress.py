"""Which studies a reader has begun, saved or skipped, and how long one takes: kept across restarts.

Each reader has a file of their own, named by a digest of their pseudonym, in which a line is added for each change: a
process that dies in the middle leaves half a line, which does not count. It holds no word of anybody's.
"""

import hashlib
import logging
import statistics
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from clinicalblip.datasets.files.json_lines import append_json_lines, recover_json_lines, write_json_lines
from clinicalblip.worklist.work_list import ListedStudy

_LOG = logging.getLogger(__name__)


class ReadingState(StrEnum):
    """How far a reader is with a study."""

    NEW = "new"
    BEGUN = "begun"
    SAVED = "saved"
    SKIPPED = "skipped"


class SkipReason(StrEnum):
    """Why a reader does not read a study."""

    FILMS = "films"
    QUALITY = "quality"
    LATER = "later"
    OTHER = "other"


@dataclass(frozen=True)
class Reading:
    """How far a reader is with one study: `reason` where it was skipped, `seconds` from opening to saving."""

    state: ReadingState = ReadingState.NEW
    reason: SkipReason | None = None
    seconds: float = 0.0


class ReaderRecord:
    """The readings of one reader, by the studies' digests; in memory alone without a `path`. For many threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._path, self._lock = path, threading.Lock()
        self._readings: dict[str, Reading] = {}
        for row in recover_json_lines(path) if path else ():
            digest, reading = _from_row(row)
            if reading is not None:
                self._readings[digest] = reading
        if self._readings and path:
            rows = (_to_row(digest, reading) for digest, reading in self._readings.items())
            write_json_lines(rows, path, private=True)  # whole lines alone, so that the next one begins a line

    def of(self, study: ListedStudy) -> Reading:
        """How far the reader is with a study."""
        with self._lock:
            return self._readings.get(study.digest, Reading())

    def begin(self, study: ListedStudy) -> None:
        """The reader opened a study; one that was saved stays so."""
        if self.of(study).state is not ReadingState.SAVED:
            self._mark(study, Reading(ReadingState.BEGUN))

    def save(self, study: ListedStudy, seconds: float) -> None:
        """The reader's review of a study is on disk; the time of the first one counts."""
        before = self.of(study)
        first = before.seconds if before.state is ReadingState.SAVED else max(0.0, seconds)
        self._mark(study, Reading(ReadingState.SAVED, seconds=round(first, 1)))

    def skip(self, study: ListedStudy, reason: SkipReason) -> None:
        """The reader does not read a study; one that was saved stays so."""
        if self.of(study).state is not ReadingState.SAVED:
            self._mark(study, Reading(ReadingState.SKIPPED, reason))

    def done(self, studies: Iterable[ListedStudy]) -> int:
        """How many of these studies are saved or skipped."""
        return sum(self.of(study).state in (ReadingState.SAVED, ReadingState.SKIPPED) for study in studies)

    def seconds_left(self, studies: Iterable[ListedStudy]) -> float | None:
        """How long the studies take that are neither saved nor skipped, at this reader's median pace.

        None before two are saved.
        """
        with self._lock:
            paces = [reading.seconds for reading in self._readings.values() if reading.state is ReadingState.SAVED]
        if len(paces) < 2:
            return None
        open_states = (ReadingState.NEW, ReadingState.BEGUN)
        left = sum(self.of(study).state in open_states for study in studies if not study.fault)
        return statistics.median(paces) * left

    def _mark(self, study: ListedStudy, reading: Reading) -> None:
        with self._lock:
            if self._readings.get(study.digest) == reading:
                return
            self._readings[study.digest] = reading
            if self._path is None:
                return
            try:
                append_json_lines([_to_row(study.digest, reading)], self._path)
            except OSError as error:  # the review itself is on disk; where the reader was is known until a restart
                _LOG.warning("a reading was not kept: %s", type(error).__name__)


class ReadingProgress:
    """The records of all readers, in a folder; `folder` None keeps them in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._records: dict[str, ReaderRecord] = {}

    def of(self, reader: str) -> ReaderRecord:
        """The record of the reader with this pseudonym, the same for all their pages."""
        with self._lock:
            if reader not in self._records:
                path = None
                if self._folder is not None:
                    self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                    path = self._folder / f"{hashlib.sha256(reader.encode()).hexdigest()[:32]}.jsonl"
                self._records[reader] = ReaderRecord(path)
            return self._records[reader]


def _to_row(digest: str, reading: Reading) -> dict[str, Any]:
    return {"study": digest, "state": reading.state, "reason": reading.reason, "seconds": reading.seconds}


def _from_row(row: dict[str, Any]) -> tuple[str, Reading | None]:
    """A line as a reading; None for one that another version, or a stranger, wrote."""
    try:
        reason = SkipReason(row["reason"]) if row.get("reason") else None
        seconds = float(row.get("seconds", 0.0))
        reading = Reading(ReadingState(row["state"]), reason, seconds if 0 <= seconds < 10**9 else 0.0)
        return str(row["study"]), reading
    except (KeyError, ValueError, TypeError):
        return "", None
