"""The command `score`: one line a study with a probability under each CheXpert name, resumable, from any films."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.cli import main
from clinicalblip.datasets.files.scores import ScoresFile
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.radiology.observation import CHEXPERT
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.radiology.study import Study, StudyImage

NAMES = [what.value for what in CHEXPERT]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Four studies without reports, the third with a lateral film too, the last in another split."""
    made = []
    for number in range(4):
        images = []
        for view in (View.PA, View.LATERAL)[: 2 if number == 2 else 1]:
            path = tmp_path / "films" / f"{number}-{view}.png"
            path.parent.mkdir(exist_ok=True)
            grey = np.random.default_rng(10 * number + len(images)).integers(0, 255, (80, 80), dtype=np.uint8)
            Image.fromarray(grey).save(path)
            images.append(StudyImage(path, view))
        context = ClinicalContext(indication="cough " * number)
        made.append(Study(f"s{number}", f"p{number}", "train" if number == 3 else "test", tuple(images), context))
    write_studies(made, tmp_path / "studies.jsonl")
    return tmp_path / "studies.jsonl"


@pytest.fixture
def score(studies: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run the command on the studies; gives its exit code, what it printed, and the lines of the file."""

    def run(
        *arguments: str, output: str = "scores.jsonl", base: str = "tiny"
    ) -> tuple[int, str, list[dict[str, object]]]:
        capsys.readouterr()
        file = studies.with_name(output)
        model = ["--base", base] if base else []
        code = main(["score", "--studies", str(studies), "--output", str(file), *model, *arguments])
        printed = capsys.readouterr()
        written = file.read_text().splitlines() if file.is_file() else []
        return code, printed.out + printed.err, [json.loads(line) for line in written]

    return run


def test_bundled_model_scores_every_study(score) -> None:  # type: ignore[no-untyped-def]
    """Each study of the split has one line in the file's order, with a probability for each observation."""
    code, printed, lines = score("--split", "test", base="")
    assert code == 0
    assert "3 studies scored, 0" in printed
    assert [line["study_id"] for line in lines] == ["s0", "s1", "s2"]
    for line in lines:
        assert list(line) == ["study_id", *NAMES]
        assert all(0 <= line[name] <= 1 for name in NAMES)
    assert lines[0] != {**lines[1], "study_id": "s0"}


def test_scoring_goes_on_where_it_was(score, studies: Path) -> None:  # type: ignore[no-untyped-def]
    """What was scored before a power cut is kept, the half line is scored anew, and other films need another file."""
    code, _, whole = score()
    assert code == 0
    assert len(whole) == 4
    file = studies.with_name("scores.jsonl")
    file.unlink()
    ScoresFile(file).append(0, [("s1", dict.fromkeys(CHEXPERT, 0.25))])
    with studies.with_name(".scores.jsonl.part-0").open("a") as part:
        part.write('{"study_id": "s2", "No F')
    code, _, again = score()
    assert code == 0
    assert again[1] == {"study_id": "s1", **dict.fromkeys(NAMES, 0.25)}
    assert [again[0], *again[2:]] == [whole[0], *whole[2:]]
    code, printed, _ = score("--films", "blank")
    assert (code, printed.count("\n")) == (2, 1)
    assert "The scores file was begun with another films" in printed


def test_unreadable_film_is_named(score, studies: Path) -> None:  # type: ignore[no-untyped-def]
    """Its line holds null under each name, the others their scores."""
    next((studies.parent / "films").glob("1-*")).write_bytes(b"nothing")
    code, printed, lines = score()
    assert code == 0
    assert "Study s1 has a film that cannot be read" in printed
    assert "4 studies scored, 1 of them" in printed
    assert [line["Edema"] is None for line in lines] == [False, True, False, False]


def test_about_file_says_what_scored(score, studies: Path) -> None:  # type: ignore[no-untyped-def]
    """Beside the scores stand the model's digests, the slots left out and the scale."""
    score("--without", "indication")
    about = json.loads(studies.with_name("scores.about.json").read_text())
    assert about["model"]["base_digest"]
    assert about["without"] == ["indication"]
    assert about["scale"] == {"temperature": 1.0, "bias": [0.0] * len(CHEXPERT)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--split", "validate"], "no study in the split 'validate'"),
        (["--without", "shoe_size"], "no slot shoe_size"),
    ],
    ids=["split", "slot"],
)
def test_bad_input_is_one_line(score, arguments: list[str], said: str) -> None:  # type: ignore[no-untyped-def]
    """What cannot be done is one sentence and exit code 2."""
    code, printed, lines = score(*arguments)
    assert (code, printed.count("\n"), lines) == (2, 1, [])
    assert said in printed
