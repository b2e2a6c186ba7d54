"""Reads a report and its CSV files as somebody would who has only these."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

Line = dict[str, str]


def report_tables(report: bytes) -> dict[str, list[Line]]:
    """The tables of a Markdown text by their titles, each line by its columns."""
    found = {}
    for title, body in re.findall(r"^\*\*(.+?)\.\*\*\n\n((?:\|.*\n?)+)", report.decode(), re.MULTILINE):
        lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in body.splitlines()]
        header = [cell.strip("| ") for cell in lines[0]]
        found[title] = [dict(zip(header, (cell.strip("| ") for cell in line), strict=True)) for line in lines[2:]]
    return found


def csv_rows(files: Mapping[str, bytes], name: str) -> list[Line]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))


def compared(files: Mapping[str, bytes]) -> list[Line]:
    """The readings that go into comparisons."""
    return [row for row in csv_rows(files, "readings.csv") if row["compared"] == "1"]


def floats(rows: list[Line], name: str, arm: str | None = None) -> list[float]:
    """The numbers of a column, of an arm, where there are any."""
    return [float(row[name]) for row in rows if row[name] and arm in (None, row["arm"])]


def findings(row: Line, name: str) -> set[str]:
    """A list of observations."""
    return {each for each in row[name].split("; ") if each}


def middle_and_quartiles(values: list[float], digits: int) -> str:
    """As a table has them, by linear interpolation."""
    ordered = sorted(values)

    def at(share: float) -> str:
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return f"{ordered[low] + (place - low) * (ordered[high] - ordered[low]):.{digits}f}"

    return f"{at(0.5)} ({at(0.25)} to {at(0.75)})"


def bounds(cell: str) -> tuple[float, float, float]:
    """An estimate with its interval."""
    value, low, high = re.fullmatch(r"(\S+)(?: %| points)? \[(\S+), (\S+)\]", cell).groups()  # type: ignore[union-attr]
    return float(value), float(low), float(high)


def least_squares(rows: list[Line], value: Any, arm: str, against: str) -> float:
    """The difference of two arms within readers and cases, by least squares over dummies."""
    import numpy as np

    kept = [row for row in rows if value(row) is not None]
    arms, readers, cases = (sorted({row[name] for row in kept}) for name in ("arm", "reader", "case"))
    columns = [
        *([float(row["arm"] == each) for row in kept] for each in arms if each != against),
        *([float(row["reader"] == each) for row in kept] for each in readers),
        *([float(row["case"] == each) for row in kept] for each in cases[1:]),
    ]
    found, *_ = np.linalg.lstsq(np.array(columns).T, np.array([value(row) for row in kept]), rcond=None)
    return float(found[[each for each in arms if each != against].index(arm)])
