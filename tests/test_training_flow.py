"""From a studies file to drafts with the trained adapter, by the commands that a researcher types."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.instructblip.provenance import WEIGHTS_FILE, read_provenance
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw_chest

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[1]
STUDIES = 12
SIZE = 96
STAGES = ["01-vision", "02-bridge", "03-language"]


@pytest.fixture(scope="module")
def studies_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve studies of drawn chests, nine of them to train on and one to validate on; every third has two films."""
    folder = tmp_path_factory.mktemp("studies")
    studies = []
    for number in range(STUDIES):
        phantom = random_phantom(number)
        images = []
        for view in (View.PA, View.LATERAL)[: 2 if number % 3 == 0 else 1]:
            film = draw_chest(random_phantom(100 + number) if images else phantom, SIZE)
            path = folder / f"{number}-{view}.png"
            Image.fromarray(np.rint(film * 255).astype(np.uint8)).save(path)
            images.append(StudyImage(path, view))
        seen = ", ".join(sorted(finding.kind for finding in phantom.findings))
        report = Report(f"There is {seen}." if seen else "The lungs are clear.", seen.capitalize() or "Normal chest.")
        context = ClinicalContext("cough", prior_report="The heart was of normal size.", hints=seen)
        split = "train" if number < 9 else "validate" if number == 9 else "test"
        studies.append(Study(f"s{number}", f"p{number}", split, tuple(images), context, report))
    write_studies(studies, folder / "studies.jsonl")
    return folder / "studies.jsonl"


def train_arguments(studies: Path, run: Path, *more: str) -> list[str]:
    """The command's words after `python -m clinicalblip`."""
    named = ["--plan", "clinicalblip", "--base", "tiny", "--studies", str(studies), "--run", str(run)]
    return ["train", *named, *more]


def environment(threads: int) -> dict[str, str]:
    """What a command of its own is started with: as many threads as here, for the same sums."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(threads), "USE_LIBUV": "0"}


@pytest.fixture(scope="module")
def whole(studies_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of an undisturbed training."""
    run = tmp_path_factory.mktemp("whole") / "run"
    assert main(train_arguments(studies_file, run)) == 0
    return run


def test_every_stage_of_the_plan_runs(whole: Path) -> None:
    """The three stages finish in their order, each from the adapter of the one before, and say what they were."""
    assert sorted(path.name for path in whole.iterdir() if path.name[0].isdigit()) == STAGES
    records = [json.loads((whole / stage / "stage.json").read_text()) for stage in STAGES]
    assert [record["stage"]["trains"] for record in records] == [["vision"], ["projection", "qformer"], ["language"]]
    assert all(record["data"] | {"digest": ""} == records[0]["data"] | {"digest": ""} for record in records)
    assert records[0]["data"]["studies"] == 9
    assert records[0]["data"]["left_out"] == {"not of the train split": 3}
    assert all(record["steps"] > 0 and record["processes"] == 1 for record in records)
    assert read_provenance(whole / STAGES[-1] / "adapter").stages == ("vision", "bridge", "language")
    for stage in STAGES:
        assert "validation loss" in (whole / stage / "loss.svg").read_text()


def test_killed_in_its_second_stage_it_goes_on(whole: Path, studies_file: Path, tmp_path: Path) -> None:
    """Killed outright after the second stage's first step, the same command ends with the undisturbed adapter."""
    run = tmp_path / "run"
    command = [sys.executable, "-m", "clinicalblip", *train_arguments(studies_file, run)]
    log = run / STAGES[1] / "log.jsonl"
    with subprocess.Popen(
        command, env=environment(torch.get_num_threads()), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as training:
        deadline = time.monotonic() + 90
        while not (log.is_file() and log.stat().st_size) and training.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        training.kill()
        said = training.communicate()[1].decode()
    assert training.returncode == -signal.SIGKILL, said[-3000:]
    assert (run / STAGES[0] / "stage.json").is_file()
    assert not (run / STAGES[1] / "stage.json").exists()
    ended = subprocess.run(
        command, env=environment(torch.get_num_threads()), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert f"{STAGES[0]}: finished before" in ended.stderr
    found, expected = (load_file(each / STAGES[-1] / "adapter" / WEIGHTS_FILE) for each in (run, whole))
    assert found.keys() == expected.keys()
    # the same products in the same order; this leaves room for another number of threads and no more
    assert max(float((found[name] - expected[name]).abs().max()) for name in found) <= 1e-6


def test_two_processes_train_without_the_prior(studies_file: Path, tmp_path: Path) -> None:
    """Under torchrun both processes are counted, and the slots that were left out are on record."""
    run = tmp_path / "run"
    start = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone"]
    arguments = train_arguments(studies_file, run, "--without", "prior_report,hints")
    # torchrun takes --run for the beginning of an option of its own
    ended = subprocess.run(
        [*start, "-m", "clinicalblip", *("--run-folder" if each == "--run" else each for each in arguments)],
        env=environment(1),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    for stage in STAGES:
        record = json.loads((run / stage / "stage.json").read_text())
        assert record["processes"] == 2
        assert record["without"] == ["hints", "prior_report"]
    assert json.loads((run / "run.json").read_text())["plan"]["without"] == ["hints", "prior_report"]


def test_adapter_drafts_every_study(
    whole: Path, studies_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Drafting with the trained adapter gives one line a study in the file's order, and says what made it."""
    output = tmp_path / "predictions.jsonl"
    adapter = whole / STAGES[-1] / "adapter"
    words = ["draft-all", "--base", "tiny", "--adapter", str(adapter), "--studies", str(studies_file)]
    assert main([*words, "--output", str(output), "--without", "prior_report,hints"]) == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["study_id"] for line in lines] == [f"s{number}" for number in range(STUDIES)]
    assert all(line.keys() == {"study_id", "findings", "impression"} for line in lines)
    assert "12 studies drafted" in capsys.readouterr().out
    about = json.loads((tmp_path / "predictions.about.json").read_text())
    record = json.loads((adapter.parent / "stage.json").read_text())
    assert about["model"]["adapter_digest"] == record["adapter"]
    assert about["model"]["base_digest"] == record["base"]["digest"]
    assert about["without"] == ["hints", "prior_report"]


def test_adapter_of_another_base_is_refused(
    whole: Path, studies_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An adapter does not draft on a base that it was not made for, and either is named."""
    adapter = whole / STAGES[-1] / "adapter"
    words = ["draft-all", "--base", "tiny-t5", "--adapter", str(adapter), "--studies", str(studies_file)]
    assert main([*words, "--output", str(tmp_path / "p.jsonl")]) == 2
    said = capsys.readouterr().err
    assert "made for the base tiny " in said
    assert "tiny-t5" in said
    assert len(said.splitlines()) == 1


def test_dry_run_trains_nothing(studies_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The dry run prints a line a stage, with the slots left out, and makes no run folder."""
    run = tmp_path / "run"
    assert main(train_arguments(studies_file, run, "--dry-run", "--without", "prior-report")) == 0
    said = capsys.readouterr().out
    assert "without prior_report" in said
    rows = [line.split("|")[1].strip() for line in said.splitlines() if line.startswith("| ")]
    assert rows == ["stage", "vision", "bridge", "language"]
    assert not run.exists()


def test_rehearsal_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    """A rehearsal of the tiny shape prints a line for the making, for each stage's step and for the draft."""
    assert main(["rehearse", "--shape", "tiny", "--tokens", "3"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row.split()[1] for row in rows] == ["step", "made", "stage", "stage", "stage", "draft"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--without", "findings"], "no slot findings"),
        (["--plan", "best"], "the plans are clinicalblip"),
        (["--base", "no/such/base"], "The base"),
    ],
)
def test_bad_words_are_one_sentence(
    studies_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], sentence: str
) -> None:
    """A slot, a plan or a base that is not there ends in one line and exit code 2, and nothing is begun."""
    assert main(train_arguments(studies_file, tmp_path / "run", *more)) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_line_with_a_missing_field_is_named(
    studies_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A studies file whose third line lacks its findings is refused with the number of the line."""
    lines = studies_file.read_text().splitlines()
    third = json.loads(lines[2])
    del third["findings"]
    broken = tmp_path / "studies.jsonl"
    broken.write_text("\n".join([*lines[:2], json.dumps(third), *lines[3:]]))
    assert main(train_arguments(broken, tmp_path / "run")) == 2
    said = capsys.readouterr().err
    assert "Line 3" in said
    assert "findings" in said
    assert not (tmp_path / "run").exists()
