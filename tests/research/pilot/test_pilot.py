"""The pilot: simulated readers read a served study to its end, and the report finds what is true of them."""

import csv
from pathlib import Path

import pytest

from clinicalblip.errors import ReaderStudyError
from research.pilot.__main__ import main
from research.pilot.design import write_design
from research.pilot.pilot import run_pilot


@pytest.mark.system
def test_a_small_pilot(tmp_path: Path) -> None:
    """Three readers read all that is assigned to them over HTTP, and every interval of the report holds the truth."""
    held = run_pilot(
        tmp_path, readers=3, cases=12, seed=20261, model=None, size=64, bootstrap=200, say=lambda line: None
    )
    results = tmp_path / "study" / "results"
    report = (results / "report.md").read_text("utf-8")
    assert "42 of 42 readings that were assigned to them were made" in report
    assert "simulated readers" in report.splitlines()[0]
    rows = {name: _rows(results / f"{name}.csv") for name in ("readings", "errors", "choices", "answers")}
    assert {row["fate"] for row in rows["errors"] if row["source"] == "injected"} == {"caught", "missed"}
    assert (len(rows["choices"]), {row["reader"] for row in rows["answers"]}) == (6, {"R01", "R02", "R03"})
    assert all(bool(row["decision"]) is (row["arm"] != "unaided") for row in rows["readings"])
    assert all(row["active_seconds"] for row in rows["readings"])
    known = [each for each in held if each.holds is not None]
    assert len(known) >= 5
    assert [each.name for each in known if not each.holds] == []
    assert f"{len(known)} of {len(known)} intervals" in (tmp_path / "truth.md").read_text("utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_design_that_cannot_be_balanced_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five readers do not go through four arms: one line before anything is drawn, and exit code 2."""
    assert main(["--output", str(tmp_path / "pilot"), "--readers", "5", "--cases", "12"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "multiple of 4" in line
    assert not (tmp_path / "pilot").exists()


def test_too_few_cases_are_refused() -> None:
    """Where two cases are gold and no whole number of rounds is left, the design is refused."""
    with pytest.raises(ReaderStudyError, match="cases or more"):
        write_design(readers=4, cases=5, seed=1, model=("base", "adapter"))
