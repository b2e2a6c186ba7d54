"""What is looked at before a command's work begins, so that its end does not fail."""

from pathlib import Path

import pytest

from clinicalblip.cli import main


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["train", "--plan", "mini", "--studies", "studies.jsonl", "--run", "run"], "train"),
        (
            ["evaluate", "--studies", "s.jsonl", "--split", "test", "--target", "report", "--output", "c.json"],
            "evaluate",
        ),
        (["feedback", "summary", "--format", "svg", "--output", "s.svg"], "export"),
        (["feedback", "export", "--format", "parquet", "--output", "r.parquet"], "export"),
    ],
)
def test_without_its_package_nothing_is_begun(
    command: list[str],
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line says which extra brings it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("clinicalblip.cli.output.find_spec", lambda name: None)
    assert main(command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"the extra {extra} or requirements-{extra}.txt" in line
