"""The file of an assignment: written once, and refused where it is not as it was written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.assignment.assign import add_row, assign
from clinicalblip.reader_study.assignment.assignment import Assignment
from clinicalblip.reader_study.assignment.assignment_file import (
    read_assignment,
    replace_assignment,
    write_assignment,
)
from tests.fixtures.study_designs import study_cases, study_design

DESIGN = study_design(3, readers=3, main=3, gold=2, pairwise={"arms": ["model-1", "model-2"], "cases": 3})
ASSIGNMENT = assign(DESIGN, study_cases(DESIGN), design_digest="a" * 64, studies_digest="b" * 64)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A file with a small assignment."""
    path = tmp_path / "assignment.json"
    write_assignment(ASSIGNMENT, path)
    return path


def test_what_is_written_is_read(written: Path) -> None:
    """It is JSON with a line for each reading."""
    assert read_assignment(written) == ASSIGNMENT
    text = written.read_text(encoding="utf-8")
    assert len(json.loads(text)["readings"]) == len(ASSIGNMENT.readings) == 15
    assert "\n[1, 1, 1, " in text


def test_nothing_but_ids_needs_escapes(tmp_path: Path) -> None:
    """An id in any letters comes back as it was, and an assignment of nothing too."""
    case = replace(ASSIGNMENT.cases[0], study_id='æ "\\\n\u2028')
    for number, each in enumerate((replace(ASSIGNMENT, cases=(case,)), Assignment("", "", (), ()))):
        path = tmp_path / f"{number}.json"
        write_assignment(each, path)
        assert read_assignment(path) == each


def test_it_is_written_once(written: Path) -> None:
    """What stands there stays."""
    before = written.read_bytes()
    with pytest.raises(ReaderStudyError, match="has an assignment already, which is made once"):
        write_assignment(replace(ASSIGNMENT, readings=()), written)
    assert written.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """For writing and for reading."""
    with pytest.raises(ReaderStudyError, match=r"cannot be written \(No such file or directory\)"):
        write_assignment(ASSIGNMENT, tmp_path / "none" / "assignment.json")
    with pytest.raises(ReaderStudyError, match="The study has no assignment; `clinicalblip reader-study prepare`"):
        read_assignment(tmp_path / "assignment.json")
    with pytest.raises(ReaderStudyError, match=r"cannot be read \(Is a directory\)"):
        read_assignment(tmp_path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_is_refused(data: st.DataObject, written: Path, tmp_path: Path) -> None:
    """Wherever it stands, whatever it becomes: also where it would still be JSON, or the same values."""
    content = bytearray(written.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    kind = data.draw(st.sampled_from(["other", "out", "in"]))
    byte = data.draw(st.sampled_from(b' \n0123456789,.[]{}"truefals\xff\x00'))
    changed = content[:place] + bytes([byte] if kind != "out" else []) + content[place + (kind != "in") :]
    path = tmp_path / "changed.json"
    path.write_bytes(changed)
    if changed == content:
        assert read_assignment(path) == ASSIGNMENT
    else:
        with pytest.raises(ReaderStudyError, match=r"was changed or is not whole|has the version"):
            read_assignment(path)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", "[" * 100_000, '{"version": 1}', '{"version": true}', '{"version": 1, "design": 3}'],
)
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    """Whatever it is."""
    path = tmp_path / "assignment.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReaderStudyError, match="was changed or is not whole"):
        read_assignment(path)


def test_another_version_is_refused(written: Path) -> None:
    """With both versions."""
    written.write_text(written.read_text(encoding="utf-8").replace('"version": 1', '"version": 2'), encoding="utf-8")
    with pytest.raises(ReaderStudyError, match="has the version 2, and 1 is what this version of clinicalblip reads"):
        read_assignment(written)


def test_rows_can_be_added(written: Path) -> None:
    """And nothing else can be changed."""
    longer = add_row(ASSIGNMENT, DESIGN)
    replace_assignment(longer, written)
    assert read_assignment(written) == longer
    assert longer.rows == 4
    with pytest.raises(ReaderStudyError, match="only rows can be added"):
        replace_assignment(replace(longer, readings=longer.readings[1:]), written)
    with pytest.raises(ReaderStudyError, match="only rows can be added"):
        replace_assignment(replace(longer, design="c" * 64), written)
    assert read_assignment(written) == longer
