"""A run folder that several processes open together."""

import threading
import time
from pathlib import Path

import pytest

from clinicalblip.errors import StageError
from clinicalblip.training.run_folder import begin_or_resume_run

FINGERPRINT = {"plan": "mini", "seed": 0}


def test_the_others_wait_until_the_first_process_has_begun_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process that finds a folder half begun waits for run.json instead of refusing the folder."""
    (tmp_path / "run.json.part").write_text("{", "utf-8")
    monkeypatch.setenv("RANK", "1")

    def begin() -> None:
        (tmp_path / "run.json.part").write_text('{"plan": "mini", "seed": 0}', "utf-8")
        (tmp_path / "run.json.part").rename(tmp_path / "run.json")  # whole at once, as the first process does

    begun = threading.Timer(0.3, begin)
    started = time.monotonic()
    begun.start()
    begin_or_resume_run(tmp_path, FINGERPRINT, timeout=30)
    assert time.monotonic() - started >= 0.2


def test_a_second_process_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first process never begins the run the others end with a sentence."""
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(StageError, match="first process has not begun"):
        begin_or_resume_run(tmp_path, FINGERPRINT, timeout=0.2)


def test_a_second_process_refuses_a_run_of_something_else_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process compares the run with what it was asked for."""
    begin_or_resume_run(tmp_path, FINGERPRINT)
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(StageError, match="another seed"):
        begin_or_resume_run(tmp_path, {**FINGERPRINT, "seed": 1})
