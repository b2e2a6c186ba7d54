"""How far times vary between readers and cases, from a table of readings that were made before."""

from __future__ import annotations

import csv
from pathlib import Path

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.mixed_times import variance_components

_COLUMNS = ("reader", "case", "arm", "seconds")


def read_pilot(path: Path) -> dict[str, float]:
    """Standard deviations of log seconds: `reader`, `case`, `reader_arm` and `residual`, from a CSV file.

    Its columns are reader, case, arm and seconds; others are let be. Raises ReaderStudyError.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReaderStudyError("The pilot cannot be read; name a CSV file in UTF-8.") from error
    if not rows or not set(_COLUMNS) <= set(rows[0]):
        raise ReaderStudyError(f"The pilot has no rows with the columns {', '.join(_COLUMNS)}; name another table.")
    try:
        timed = [(row["reader"], row["case"], row["arm"], float(row["seconds"])) for row in rows if row["seconds"]]
        numbers = {case: number for number, case in enumerate(dict.fromkeys(case for _, case, _, _ in timed))}
        measured = Measurements(
            [reader for reader, _, _, _ in timed],
            [numbers[case] for _, case, _, _ in timed],
            [arm for _, _, arm, _ in timed],
            [seconds for _, _, _, seconds in timed],
        )
        found = variance_components(measured.keep([seconds > 0 for seconds in measured.values]))
    except ValueError as error:
        raise ReaderStudyError(f"The pilot says nothing of how times vary: {error}; leave it out.") from error
    return found
