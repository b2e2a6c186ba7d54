"""The evaluate command as it is typed: its files, its errors in one line, and what it does not load."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from tests.fixtures.scored_studies import some_studies, write_drafts, write_split

ROOT = Path(__file__).resolve().parents[2]


def type_command(folder: Path, *options: str) -> int:
    """Evaluate the findings of the test split of the folder's studies."""
    where = ["--studies", str(folder / "studies.jsonl"), "--split", "test", "--target", "findings"]
    return main(["evaluate", *where, *options])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Studies of both splits, and drafts of the test split."""
    studies = some_studies()
    write_split(tmp_path, studies)
    texts = {each.study_id: each.reference.findings for each in studies if each.split == "test"}
    write_drafts(tmp_path / "drafts.jsonl", texts, films="right", of=studies)
    return tmp_path


def test_the_card_its_table_and_its_picture_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Side by side under the output's name; the table is printed too, and the same command gives the same bytes."""
    drafts = ("--predictions", str(folder / "drafts.jsonl"), "--metrics", "bleu-1,findings")
    for name in ("card.json", "again/card.json"):
        assert type_command(folder, *drafts, "--output", str(folder / name)) == 0
    assert capsys.readouterr().out == 2 * (folder / "card.md").read_text("utf-8")
    for name in ("card.json", "card.md", "card.svg"):
        assert (folder / name).read_bytes() == (folder / "again" / name).read_bytes()
    card = json.loads((folder / "card.json").read_text("utf-8"))
    assert card["rows"][0]["label"] == "base-1"
    assert card["command"] == (
        "python -m clinicalblip evaluate --predictions drafts.jsonl --studies studies.jsonl --split test "
        "--target findings --cleaning r2gen --metrics bleu-1,findings --seed 0"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--predictions", "none.jsonl"), "no predictions file"),
        (("--blank", "drafts.jsonl"), "--predictions"),
        (("--output", "card.txt"), ".json"),
        (("--metrics", "meteor"), "no metric meteor"),
        (("--train-studies", "none.txt"), "training studies"),
        (("--predictions", "drafts.jsonl", "--shuffled", "drafts.jsonl"), "not shuffled"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_scored_is_one_line(
    folder: Path,
    options: tuple[str, ...],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On standard error, with exit code 2, and nothing is written."""
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    assert type_command(folder, *options) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert sentence in said.err
    assert sorted(folder.iterdir()) == before


def test_bleu_loads_no_torch_and_starts_no_java(folder: Path) -> None:
    """Nor does importing the package; Java would not be found, and nobody looks for it."""
    script = (
        "import sys, clinicalblip; from clinicalblip.cli import main\n"
        f"code = main(['evaluate', '--studies', {str(folder / 'studies.jsonl')!r}, '--split', 'test', "
        f"'--target', 'findings', '--metrics', 'bleu-1', '--predictions', {str(folder / 'drafts.jsonl')!r}])\n"
        "heavy = {'torch', 'transformers', 'peft', 'nltk', 'rouge_score', 'pycocoevalcap'} & sys.modules.keys()\n"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    program = [sys.executable, "-c", script]
    done = subprocess.run(program, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.shared_data
def test_the_facts_come_out_of_the_command(tmp_path: Path, shared_data: Path) -> None:
    """The constant normal report's scores on R2Gen's test split, without Java here: METEOR has a test of its own."""
    source = shared_data / "iu"
    prepared = prepare_iu_xray(source, split_file=source / "r2gen_annotation.json", without_images=True)
    write_studies(prepared.studies, tmp_path / "studies.jsonl")
    metrics = "bleu-1,bleu-2,bleu-3,bleu-4,rouge-l-coco"
    assert type_command(tmp_path, "--metrics", metrics, "--output", str(tmp_path / "card.json")) == 0
    card = json.loads((tmp_path / "card.json").read_text("utf-8"))
    (constant,) = (row for row in card["rows"] if row["kind"] == "constant normal report")
    facts = dict(zip(metrics.split(","), (0.523, 0.367, 0.267, 0.201, 0.417), strict=True))
    assert {name: figure["value"] for name, figure in constant["figures"].items()} == pytest.approx(facts, abs=0.003)
    assert card["data"]["studies"] == 590
    assert card["leaks"]["references"]["in_train"] == 274
