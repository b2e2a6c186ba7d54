"""What an assignment comes to, in plain lines."""

from clinicalblip.reader_study.assignment.assign import assign
from clinicalblip.reader_study.assignment.balance import balance_lines
from tests.fixtures.study_designs import study_cases, study_design


def test_a_balanced_study_shows_one_number_everywhere() -> None:
    """The same by arm for readings, thirds and cases."""
    design = study_design(2, readers=4, main=12, gold=2, studies={"training": 2, "repeated": 2})
    lines = balance_lines(design, assign(design, study_cases(design), design_digest="", studies_digest=""))
    assert lines[:3] == [
        "A study: crossover, 4 readers, 2 arms, 1 period",
        "Cases: 12 to compare, 2 gold, 2 training; 2 come again",
        "Strata: any 9, normal 5",
    ]
    assert lines[4:8] == [
        "Readings by all readers",
        "arm      draft  compared  gold  training  again",
        "unaided   none        24     4         4      4",
        "model-1  model        24     4         4      4",
    ]
    assert lines[9] == "Balance of the cases to compare"
    assert lines[11].split()[:4] == ["unaided", "8", "8", "8"]
    assert lines[12].split()[:4] == ["model-1", "8", "8", "8"]
    assert lines[11].split()[-1] == lines[12].split()[-1] == "2"


def test_what_is_not_one_number_is_a_range() -> None:
    """With one row more than the square has."""
    design = study_design(2, readers=3, main=2)
    balanced = study_design(2, readers=4, main=2)
    whole = assign(balanced, study_cases(balanced), design_digest="", studies_digest="")
    readings = tuple(each for each in whole.readings if each.row < 4)
    lines = balance_lines(design, type(whole)("", "", whole.cases, readings))
    assert lines[0] == "A study: crossover, 3 readers, 2 arms, 1 period"
    assert lines[-1].endswith("1 to 2")


def test_pairs_alone_have_no_table_of_readings() -> None:
    """Only how often each arm stands on the left."""
    design = study_design(3, readers=2, main=4, pairwise={"arms": ["model-1", "model-2"], "cases": 4, "alone": True})
    lines = balance_lines(design, assign(design, study_cases(design), design_digest="", studies_digest=""))
    assert lines[3:] == ["", "Pairs by all readers: 8 (model-1 on the left in 4, model-2 on the left in 4)"]
