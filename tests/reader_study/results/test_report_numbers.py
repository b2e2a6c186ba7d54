"""Each number of a report follows from its CSV files, by other means than the report's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import log
from typing import Any, Final

import pytest

from clinicalblip.reader_study.results.csv_files import write_csv
from clinicalblip.reader_study.results.estimates import Estimates
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.report import write_report
from clinicalblip.reader_study.results.study_data import StudyData
from tests.fixtures.recomputed.cells import MODELLED
from tests.fixtures.recomputed.columns import column_faults
from tests.fixtures.recomputed.export import ExportedStudy, f1, of_arm
from tests.fixtures.recomputed.readings import DECISIONS, Value, column, known, seconds
from tests.fixtures.recomputed.report import report_faults
from tests.fixtures.report_tables import Line, report_tables
from tests.fixtures.study_readings import DESIGN, study_design, study_readings
from tests.reader_study.results.estimates_by_hand import bounds, least_squares

Files = Mapping[str, bytes]
Tables = dict[str, list[Line]]

_NONE, _, _MARKED = DESIGN["arms"]
_SHOWN = {"show": {"confidence": True, "evidence": True}}
DESIGNS: Final[Mapping[str, dict[str, Any]]] = {
    "one period": {},
    "two periods": {"reading": {"readers": 6, "periods": 2}},
    "marks shown": {"arms": [_NONE, {"name": "assisted", "draft": "model"}, _MARKED | _SHOWN]},
}


@pytest.fixture(scope="session")
def tables(files: Files) -> Tables:
    """The report's tables."""
    return report_tables(files["report.md"])


@pytest.fixture(scope="session")
def study(files: Files, data: StudyData) -> ExportedStudy:
    """What the CSV files say."""
    return ExportedStudy.of(files, data.design, data.assignment, data.enrolments)


def by(table: list[Line], name: str) -> dict[str, Line]:
    """The lines of a table by one of their cells."""
    return {line[name]: line for line in table}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("changes", DESIGNS.values(), ids=DESIGNS)
def test_every_table_and_sentence_is_recomputed(changes: dict[str, Any], seed: int) -> None:
    """Cell by cell from the CSV files; a table or a number that is not recomputed is a fault as well."""
    data = study_readings(study_design(changes), seed=seed)
    study = ExportedStudy.of(write_csv(data), data.design, data.assignment, data.enrolments)
    assert column_faults(study) == []
    assert report_faults(write_report(data, Estimates.of(data.design), ()).encode(), study) == []


@pytest.mark.parametrize("kept", [(3, 3, 3), (4, 4, 4), (7, 6, 6), (7, 7, 6), (9, 9, 4), (9, 9, 5)])
def test_what_stands_from_how_many_values_on(data: StudyData, kept: tuple[int, ...]) -> None:
    """Quartiles from four on, estimates from 20 together and five in an arm: on either side of each bound."""
    rows = [row for arm, most in zip(data.arms, kept, strict=True) for row in _first(data, arm, most)]
    few = replace(data, rows=tuple(sorted(rows, key=lambda row: (row.reader, row.position))))
    study = ExportedStudy.of(write_csv(few), data.design, data.assignment, data.enrolments)
    assert report_faults(write_report(few, Estimates.of(data.design), ()).encode(), study) == []


def _first(data: StudyData, arm: str, most: int) -> list[ReadingRow]:
    """So many compared readings of an arm that have all values."""
    return [row for row in data.compared if row.arm == arm and row.agreement is not None][:most]


def test_any_other_number_is_a_fault(files: Files, study: ExportedStudy) -> None:
    """Of each column of each table, and of each sentence and note, one number is made larger by one."""
    report = files["report.md"].decode()
    changed = list(larger_numbers(report))
    assert len(changed) > 200
    assert [place for place, text in changed if not report_faults(text.encode(), study)] == []


def larger_numbers(report: str) -> Iterator[tuple[str, str]]:
    """Reports with one other number each, and where; numbers of models aside."""
    lines = report.splitlines()
    title, header = "", list[str]()
    seen: set[tuple[str, str]] = set()
    for place, line in enumerate(lines):
        if line.startswith("**"):
            title, header = line, []
        if line.startswith("|"):
            cells = line.split(" | ")
            header = header or [cell.strip("| ") for cell in cells]
            for number, (name, cell) in enumerate(zip(header, cells, strict=True)):
                is_modelled = name != "" and any(map(name.startswith, MODELLED))
                if (title, name) in seen or is_modelled or cell.strip("| ") == name or not _NUMBER.search(cell):
                    continue
                seen.add((title, name))
                other = " | ".join([*cells[:number], _NUMBER.sub(_larger, cell, count=1), *cells[number + 1 :]])
                yield f"{title}, {name}", "\n".join([*lines[:place], other, *lines[place + 1 :]])
        elif place and not line.startswith(("**", "Estimate of")):
            for found in _NUMBER.finditer(line):
                other = line[: found.start()] + _larger(found) + line[found.end() :]
                yield line, "\n".join([*lines[:place], other, *lines[place + 1 :]])


_NUMBER = re.compile(r"(?<![\w.“-])\d+(?![\w”])")


def _larger(found: re.Match[str]) -> str:
    return str(int(found[0]) + 1)


def test_ratios_of_times(study: ExportedStudy, tables: Tables) -> None:
    """In each way of counting near those of least squares within readers and cases."""
    rows = study.compared
    active, every = seconds("active_seconds"), seconds("seconds")
    wanted = {
        "active seconds": (rows, active),
        "all seconds, idle ones included": (rows, every),
        "active seconds, without flagged readings": (study.unflagged, active),
    }
    for line in tables["Reading time, other ways of counting"]:
        if line["what is counted"] in wanted:
            kept, value = wanted[line["what is counted"]]
            found, low, high = bounds(line["ratio to unaided"])
            plain = least_squares(kept, lambda row, value=value: log(value(row)), line["arm"], "unaided")
            assert low < found < high
            assert log(found) == pytest.approx(plain, abs=0.08)


@pytest.mark.parametrize(
    ("title", "value", "digits", "against", "is_unflagged"),
    [
        ("Words added and removed", column("edit_distance"), 1, "assisted", False),
        ("Words added and removed, without flagged readings", column("edit_distance"), 1, "assisted", True),
        ("Errors named in a reading", column("errors_named"), 2, "assisted", False),
        ("F1 with the reference", lambda row: f1(row, "final"), 3, "unaided", False),
        ("F1 with the reference, without flagged readings", lambda row: f1(row, "final"), 3, "unaided", True),
    ],
)
def test_differences_of_means(
    study: ExportedStudy, tables: Tables, title: str, value: Value, digits: int, against: str, is_unflagged: bool
) -> None:
    """They are those of least squares within readers and cases."""
    rows = study.unflagged if is_unflagged else study.compared
    for arm, line in by(tables[title], "arm").items():
        if arm != against:
            found, low, high = bounds(line[f"difference of means to {against}"])
            assert low < found < high
            assert found == pytest.approx(least_squares(rows, value, arm, against), abs=10**-digits)


def test_odds_of_decisions(study: ExportedStudy, tables: Tables) -> None:
    """On the side of the mean ranks."""
    means = {}
    for arm in study.drafted:
        ranks = [DECISIONS.index(row["decision"]) for row in of_arm(study.compared, arm)]
        means[arm] = sum(ranks) / len(ranks)
    value, _, _ = bounds(by(tables["Decisions by arm"], "arm")["marked"]["odds ratio of more work to assisted"])
    assert (value < 1) is (means["marked"] < means["assisted"])


def test_what_a_draft_changes_in_an_impression(study: ExportedStudy, tables: Tables) -> None:
    """The difference of means is that of the means, as each reading has both."""
    for arm, line in by(tables["F1 with the reference before and after the draft"], "arm").items():
        both = [row for row in of_arm(study.compared, arm) if row["f1"] and row["f1_first"]]
        first, final = (sum(value for _, value in known(both, column(name))) for name in ("f1_first", "f1"))
        assert bounds(line["difference of means"])[0] == pytest.approx((final - first) / len(both), abs=0.0006)


def test_what_flagged_readings_change(tables: Tables) -> None:
    """What the other tables say with them and without."""
    changes = {(line["outcome"], line["arm"]): line for line in tables["What leaving flagged readings out changes"]}
    times = {(line["what is counted"], line["arm"]): line for line in tables["Reading time, other ways of counting"]}
    for outcome, title, name in (
        ("edit distance, difference", "Words added and removed", "difference of means to assisted"),
        ("F1 with the reference, difference", "F1 with the reference", "difference of means to unaided"),
    ):
        for arm, line in by(tables[title], "arm").items():
            if (outcome, arm) in changes:
                without = by(tables[f"{title}, without flagged readings"], "arm")[arm]
                cells = changes[outcome, arm]
                assert (cells["all readings"], cells["without flagged"]) == (line[name], without[name])
    odds = by(tables["Decisions by arm"], "arm")["marked"]["odds ratio of more work to assisted"]
    assert changes["decision, odds ratio", "marked"]["all readings"] == odds
    for arm, line in by(tables["Active seconds by arm"], "arm").items():
        if arm != "unaided":
            cells = changes["active seconds, ratio", arm]
            ratio = "ratio to unaided"
            assert cells["all readings"] == line[ratio] == times["active seconds", arm][ratio]
            assert cells["without flagged"] == times["active seconds, without flagged readings", arm][ratio]


def test_named_comparisons(tables: Tables) -> None:
    """Estimates are those of the tables, p values grow by Holm's method, and what is shown follows from both."""
    lines = tables["Comparisons"]
    ratio = by(tables["Active seconds by arm"], "arm")["assisted"]["ratio to unaided"]
    assert bounds(lines[0]["estimate"])[0] == pytest.approx(bounds(ratio)[0], abs=0.006)
    numbers = sorted((float(line["p"]), float(line["p (Holm)"])) for line in lines if line["p"] != "–")
    largest = 0.0
    for rank, (p, adjusted) in enumerate(numbers):
        largest = max(largest, min(1.0, (len(lines) - rank) * p))
        assert adjusted == pytest.approx(largest, abs=0.004)
    for line in lines:
        if line["p"] == "–":
            assert line["what it shows"] == "no estimate"
        elif float(line["p (Holm)"]) >= 0.05:
            assert line["what it shows"] == "not shown"
