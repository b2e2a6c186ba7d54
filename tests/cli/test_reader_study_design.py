"""The commands over a study's design: what they write and print, and what they say where they cannot."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage

TEXTS = ("The lungs are clear. No acute abnormality.", "Small left pleural effusion.", "Cardiomegaly.", "Rib fracture.")

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command of reader studies; the exit code, and what is printed on standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def type_command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["reader-study", *words])
        return code, *capsys.readouterr()

    return type_command


def write(folder: Path, patients: int = 100) -> None:
    """A studies file with a hundred studies."""
    write_studies(
        (
            Study(
                f"s{number}",
                f"p{number % patients}",
                "test",
                (StudyImage(folder / "film.png"),),
                reference=Report(TEXTS[number % 4]),
            )
            for number in range(100)
        ),
        folder / "studies.jsonl",
    )


def test_a_new_design_is_checked(typed: Typed, tmp_path: Path) -> None:
    """What `new` writes is accepted by `check`, which shows who would read what, the same twice."""
    code, out, err = typed("new", "study.yaml")
    assert (code, err) == (0, "")
    assert "reader-study check" in out
    write(tmp_path)
    code, out, err = typed("check", "study.yaml")
    assert (code, err) == (0, "")
    assert "crossover, 6 readers, 3 arms, 1 period\nCases: 36 to compare, 6 gold, 3 training; 6 come again\n" in out
    assert "unaided           none        72    12         6     12\n" in out
    assert "patients" not in out
    assert typed("check", "study.yaml") == (0, out, "")
    assert {path.name for path in tmp_path.iterdir()} == {"study.yaml", "studies.jsonl"}


def test_patients_with_two_studies_are_counted(typed: Typed, tmp_path: Path) -> None:
    """Where one of each is not enough."""
    typed("new", "study.yaml")
    write(tmp_path, patients=40)
    code, out, _ = typed("check", "study.yaml")
    assert code == 0
    assert "patients more than one study is read" in out


def test_what_is_wrong_is_one_line(typed: Typed, tmp_path: Path) -> None:
    """In the design, in its studies, or where nothing is."""
    assert typed("check", "study.yaml")[::2] == (
        2,
        "There is no design at that place; `clinicalblip reader-study new` writes one to begin with.\n",
    )
    typed("new", "study.yaml")
    assert typed("new", "study.yaml")[::2] == (
        2,
        "Something stands at that place already; name a file that is not there yet.\n",
    )
    code, out, err = typed("check", "study.yaml")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "There is no studies file at that place" in err
    design = tmp_path / "study.yaml"
    design.write_text(design.read_text(encoding="utf-8").replace("readers: 6", "readers: 4"), encoding="utf-8")
    code, out, err = typed("check", "study.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("study.yaml, line 76, reading.readers: 4 readers cannot")
