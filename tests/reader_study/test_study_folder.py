"""A prepared study is opened as it was prepared, or not at all."""

import json
import os
import stat
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.assignment.assignment_file import read_assignment
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import RECORDS, StudyFolder
from clinicalblip.reader_study.study_manifest import ASSIGNMENT, FILES, MANIFEST, digest_file, read_manifest
from tests.fixtures.reader_study import ASSISTED, OFFERED


def change_manifest(folder: Path, **changes: Any) -> None:
    """Write other values into study.json."""
    values = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(values | changes))


def test_a_study_has_its_cases_drafts_and_key(small_study: StudyFolder) -> None:
    """Studies by case number, a draft a case and arm that shows one, and the errors of the gold case's drafts."""
    cases = small_study.assignment.cases
    assert [small_study.studies[case.number].study_id for case in cases] == [case.study_id for case in cases]
    assert small_study.drafts.keys() == {(case.number, arm) for case in cases for arm in (ASSISTED, OFFERED)}
    (gold,) = (case.number for case in cases if case.kind is CaseKind.GOLD)
    assert small_study.key.keys() == {small_study.drafts[gold, arm].id for arm in (ASSISTED, OFFERED)}
    assert all(image.path.is_absolute() for study in small_study.studies.values() for image in study.images)
    assert small_study.assignment.rows == 3


def test_the_folder_is_its_owners_alone(prepared_once: Path) -> None:
    """It holds references and drafts of patients."""
    assert stat.S_IMODE(prepared_once.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in prepared_once.iterdir()} == {0o600}
    assert not list(prepared_once.glob("*preparing*"))


def test_no_draft_says_its_arm_by_its_place_or_id(small_study: StudyFolder, prepared: Path) -> None:
    """Ids are lots, and the file is in their order."""
    lines = [json.loads(line) for line in (prepared / "drafts.jsonl").read_text(encoding="utf-8").splitlines()]
    ids = [line["id"] for line in lines]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(small_study.drafts)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_named(prepared: Path, name: str) -> None:
    """One byte more, and one file less, is a sentence that names it."""
    path = prepared / name
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    with pytest.raises(ReaderStudyError, match=rf"^{name} was changed since the study was prepared; put it back"):
        StudyFolder.open(prepared)
    path.unlink()
    with pytest.raises(ReaderStudyError, match=rf"^{name} of the study's folder cannot be read; put it back"):
        StudyFolder.open(prepared)
    path.write_bytes(before)
    StudyFolder.open(prepared).close()


def test_records_that_are_missing_are_said(prepared: Path) -> None:
    """Rather than made anew, as if nobody had read."""
    (prepared / RECORDS).unlink()
    with pytest.raises(ReaderStudyError, match=r"records\.sqlite3 of the study's folder is missing"):
        StudyFolder.open(prepared)
    assert not (prepared / RECORDS).exists()


def test_files_of_two_studies_are_refused_though_their_digests_are_right(prepared: Path) -> None:
    """Whoever writes study.json anew does not make another design fit the assignment."""
    design = prepared / "reader_study.yaml"
    design.write_text(design.read_text().replace("seed: 7", "seed: 8"))
    digests = json.loads((prepared / MANIFEST).read_text())["digests"]
    change_manifest(prepared, digests=digests | {"reader_study.yaml": digest_file(design)})
    with pytest.raises(ReaderStudyError, match=r"^assignment\.json of the study's folder is of another study"):
        StudyFolder.open(prepared)


def test_a_newer_study_and_a_folder_without_one_are_refused(prepared: Path, tmp_path: Path) -> None:
    """Each in a sentence that says what to do."""
    change_manifest(prepared, version=2)
    with pytest.raises(ReaderStudyError, match=r"prepared by a newer ClinicalBLIP .*update ClinicalBLIP\.$"):
        StudyFolder.open(prepared)
    (prepared / MANIFEST).unlink()
    with pytest.raises(ReaderStudyError, match=r"no study\.json: no study was prepared in it, or not to its end"):
        StudyFolder.open(prepared)
    with pytest.raises(ReaderStudyError, match="There is no folder at that place"):
        StudyFolder.open(tmp_path / "none")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["version", "digests", "made", "package", "replaced", ""]), value=_JSON)
def test_whatever_study_json_says_it_is_read_or_refused(tmp_path: Path, name: str, value: Any) -> None:
    """A stranger's value in the place of any, or of all, is one sentence."""
    good = {"version": 1, "digests": dict.fromkeys(FILES, "0"), "made": "", "package": "0.1.0", "replaced": {}}
    (tmp_path / MANIFEST).write_text(json.dumps(good | {name: value} if name else value))
    with suppress(ReaderStudyError):
        assert read_manifest(tmp_path).version == 1


def test_a_further_reader_has_a_row_of_their_own(small_study: StudyFolder, prepared: Path) -> None:
    """The rows of before stay as they are, it is recorded, and the folder opens with it."""
    small_study.records.enrol()
    longer, enrolled = small_study.add_reader()
    assert (enrolled.reader, longer.assignment.rows) == ("R04", 4)
    assert longer.assignment.readings[: len(small_study.assignment.readings)] == small_study.assignment.readings
    with StudyFolder.open(prepared) as again:
        assert again.assignment == longer.assignment
        assert [each.reader for each in again.records.enrolments()] == ["R01", "R04"]
        assert [(each.kind, each.reader) for each in again.records.events()] == [(EventKind.READER_ADDED, "R04")]
        assert len(again.of_reader("R04")) == len(again.of_reader("R01")) == 5
        with pytest.raises(ReaderStudyError, match="Nobody is enrolled"):
            again.of_reader("R02")
    assert {stat.S_IMODE(file.stat().st_mode) for file in prepared.iterdir()} == {0o600}


def test_a_kill_while_a_reader_is_added_leaves_a_study_that_opens(
    small_study: StudyFolder, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after the assignment is replaced; the next try adds the reader."""
    replace = "clinicalblip.reader_study.study_folder.replace_assignment"

    def before(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(replace, before)
        with pytest.raises(KeyboardInterrupt):
            small_study.add_reader()
    with StudyFolder.open(prepared) as again:
        assert again.assignment.rows == 3

    def after(*given: Any) -> None:
        from clinicalblip.reader_study.assignment.assignment_file import replace_assignment

        replace_assignment(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(replace, after)
        with pytest.raises(KeyboardInterrupt):
            small_study.add_reader()
    with StudyFolder.open(prepared) as again:
        assert again.assignment.rows == 4
        longer, enrolled = again.add_reader()
        assert (longer.assignment.rows, enrolled.reader) == (5, "R05")
    assert json.loads((prepared / MANIFEST).read_text())["replaced"] == {}
    StudyFolder.open(prepared).close()


def test_nobody_is_added_to_a_study_that_ended_or_was_changed(small_study: StudyFolder, prepared: Path) -> None:
    """Nor where another command has the folder; the assignment stays as it was."""
    fcntl = pytest.importorskip("fcntl")
    before = (prepared / ASSIGNMENT).read_bytes()
    with open(prepared / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ReaderStudyError, match="in use by another command"):
            small_study.add_reader()
    (prepared / ASSIGNMENT).write_bytes(before + b" ")
    with pytest.raises(ReaderStudyError, match=r"^assignment\.json was changed"):
        small_study.add_reader()
    (prepared / ASSIGNMENT).write_bytes(before)
    small_study.record(EventKind.ENDED)
    with pytest.raises(ReaderStudyError, match="The study has ended, and nobody can be added; extend it first"):
        small_study.add_reader()
    assert read_assignment(prepared / ASSIGNMENT).rows == 3


def test_a_folder_that_cannot_be_written_to_is_one_sentence(
    small_study: StudyFolder, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is added then."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("clinicalblip.reader_study.study_manifest.open_atomically", full)
    with pytest.raises(ReaderStudyError, match=r"cannot be written to \(no space left on device\); no reader was"):
        small_study.add_reader()
    with closing(StudyFolder.open(prepared)) as again:
        assert (again.assignment.rows, again.records.enrolments()) == (3, ())
