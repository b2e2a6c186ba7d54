"""`reader-study report` writes a study's results, once it may."""

import re
from collections import Counter
from pathlib import Path

import pytest

from clinicalblip.cli import main
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.reader_study import DESIGN, prepare_small_study
from tests.reader_study.results.read_cases import read_everything

_UNBLINDED = DESIGN + "owner: {unblinded_before_end: yes}\n"


def read_study(path: Path, *, ended: bool = True) -> None:
    """Let everybody read everything."""
    with StudyFolder.open(path) as folder, ReviewStore(folder.reviews) as reviews:
        read_everything(folder, reviews)
        if ended:
            folder.record(EventKind.ENDED)


def events(path: Path) -> Counter[EventKind]:
    """What is on record, counted."""
    with StudyFolder.open(path) as folder:
        return Counter(event.kind for event in folder.records.events())


def written(path: Path) -> dict[str, bytes]:
    """All files of the results."""
    return {file.name: file.read_bytes() for file in (path / "results").iterdir()}


def test_a_report_of_a_study_that_was_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All files are there, named on the screen, for their owner alone; that it was reported is on record."""
    path = prepare_small_study(tmp_path)
    read_study(path)
    assert main(["reader-study", "report", str(path)]) == 0
    files = written(path)
    said = capsys.readouterr().out
    assert {"report.md", "methods.md", "claim.md", "dictionary.md", "readings.csv", "times.svg"} <= files.keys()
    assert all(name in said for name in files)
    assert {file.stat().st_mode & 0o777 for file in (path / "results").iterdir()} == {0o600}
    assert (events(path)[EventKind.REPORTED], events(path)[EventKind.UNBLINDED]) == (1, 0)


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    """That it was reported before changes nothing, and a picture of an earlier report does not stay."""
    path = prepare_small_study(tmp_path)
    read_study(path)
    assert main(["reader-study", "report", str(path)]) == 0
    first = written(path)
    (path / "results" / "preference.svg").write_bytes(b"of before")
    assert main(["reader-study", "report", str(path)]) == 0
    assert written(path) == first


def test_no_outcome_before_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence says what to do; nothing is written, and nothing is on record."""
    path = prepare_small_study(tmp_path)
    read_study(path, ended=False)
    assert main(["reader-study", "report", str(path)]) == 2
    assert "has not ended" in capsys.readouterr().err
    assert not (path / "results").exists()
    assert not {EventKind.REPORTED, EventKind.UNBLINDED} & events(path).keys()


def test_outcomes_before_the_end_are_on_record(tmp_path: Path) -> None:
    """Where the design lets them be seen: each time, in the methods text, and in the same bytes twice."""
    path = prepare_small_study(tmp_path, design=_UNBLINDED)
    read_study(path, ended=False)
    assert main(["reader-study", "report", str(path)]) == 0
    first = written(path)
    assert events(path)[EventKind.UNBLINDED] == 1
    assert re.search(r"looked at before the end, for the first time on \d{4}-\d\d-\d\d", first["methods.md"].decode())
    assert b"these are results so far" in first["report.md"]
    assert main(["reader-study", "report", str(path)]) == 0
    assert events(path)[EventKind.UNBLINDED] == 2
    assert written(path) == first


def test_a_study_that_nobody_read(tmp_path: Path) -> None:
    """Once it has ended it has a report that says so."""
    path = prepare_small_study(tmp_path)
    with StudyFolder.open(path) as folder:
        folder.record(EventKind.ENDED)
    assert main(["reader-study", "report", str(path)]) == 0
    assert b"there is no result" in written(path)["report.md"]


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read."""
    monkeypatch.setattr("clinicalblip.cli.output.find_spec", lambda name: None if name == "choix" else object())
    assert main(["reader-study", "report", str(tmp_path)]) == 2
    assert "choix" in (said := capsys.readouterr().err)
    assert "reader-study" in said


def test_no_study_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that was not prepared."""
    assert main(["reader-study", "report", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_place_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands where the results' folder would be; nothing is put on record as reported."""
    path = prepare_small_study(tmp_path)
    read_study(path)
    (path / "results").write_text("in the way")
    assert main(["reader-study", "report", str(path)]) == 2
    assert "were not written" in capsys.readouterr().err
    assert events(path)[EventKind.REPORTED] == 0
