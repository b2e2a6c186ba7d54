"""The command `draft`: text in films, doubts about them, and what names somebody in the texts."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.cli import main
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.planted_film import burned_film


def film(folder: Path, data: bytes) -> str:
    """A film on the disk."""
    path = folder / "film"
    path.write_bytes(data)
    return str(path)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """What the command prints as JSON."""
    capsys.readouterr()
    assert main(["draft", *arguments, "--json"]) == 0
    answer: dict[str, list[str]] = json.loads(capsys.readouterr().out)
    return answer


def test_what_names_somebody_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text in the film and names in the texts: drafted from, with a warning each that has none of the words."""
    path = film(tmp_path, burned_film())
    answer = run([path, "--indication", "cough, seen by Dr. Zebraname"], capsys)
    said = " ".join(answer["warnings"])
    assert "--mask-text" in said
    assert "name in Indication" in said
    assert "--mask-identifiers" in said
    assert "Zebraname" not in said
    assert "Zebraname" in answer["prompt"]


def test_what_names_somebody_is_masked_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With both flags neither is left, and the warnings say how many places of the film are black."""
    path = film(tmp_path, burned_film(BurnedInAnnotation="YES"))
    arguments = [path, "--mask-text", "--mask-identifiers", "--indication", "cough, seen by Dr. Zebraname"]
    answer = run(arguments, capsys)
    said = " ".join(answer["warnings"])
    assert "masked." in said
    assert "--mask" not in said
    assert "Dr. [name]" in answer["prompt"]


@pytest.mark.parametrize(("flags", "word"), [([], "--mask-text"), (["--mask-text"], "none was found to mask")])
def test_a_film_that_says_burned_in_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], word: str
) -> None:
    """Without the flag, and where nothing is found to mask: one line, exit code 2."""
    ramp = np.add.outer(np.arange(128, dtype=np.uint16), np.arange(128, dtype=np.uint16)) * 16
    path = film(tmp_path, write_dicom(ramp, BurnedInAnnotation="YES"))
    assert main(["draft", path, *flags]) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert word in printed.err


def test_a_doubtful_film_is_drafted_from_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A picture of one grey is no chest: the draft says so."""
    Image.fromarray(np.full((300, 300), 90, dtype=np.uint8)).save(tmp_path / "grey.png")
    answer = run([str(tmp_path / "grey.png")], capsys)
    assert any("same grey" in warning for warning in answer["warnings"])


def test_the_prior_report_is_read_from_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report is too long, and too private, for a command line: the file's text is in the prompt."""
    written = tmp_path / "prior.txt"
    written.write_text("\ufeffSmall left effusion.\nHeart size normal.\n", encoding="utf-8")
    answer = run([film(tmp_path, burned_film()), "--mask-text", "--prior-report", str(written)], capsys)
    assert "Small left effusion. Heart size normal." in answer["prompt"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "could not be read"),
        (b"\xff\xfe\x00\x01", "something else than text"),
        (b"a" * 100_001, "longer than any report"),
    ],
)
def test_a_prior_report_that_is_no_text_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, found: str
) -> None:
    """Missing, no text, or far too long: one line that says what is wanted, without the file's name, exit code 2."""
    written = tmp_path / "zebraname.txt"
    if content is not None:
        written.write_bytes(content)
    assert main(["draft", film(tmp_path, burned_film()), "--mask-text", "--prior-report", str(written)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert found in line
    assert "UTF-8" in line
    assert "zebraname" not in line
