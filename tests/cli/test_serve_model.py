"""The commands around replicas: what cannot be served or asked is one line, before anything is started or loaded."""

from pathlib import Path

import pytest

from clinicalblip.cli import main

SECRET = "a-secret-of-thirty-two-letters--"


def refusal(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert SECRET not in said.err
    return said.err


def test_without_ray_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name of the extra, and of the file."""
    monkeypatch.setattr("clinicalblip.cli.output.find_spec", lambda name: None)
    said = refusal(["serve-model", "--ray"], capsys)
    assert "package ray" in said
    assert "requirements-ray.txt" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--host", "0.0.0.0"], "in the clear"),
        (["--certificate", "nowhere.pem"], "needs its key"),
    ],
    ids=["host", "certificate"],
)
def test_what_cannot_be_served_is_one_line(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray is not started."""
    monkeypatch.setenv("CLINICALBLIP_MODEL_SECRET", SECRET)
    assert says in refusal(["serve-model", "--ray", *options], capsys)


def test_without_a_secret_nothing_is_served(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replicas that answer anybody are not offered."""
    monkeypatch.delenv("CLINICALBLIP_MODEL_SECRET", raising=False)
    assert "CLINICALBLIP_MODEL_SECRET" in refusal(["serve-model", "--ray"], capsys)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--at", "http://model.example:8000"], "in the clear"),
        (["--at", "ray://127.0.0.1:10001"], "ray://"),
        (["--at", "https://model.example", "--base", "b"], "name either"),
        (["--at", "https://model.example", "--finding-bias", "1"], "name either"),
    ],
    ids=["http", "ray", "base", "bias"],
)
def test_replicas_that_cannot_be_asked_are_one_line(
    options: list[str],
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of `draft-all`, once its files were read."""
    monkeypatch.setenv("CLINICALBLIP_MODEL_SECRET", SECRET)
    studies = tmp_path / "studies.jsonl"
    studies.touch()
    words = ["draft-all", "--studies", str(studies), "--output", str(tmp_path / "out.jsonl"), *options]
    assert says in refusal(words, capsys)


def test_the_page_says_at_once_that_it_has_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page is opened that could not draft."""
    monkeypatch.delenv("CLINICALBLIP_MODEL_SECRET", raising=False)
    config = tmp_path / "settings.yaml"
    config.write_text("model: {at: 'http://127.0.0.1:8000'}\n", encoding="utf-8")
    assert "no secret" in refusal(["serve", "--config", str(config)], capsys)


def test_scores_are_not_asked_of_replicas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`score` runs the model here, and does not take another one than the settings' replicas silently."""
    monkeypatch.setenv("CLINICALBLIP_MODEL_SECRET", SECRET)
    config, studies = tmp_path / "settings.yaml", tmp_path / "studies.jsonl"
    config.write_text("model: {at: 'http://127.0.0.1:8000'}\n", encoding="utf-8")
    studies.touch()
    words = ["score", "--config", str(config), "--studies", str(studies), "--output", str(tmp_path / "out.jsonl")]
    assert "model.at" in refusal(words, capsys)
