"""`reader-study power` and `simulate`: what they print and write, and what they cannot do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clinicalblip.cli import main
from clinicalblip.reader_study.design.template import TEMPLATE
from clinicalblip.reader_study.simulation.readers import POPULATION
from clinicalblip.reader_study.simulation.simulate import simulate_study

TypeStudy = Callable[..., tuple[int, str, str]]


@pytest.fixture
def study(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TypeStudy:
    """Type a command where the design of the template lies; exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    Path("reader_study.yaml").write_text(TEMPLATE, encoding="utf-8")

    def type_command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["reader-study", *words])
        return code, *capsys.readouterr()

    return type_command


def test_the_power_of_a_design_is_printed(study: TypeStudy) -> None:
    """With what was assumed, and the same twice."""
    words = ("power", "reader_study.yaml", "--simulations", "20", "--assume", "effect=0.5", "--assume", "residual=0.3")
    code, out, err = study(*words)
    assert (code, err) == (0, "")
    assert "Assumed, not measured: a ratio of 0.5;" in out
    assert "readings 0.30" in out
    assert "As designed, " in out
    assert "| readers | cases | readings | power | 95 % interval |" in out
    assert "\nFewest readings: " in out
    assert study(*words) == (code, out, err)


def test_a_pilot_takes_the_place_of_what_is_assumed(study: TypeStudy) -> None:
    """Its table may have other columns, and readings without a time."""
    readings = simulate_study(POPULATION, seed=0, readers=4, cases=16).readings
    rows = [f"{each.reader},{each.case},{each.arm},{each.seconds},x" for each in readings]
    Path("pilot.csv").write_text("\n".join(["reader,case,arm,seconds,other", "R09,1,none,,x", *rows]) + "\n")
    code, out, err = study("power", "reader_study.yaml", "--simulations", "20", "--pilot", "pilot.csv")
    assert (code, err) == (0, "")
    assert "As in the pilot, where not said otherwise: a ratio of 0.8; standard deviations of readers 0." in out


def test_studies_are_simulated(study: TypeStudy) -> None:
    """The tables are written, and the mean coverage is said."""
    code, out, _ = study("simulate", "--seeds", "1", "--readers", "4", "--cases", "8", "--output", "simulated")
    assert code == 0
    assert out.startswith("Mean coverage over 29 estimates: ")
    table = Path("simulated/coverage.md").read_text(encoding="utf-8")
    assert "- each: 4 readers, 8 cases, arms none, draft, draft-marked, reference; every reader" in table


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["power", "reader_study.yaml", "--comparison", "9"], "comparisons, not 9"),
        (["power", "reader_study.yaml", "--assume", "speed=1"], "speed cannot be assumed"),
        (["power", "reader_study.yaml", "--assume", "effect"], "takes a name, = and a number"),
        (["power", "reader_study.yaml", "--assume", "effect=-1"], "A ratio is above 0"),
        (["power", "reader_study.yaml", "--target", "1"], "A power lies between 0 and 1"),
        (["power", "reader_study.yaml", "--pilot", "missing.csv"], "The pilot cannot be read"),
        (["power", "reader_study.yaml", "--pilot", "reader_study.yaml"], "no rows with the columns"),
        (["power", "reader_study.yaml", "--pilot", "small.csv"], "The pilot says nothing"),
        (["power", "none.yaml"], "no design"),
        (["simulate", "--seeds", "0", "--output", "simulated"], "one seed or more"),
        (["simulate", "--seeds", "1", "--output", "reader_study.yaml"], "name a folder"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_line(study: TypeStudy, words: list[str], said: str) -> None:
    """On standard error with exit code 2."""
    Path("small.csv").write_text("reader,case,arm,seconds\nR01,1,none,30\n")
    code, out, err = study(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_design_without_comparisons_has_no_power(study: TypeStudy) -> None:
    """Which is said before anything is simulated."""
    text = TEMPLATE[: TEMPLATE.index("\nanalysis:")] + "\n"
    Path("reader_study.yaml").write_text(text, encoding="utf-8")
    code, _, err = study("power", "reader_study.yaml")
    assert code == 2
    assert "names no comparison" in err
