"""The commands over a study that is read: what they print and record, and what they say where they cannot."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from clinicalblip.cli import main, reader_study_conduct
from clinicalblip.reader_study.design.design import ArmPart
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.settings import Settings
from tests.fixtures.reader_study import DESIGN, prepare_small_study, write_sources
from tests.fixtures.scripted_reporter import ScriptedReporter

Typed = Callable[..., tuple[int, str, str]]
AT = "https://films.example.org/clinicalblip/"


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command of reader studies; the exit code, and what is printed on standard output and standard error."""

    def type_command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["reader-study", *map(str, words)])
        return code, *capsys.readouterr()

    return type_command


def events(study: Path) -> list[tuple[EventKind, str | None]]:
    """What was recorded."""
    with StudyFolder.open(study) as opened:
        return [(event.kind, event.reader) for event in opened.records.events()]


def tokens(out: str) -> dict[str, str]:
    """The tokens of the links that were printed, by reader."""
    return dict(re.findall(r"^(R\d\d)  https://films\.example\.org/clinicalblip/reader-study#([\w-]{43})$", out, re.M))


def test_a_study_is_prepared(typed: Typed, tmp_path: Path) -> None:
    """With errors put into the gold case by the real injection; a second time is refused in one line."""
    design = write_sources(tmp_path / "sources")
    output = tmp_path / "study"
    code, out, err = typed("prepare", design, "--output", output)
    assert (code, err) == (0, "")
    assert out.startswith("5 cases for 3 readers, 10 drafts (2 with errors put in).")
    with StudyFolder.open(output) as opened:
        assert len(opened.drafts) == 10
    code, out, err = typed("prepare", design, "--output", output)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "prepared in that folder already" in err


def test_the_model_of_each_arm_is_loaded_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the settings, overridden by what the arm names, whose folders begin at the design's."""
    asked: list[Settings] = []

    def load(settings: Settings) -> ScriptedReporter:
        asked.append(settings)
        return ScriptedReporter()

    monkeypatch.setattr("clinicalblip.cli.reporter.load_reporter", load)
    (tmp_path / "other-base").mkdir()
    loader = reader_study_conduct._loader(tmp_path / "none.yaml", write_sources(tmp_path))
    plain, same = ArmPart(name="plain", draft="model"), ArmPart(name="same", draft="model", slots=("indication",))
    other = ArmPart(name="other", draft="model", base="other-base", adapter="tuned", precision="fp32")
    assert loader(plain) is loader(same)
    assert loader(other) is not loader(plain)
    first, second = asked
    assert (second.model.base, second.model.precision) == (str(tmp_path / "other-base"), "fp32")
    assert second.model.adapter == str(tmp_path / "tuned")
    assert first.model.base != second.model.base


def test_links_enrol_readers(typed: Typed, study: Path) -> None:
    """The next one, one by name, and all; each works once, and a new one makes those of before void."""
    code, out, err = typed("link", study, "--at", AT)
    assert (code, err) == (0, "")
    first = tokens(out)
    assert set(first) == {"R01"}
    assert set(tokens(typed("link", study, "--reader", "R03", "--at", AT)[1])) == {"R03"}
    everybody = tokens(typed("link", study, "--all", "--at", AT)[1])
    assert set(everybody) == {"R01", "R02", "R03"}
    with StudyFolder.open(study) as opened:
        assert opened.records.use_link(first["R01"]) is None
        assert opened.records.use_link(everybody["R01"]) == "R01"
        opened.records.leave("R02")
    assert set(tokens(typed("link", study, "--all", "--at", AT)[1])) == {"R01", "R03"}
    readers = ("R01", "R03", "R01", "R02", "R03", "R01", "R03")
    assert events(study) == [(EventKind.LINK_MADE, reader) for reader in readers]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "films.example.org"), "The address is one of a page"),
        (("--at", "https://films.example.org/?x=1"), "The address is one of a page"),
        (("--reader", "R04", "--at", AT), "The assignment is made for 3 readers, and row 4 is not in it"),
        (("--reader", "me", "--at", AT), "no row"),
    ],
)
def test_a_link_that_cannot_be_is_one_line(typed: Typed, study: Path, words: tuple[str, ...], said: str) -> None:
    """And nobody is enrolled."""
    code, out, err = typed("link", study, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    with StudyFolder.open(study) as opened:
        assert opened.records.enrolments() == ()


def test_a_reader_is_added(typed: Typed, study: Path) -> None:
    """With a row of their own, for which a link can be made."""
    code, out, err = typed("add-reader", study)
    assert (code, err) == (0, "")
    assert out.startswith("R04 is enrolled; the assignment has 4 rows now.")
    assert set(tokens(typed("link", study, "--reader", "R04", "--at", AT)[1])) == {"R04"}
    assert (EventKind.READER_ADDED, "R04") in events(study)


def test_a_study_ends_and_is_extended(typed: Typed, study: Path) -> None:
    """Each is recorded, and refused where it is so already."""
    assert typed("extend", study)[2].startswith("The study has not ended")
    assert typed("end", study)[:1] == (0,)
    assert typed("end", study)[2].startswith("The study has ended already")
    assert typed("add-reader", study)[2].startswith("The study has ended, and nobody can be added")
    assert typed("extend", study)[:1] == (0,)
    assert events(study) == [(EventKind.ENDED, None), (EventKind.EXTENDED, None)]


def test_the_status_says_how_far_everybody_is_and_no_outcome(typed: Typed, study: Path, tmp_path: Path) -> None:
    """Outcomes by arm are refused before the end, and recorded where the design allows them."""
    typed("link", study, "--at", AT)
    code, out, err = typed("status", study)
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert out.startswith("A small study\n1 of 3 readers are enrolled.\n")
    assert ["R01", "0", "of", "5", "0", "of", "2", "-", "-", "0", "of", "0", "-"] in lines
    assert [line[0] for line in lines[-3:]] == ["unaided", "assisted", "offered"]
    assert "outcomes by arm before the end" in typed("status", study, "--unblinded")[2]
    typed("end", study)
    assert "compared readings" in typed("status", study, "--unblinded")[1]
    allowed = prepare_small_study(tmp_path / "allowed", design=DESIGN + "owner: {unblinded_before_end: true}\n")
    assert typed("status", allowed, "--unblinded")[0] == 0
    assert events(allowed) == [(EventKind.UNBLINDED, None)]


@pytest.mark.parametrize("command", ["status", "end", "extend", "add-reader"])
def test_a_folder_without_a_study_is_one_line(typed: Typed, tmp_path: Path, command: str) -> None:
    """Whatever is asked of it."""
    code, out, err = typed(command, tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "no study was prepared in it" in err
