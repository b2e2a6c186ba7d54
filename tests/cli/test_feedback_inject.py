"""`feedback inject`: what it writes, prints and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.evaluation.predictions import read_predictions
from clinicalblip.reader_study.injection.fates import ErrorFate, fates
from clinicalblip.reader_study.injection.injected_error import InjectedReport
from clinicalblip.reader_study.injection.key_json import error_from_json
from tests.cli.conftest import Typed

REPORTS = {
    "s1": ("The heart is normal in size. The lungs are clear. No pleural effusion.", "No acute disease."),
    "s2": ("There is a small left pleural effusion. No pneumothorax.", "Small left pleural effusion."),
    "s3": ("", ""),
}


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A predictions file; commands run in its folder."""
    monkeypatch.chdir(tmp_path)
    lines = [{"study_id": name, "findings": found, "impression": end} for name, (found, end) in REPORTS.items()]
    path = tmp_path / "predictions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


_COMMAND = ("inject", "--reports", "predictions.jsonl", "--output", "injected.jsonl", "--key", "key.jsonl")


def test_reports_with_errors_and_their_key_are_two_files(reports: Path, typed: Typed, tmp_path: Path) -> None:
    """The one is read as predictions, the other has the errors, and what takes none is counted and left out."""
    code, out, err = typed(*_COMMAND)
    assert (code, err) == (0, "")
    assert out == ("2 errors were put into 2 of 3 reports.\n1 could not be given 1 of these kinds and are left out.\n")
    drafts, originals = read_predictions(tmp_path / "injected.jsonl").drafts, read_predictions(reports).drafts
    keys = {line["study_id"]: tuple(map(error_from_json, line["errors"])) for line in _lines(tmp_path / "key.jsonl")}
    assert list(drafts) == list(keys) == ["s1", "s2"]
    for name, report in drafts.items():
        injected = InjectedReport(report, originals[name], keys[name])
        assert fates(injected, originals[name]) == (ErrorFate.CAUGHT,)
        assert fates(injected, report) == (ErrorFate.MISSED,)


def test_the_same_seed_writes_the_same_files(reports: Path, typed: Typed, tmp_path: Path) -> None:
    """To the byte; another seed writes others."""
    written = []
    for seed in ("1", "1", "2"):
        assert typed(*_COMMAND, "--seed", seed)[0] == 0
        written.append((tmp_path / "injected.jsonl").read_bytes() + (tmp_path / "key.jsonl").read_bytes())
    assert written[0] == written[1] != written[2]


def test_kinds_are_chosen(reports: Path, typed: Typed, tmp_path: Path) -> None:
    """Only errors of the kinds that are named are put in."""
    code, out, _ = typed(*_COMMAND, "--kinds", "side")
    assert (code, out.splitlines()[0]) == (0, "1 errors were put into 1 of 3 reports.")
    assert [error["kind"] for line in _lines(tmp_path / "key.jsonl") for error in line["errors"]] == ["side"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--least", "2"), "From 2 to 1 errors a report are none; raise --most."),
        (("--key", "injected.jsonl"), "Reports, output and key are the same file"),
        (("--kinds", "temporal"), "None of the 3 reports takes errors of these kinds"),
        (("--reports", "other.jsonl"), "There is no predictions file"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    more: tuple[str, ...], sentence: str, reports: Path, typed: Typed, tmp_path: Path
) -> None:
    """And nothing is written."""
    code, _, err = typed(*_COMMAND, *more)
    assert code == 2
    assert sentence in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "injected.jsonl").exists()


@pytest.mark.parametrize("more", [("--kinds", "typo"), ("--most", "4"), ("--least", "0")])
def test_a_wrong_word_is_refused_with_those_that_are_known(
    more: tuple[str, ...], typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line."""
    with pytest.raises(SystemExit):
        typed(*_COMMAND, *more)
    error = capsys.readouterr().err
    assert "invalid choice" in error
    assert len(error.splitlines()) == 1
