"""A report says so where there is little or nothing to report, and never fails for it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from clinicalblip.radiology.observation import Observation
from clinicalblip.reader_study.records.records import EventKind, StudyEvent
from clinicalblip.reader_study.results.reading_row import ReadingRow, ReviewState
from clinicalblip.reader_study.results.study_data import StudyData
from clinicalblip.reader_study.results.write_results import result_files
from tests.fixtures.recomputed.export import ExportedStudy
from tests.fixtures.recomputed.report import report_faults
from tests.fixtures.report_tables import report_tables
from tests.fixtures.study_readings import BEGUN, DESIGN, study_design, study_readings


def report(data: StudyData) -> str:
    """The report of a study, all of whose files are written; its numbers are those of the CSV files."""
    files = result_files(data)
    study = ExportedStudy.of(files, data.design, data.assignment, data.enrolments, ended=data.ended)
    assert report_faults(files["report.md"], study) == []
    return files["report.md"].decode()


def cells(text: str, title: str, column: str) -> list[str]:
    """A column of a table."""
    return [line[column] for line in report_tables(text.encode())[title]]


def same(row: ReadingRow) -> ReadingRow:
    """A reading like any other, but for who read what."""
    drafted = row.decision is not None
    nothing = frozenset({Observation.NO_FINDING})
    return replace(
        row,
        seconds=60.0,
        active_seconds=60.0,
        agreement=1.0,
        first_agreement=1.0 if drafted else None,
        draft_agreement=1.0 if drafted else None,
        edit_distance=0 if drafted else None,
        decision=0 if drafted else None,
        named=() if drafted else None,
        injected=(),
        final_findings=nothing,
        first_findings=nothing if drafted else None,
        draft_findings=nothing if drafted else None,
        reference_findings=nothing,
        flags=(),
        answers={"sure": 3, "film": "enough"},
    )


def test_no_reading_at_all(data: StudyData) -> None:
    """Who could have read is said, and that there is no result; the CSV files have their headers alone."""
    files = result_files(replace(data, rows=(), choices=(), answers=(), saved=()))
    text = files["report.md"].decode()
    assert "so there is no result" in text
    assert cells(text, "Readings by reader", "read") == ["0"] * 6
    assert files["readings.csv"].count(b"\n") == 1
    assert not any(name.endswith(".svg") for name in files)


def test_nobody_enrolled(data: StudyData) -> None:
    """A study that nobody joined has a report too."""
    empty = replace(data, rows=(), choices=(), answers=(), saved=(), enrolments=(), events=())
    text = report(empty)
    assert "0 of 6 places were taken" in text
    assert "The study has not ended: these are results so far." in text


def test_one_reader_only(data: StudyData) -> None:
    """Numbers stand without an interval that would speak for other readers, and it is said why."""
    rows = tuple(row for row in data.rows if row.reader == "R01")
    choices = tuple(choice for choice in data.choices if choice.reader == "R01")
    text = report(replace(data, rows=(*rows, *_again(rows)), choices=choices))
    assert set(cells(text, "Active seconds by arm", "ratio to unaided")) == {"(compared with)", "–"}
    assert "one reader only" in text
    assert set(cells(text, "Comparisons", "what it shows")) == {"no estimate"}


def _again(rows: tuple[ReadingRow, ...]) -> tuple[ReadingRow, ...]:
    """As many readings of other cases, so that there are enough of them to ask for an estimate."""
    return tuple(replace(row, case=row.case + 100, position=row.position) for row in rows)


def test_few_readings_are_counted_alone(data: StudyData) -> None:
    """Below twenty values nothing is estimated, and the note says how many there are."""
    few = tuple(row for row in data.rows if row.compared)[:19]
    text = report(replace(data, rows=few))
    assert "counts alone, for there are 19 values, and an interval needs 20" in text
    assert not re.search(r"\d \[", text.split("## Reading time")[1].split("## Edit distance")[0])


def test_an_empty_arm(data: StudyData) -> None:
    """Its line has a zero, and nothing is compared with it."""
    text = report(replace(data, rows=tuple(row for row in data.rows if row.arm != "marked")))
    lines = {line["arm"]: line for line in report_tables(text.encode())["Active seconds by arm"]}
    assert (lines["marked"]["readings"], lines["marked"]["ratio to unaided"]) == ("0", "–")
    assert lines["marked"]["geometric mean"] == "–"


def test_an_empty_arm_that_others_are_compared_with(data: StudyData) -> None:
    """The others are counted, and the note names the arm."""
    text = report(replace(data, rows=tuple(row for row in data.rows if row.arm != "unaided")))
    assert set(cells(text, "Active seconds by arm", "ratio to unaided")) == {"(compared with)", "–"}
    assert "no reading under unaided" in text


def test_all_values_equal(data: StudyData) -> None:
    """Nothing varies, so no interval is given, and it is said."""
    text = report(replace(data, rows=tuple(map(same, data.rows))))
    assert set(cells(text, "Active seconds by arm", "ratio to unaided")) == {"(compared with)", "–"}
    assert "all values are equal" in text
    assert "all decisions are the same" in text
    assert "all ratings are equal" in text


def test_nothing_but_ties(data: StudyData) -> None:
    """Choices without a winner are counted, and there is no interval."""
    from clinicalblip.reader_study.records.records import Choice

    ties = tuple(replace(choice, choice=Choice.TIE, chosen=None) for choice in data.choices)
    text = report(replace(data, choices=ties))
    assert cells(text, "Choices by arm", "chosen") == ["0", "0"]
    assert "choices do not vary" in text


def test_every_review_withdrawn(data: StudyData) -> None:
    """What rests on a consent is in no table; decisions are, and the withdrawals are counted."""

    def withdrawn(row: ReadingRow) -> ReadingRow:
        if row.review is ReviewState.NO_DRAFT:
            return row
        return replace(
            row,
            review=ReviewState.WITHDRAWN,
            seconds=None,
            active_seconds=None,
            first_seconds=None,
            final_findings=None,
            first_findings=None,
            agreement=None,
            first_agreement=None,
            injected=None if row.injected else (),
            wrongly_corrected=None,
        )

    text = report(replace(data, rows=tuple(map(withdrawn, data.rows))))
    reasons = {
        line["why"]: line["readings"] for line in report_tables(text.encode())["Not in comparisons of arms, and why"]
    }
    assert reasons["in comparisons, but not of what rests on a consent: the review was withdrawn"] == "44"
    assert [line["readings"] for line in report_tables(text.encode())["Decisions by arm"]] == ["22", "22"]


def test_a_reader_who_left_is_counted_as_far_as_they_came(data: StudyData) -> None:
    """Their readings are in the tables, and that they left stands in their line."""
    text = report(data)
    lines = {line["reader"]: line for line in report_tables(text.encode())["Readings by reader"]}
    assert (lines["R06"]["assigned"], lines["R06"]["read"], lines["R06"]["left"]) == ("17", "8", "yes")
    assert "1 left before their end, and what they read until then is counted" in text


def test_a_study_that_was_extended_has_not_ended(data: StudyData) -> None:
    """The last of both counts."""
    events = (*data.events, StudyEvent(EventKind.EXTENDED, BEGUN))
    assert "these are results so far" in report(replace(data, events=events))


@pytest.mark.parametrize(
    "changes",
    [
        {"pairwise": None, "questions": {}, "analysis": {"bootstrap": 200}},
        {"reading": {"readers": 6, "kind": "parallel"}},
        {"reading": {"readers": 6, "periods": 2}},
        {
            "arms": [DESIGN["arms"][0]],
            "reading": {"readers": 6},
            "gold": {},
            "pairwise": None,
            "analysis": {"bootstrap": 200},
        },
        {
            "arms": DESIGN["arms"][1:],
            "analysis": {"bootstrap": 200},
        },
    ],
    ids=["nothing asked", "parallel", "two periods", "no draft", "no arm without a draft"],
)
def test_designs_of_other_kinds(changes: dict[str, Any]) -> None:
    """Each has a report, and a part that it has not is named as such."""
    text = report(study_readings(study_design(changes)))
    assert text.count("\n## ") == 14
    if "pairwise" in changes:
        assert "The design has no choices between two drafts." in text
    if changes.get("reading", {}).get("periods") == 2:
        assert "By period" in text


def test_two_reports_of_the_same_records_are_the_same_bytes(data: StudyData) -> None:
    """Whatever the order in which things were hashed or drawn."""
    assert result_files(data) == result_files(study_readings())


@pytest.mark.parametrize("seed", range(3))
def test_gold_and_training_move_no_comparison(seed: int) -> None:
    """Without them every table of a comparison stays as it is."""
    data = study_readings(seed=seed)
    without = replace(data, rows=data.compared)
    titles = ("Comparisons", "Active seconds by arm", "Words added and removed", "F1 with the reference")
    whole, part = (report_tables(report(each).encode()) for each in (data, without))
    named = [line for line in whole["Comparisons"] if not line["outcome"].startswith("caught")]
    assert [line for line in part["Comparisons"] if not line["outcome"].startswith("caught")] == named
    for title in titles[1:]:
        assert whole[title] == part[title]
