"""The data dictionary has every column of the CSV files, and no other."""

import csv
import io
import re
from collections.abc import Mapping
from enum import StrEnum

import pytest

from clinicalblip.radiology.review import Verdict
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.injection.fates import ErrorFate
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.reader_study.results.csv_files import FILES
from clinicalblip.reader_study.results.reading_row import Flag, ReviewState

NAMES = [file.name for file in FILES]


def dictionary(files: Mapping[str, bytes], name: str) -> dict[str, list[str]]:
    """The dictionary's rows of a file, by their columns."""
    parts = dict(re.findall(r"^## `([\w.]+)`\n(.+?)(?=^##|\Z)", files["dictionary.md"].decode(), re.M | re.S))
    lines = [line.strip("|").split("|") for line in parts[name].splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in lines}


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_there(files: Mapping[str, bytes], name: str) -> None:
    """In the file's order, each with a type and a meaning."""
    (header, *_) = csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline=""))
    found = dictionary(files, name)
    assert list(found) == header
    assert all(kind in ("text", "whole number", "number", "yes/no", "list") for kind, *_ in found.values())
    assert all(means for _, _, means, _ in found.values())


@pytest.mark.parametrize("name", NAMES)
def test_values_are_of_their_types(files: Mapping[str, bytes], name: str) -> None:
    """Or empty; and no column is empty throughout."""
    rows = list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))
    patterns = {"whole number": r"-?\d+", "number": r"-?\d+(\.\d+)?(e-?\d+)?", "yes/no": "[01]"}
    for column, (kind, *_) in dictionary(files, name).items():
        given = [row[column] for row in rows if row[column]]
        assert given, column
        assert all(re.fullmatch(patterns.get(kind, ".*"), value, re.S) for value in given), column


@pytest.mark.parametrize(
    ("name", "column", "words"),
    [
        ("readings.csv", "kind", CaseKind),
        ("readings.csv", "decision", Verdict),
        ("readings.csv", "flags", Flag),
        ("readings.csv", "review", ReviewState),
        ("errors.csv", "fate", ErrorFate),
        ("choices.csv", "choice", Choice),
    ],
)
def test_every_word_of_a_list_is_there(
    files: Mapping[str, bytes], name: str, column: str, words: type[StrEnum]
) -> None:
    """What can stand in a column is in its row."""
    assert set(re.findall(r"`([^`]+)`", dictionary(files, name)[column][2])) == set(map(str, words))


def test_measures_say_what_they_do_not_show(files: Mapping[str, bytes]) -> None:
    """Every number and every yes or no of a reading, but for what the assignment says."""
    for column, (kind, _, _, not_shown) in dictionary(files, "readings.csv").items():
        assert not_shown or kind in ("text", "list"), column
