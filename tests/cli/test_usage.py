"""What is typed wrongly is one line, help ends with examples, and neither waits for a model's packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinicalblip.cli import main
from clinicalblip.version import __version__

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "draft",
    "serve",
    "serve-model",
    "feedback",
    "feedback show",
    "feedback summary",
    "feedback export",
    "feedback forget",
    "feedback status",
    "feedback backup",
    "feedback restore",
    "prepare",
    "prepare iu-xray",
    "prepare mimic-cxr",
    "train",
    "rehearse",
    "draft-all",
    "score",
    "evaluate",
    "reader-study",
    "reader-study new",
    "reader-study check",
)


def typed(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit code, and what is printed on standard output and standard error."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out, printed.err


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_ends_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command shows at its end how it is typed, under its own name."""
    code, out, err = typed([*command.split(), "--help"], capsys)
    assert (code, err) == (0, "")
    description, examples = out.split("\nexamples:\n")
    assert description.startswith("usage: ")
    for example in examples.strip("\n").split("\n"):
        assert example.startswith(f"  python -m clinicalblip {command}".rstrip())


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_understood(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever follows a command's name in its examples are options that it takes."""
    from clinicalblip.cli.dispatch import make_parser

    _, out, _ = typed([*command.split(), "--help"], capsys)
    for example in out.split("\nexamples:\n")[1].strip("\n").split("\n"):
        words = example.removeprefix("  python -m clinicalblip ").replace('"cough and fever for three days"', "cough")
        assert callable(make_parser().parse_args(words.split()).run)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: COMMAND"),
        (["feedback"], "required: COMMAND"),
        (["nothing"], "invalid choice: 'nothing'"),
        (["draft"], "required: RADIOGRAPH"),
        (["draft", "film.dcm", "--seed", "many"], "--seed: invalid int value: 'many'"),
        (["draft", "film.dcm", "--precision", "fp16"], "invalid choice: 'fp16'"),
        (["draft", "film.dcm", "--finding-bias", "11"], "a number of nats from -10 to 10"),
        (["draft", "film.dcm", "--wrong\nly"], "unrecognized arguments: --wrong ly"),
        (["evaluate", "--studies", "f"], "--split, --target"),
        (["serve-model"], "required: --ray"),
        (["serve-model", "--ray", "--replicas", "2-1"], "a number from 1 to 64, or two of them as in 1-4"),
        (["serve-model", "--ray", "--port", "0"], "a port from 1 to 65535"),
        (["prepare", "iu-xray", "--source", "d", "--output", "f", "--workers", "0"], "a number of processes from 1 to"),
    ],
    ids=" ".join,
)
def test_a_usage_error_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, with exit code 2; it says what was wrong and where help is."""
    code, out, err = typed(words, capsys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert "--help" in err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints it and nothing else."""
    assert typed(["--version"], capsys) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("started", "name"),
    [("/usr/bin/clinicalblip", "clinicalblip"), ("/home/clinicalblip/__main__.py", "python -m clinicalblip")],
)
def test_the_program_is_called_as_it_was_started(
    started: str, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the installed script's name, or as a module."""
    monkeypatch.setattr(sys, "argv", [started])
    _, out, _ = typed(["draft", "--help"], capsys)
    assert out.startswith(f"usage: {name} draft ")


def test_help_and_refusals_load_nothing_heavy(tmp_path: Path) -> None:
    """Neither a model's packages nor the page's are imported for help, for a broken film or for a missing file."""
    (tmp_path / "broken.dcm").write_bytes(b"\0" * 300)
    script = (
        "import sys\n"
        "from clinicalblip.cli import main\n"
        "try:\n    main(['evaluate', '--help'])\nexcept SystemExit:\n    pass\n"
        f"codes = main(['draft', {str(tmp_path / 'broken.dcm')!r}]), main(['feedback', 'forget', 'ID'])\n"
        "heavy = {'torch', 'transformers', 'peft', 'gradio', 'cv2'} & sys.modules.keys()\n"
        "sys.exit(f'{codes} {heavy}' if codes != (2, 2) or heavy else 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CLINICALBLIP_STORAGE_REVIEWS": str(tmp_path / "none")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_an_interrupted_command_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C is one word and the exit code that a shell expects."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clinicalblip.evaluation.evaluate.evaluate", interrupt)
    assert main(["evaluate", "--studies", "f", "--split", "test", "--target", "report", "--base", "none"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"
