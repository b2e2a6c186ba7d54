"""Drafting many studies: together as one by one, resumed, shared among processes, from any films but the right ones."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.datasets.files.predictions import PredictionsFile
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.errors import DatasetError, MalformedStudy
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.batch.draft_all import draft_all
from clinicalblip.instructblip.batch.input_condition import FilmCondition, InputCondition
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.radiology.draft import Draft, ModelIdentity
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import GenerationSettings, read_settings
from tests.fixtures.scripted_reporter import ScriptedReporter

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def studies(tmp_path: Path) -> list[Study]:
    """Six studies with films of noise; the third has a lateral one too, and so has the fifth."""
    made = []
    for number in range(6):
        images = []
        for view in (View.PA, View.LATERAL)[: 2 if number in (2, 4) else 1]:
            path = tmp_path / "films" / f"{number}-{view}.png"
            path.parent.mkdir(exist_ok=True)
            grey = np.random.default_rng(10 * number + len(images)).integers(0, 255, (80, 80), dtype=np.uint8)
            Image.fromarray(grey).save(path)
            images.append(StudyImage(path, view))
        context = ClinicalContext(
            indication="cough " * number, prior_report="" if number % 2 else "The lungs were clear."
        )
        made.append(Study(f"s{number}", f"p{number}", "test", tuple(images), context, Report("The heart is normal.")))
    return made


@pytest.fixture
def bundled() -> InstructBlipReporter:
    """The bundled model with short drafts."""
    settings = read_settings(ROOT / "spaces_config.yaml", {})
    short = settings.model_copy(update={"generation": GenerationSettings(max_new_tokens=40)})
    return load_reporter(short)


def lines(path: Path) -> list[dict[str, str]]:
    """The lines of a predictions file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def alone(reporter: InstructBlipReporter, study: Study, films: list[object]) -> Report:
    """What a stream drafts."""
    *_, last = reporter.stream(films, study.context)  # type: ignore[arg-type]
    assert isinstance(last, Draft)
    return last.report


def test_batches_give_what_one_by_one_gives(
    bundled: InstructBlipReporter, studies: list[Study], tmp_path: Path
) -> None:
    """Batches of four, batches of one, and a stream for each study write the same reports, in the file's order."""
    from clinicalblip.imaging.read import read_radiograph

    draft_all(bundled, studies, tmp_path / "four.jsonl", batch=4)
    draft_all(bundled, studies, tmp_path / "one.jsonl", batch=1)
    together = lines(tmp_path / "four.jsonl")
    assert together == lines(tmp_path / "one.jsonl")
    assert [line["study_id"] for line in together] == [study.study_id for study in studies]
    for line, study in zip(together, studies, strict=True):
        assert line.keys() == {"study_id", "findings", "impression"}
        films = [read_radiograph(image.path.read_bytes()).with_view(image.view) for image in study.images]
        assert Report(line["findings"], line["impression"]) == alone(bundled, study, films)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_either_kind_of_model_drafts_together_as_alone(
    kind: str, request: pytest.FixtureRequest, studies: list[Study], tmp_path: Path
) -> None:
    """Padding, and the start token of a T5-type decoder, leave no trace in a batch."""
    base: Base = request.getfixturevalue(f"tiny_{kind}_base")
    identity = ModelIdentity(base.name, base.digest, None, None, base.precision, base.reason, base.device, "1")
    reporter = InstructBlipReporter(
        lambda: LoadedModel(base, base.model, identity), GenerationSettings(max_new_tokens=12)
    )
    films = [read_radiograph(study.images[0].path.read_bytes()) for study in studies]
    examinations = [([film], study.context) for film, study in zip(films, studies, strict=True)]
    together = reporter.draft_many(examinations)
    single = [reporter.draft_many([each])[0] for each in examinations]
    assert [(draft.report, draft.tokens, draft.prompt) for draft in together] == [
        (draft.report, draft.tokens, draft.prompt) for draft in single
    ]
    assert all(draft.tokens > 0 for draft in together)


def test_interrupted_drafting_goes_on(studies: list[Study], tmp_path: Path) -> None:
    """What was drafted before the end is not drafted again, a half-written line is, and every study has one line."""
    output = tmp_path / "predictions.jsonl"
    failing = ScriptedReporter(failure=RuntimeError("power cut"), fails_after=3)
    with pytest.raises(RuntimeError):
        draft_all(failing, studies, output, batch=2)
    assert not output.exists()
    part = tmp_path / ".predictions.jsonl.part-0"
    PredictionsFile(output).append(0, [("s0", Report("drafted before"))])
    with part.open("a") as file:
        file.write('{"study_id": "s1", "find')
    again = ScriptedReporter()
    draft_all(again, studies, output, batch=2)
    assert [line["study_id"] for line in lines(output)] == [study.study_id for study in studies]
    assert lines(output)[0]["findings"] == "drafted before"
    assert len(again.contexts) == 5
    assert not part.exists()
    draft_all(again, studies, output, batch=2)
    assert len(again.contexts) == 5


@pytest.mark.parametrize("other", ["films", "without", "data", "model", "seed", "generation"])
def test_file_of_something_else_is_refused(studies: list[Study], tmp_path: Path, other: str) -> None:
    """A file begun with another model, other studies, films, slots or options is refused, and what differs is named."""
    output = tmp_path / "predictions.jsonl"
    draft_all(ScriptedReporter(), studies, output)
    reporter = ScriptedReporter()
    if other == "model":
        reporter.identity = replace(reporter.identity, adapter_digest="c" * 64)
    if other == "generation":
        reporter.generation = replace(reporter.generation, temperature=0.7)
    with pytest.raises(DatasetError, match=other):
        draft_all(
            reporter,
            studies[1:] if other == "data" else studies,
            output,
            InputCondition(
                films=FilmCondition.BLANK if other == "films" else FilmCondition.RIGHT,
                without=["hints"] if other == "without" else [],
                seed=1 if other == "seed" else 0,
            ),
        )


def test_slots_left_out_reach_no_prompt(studies: list[Study], tmp_path: Path) -> None:
    """Without the indication and the prior report, both are empty in every context."""
    reporter = ScriptedReporter()
    draft_all(reporter, studies, tmp_path / "p.jsonl", InputCondition(without=["indication", "prior_report"]))
    assert {(c.indication, c.prior_report) for c in reporter.contexts} == {("", "")}


def test_shuffled_films_are_never_the_right_ones(studies: list[Study], tmp_path: Path) -> None:
    """Shuffled, every study is drafted from the films of another with as many, and every film is used once."""
    digests_by_indication = {}
    for films in (FilmCondition.RIGHT, FilmCondition.SHUFFLED):
        reporter = ScriptedReporter()
        draft_all(reporter, studies, tmp_path / f"{films}.jsonl", InputCondition(films), batch=1)
        indications = [context.indication for context in reporter.contexts]
        digests = [tuple(film.digest for film in films) for films in reporter.radiographs]
        digests_by_indication[films] = dict(zip(indications, digests, strict=True))
    right, shuffled = (digests_by_indication[films] for films in (FilmCondition.RIGHT, FilmCondition.SHUFFLED))
    assert all(right[indication] != shuffled[indication] for indication in right)
    assert sorted(right.values()) == sorted(shuffled.values())


def test_blank_film_needs_no_image(studies: list[Study], tmp_path: Path) -> None:
    """From a blank film a study without images is drafted, and every film is the same even grey."""
    reporter = ScriptedReporter()
    bare = [replace(study, images=()) for study in studies]
    draft_all(reporter, bare, tmp_path / "p.jsonl", InputCondition(FilmCondition.BLANK))
    assert {len(films) for films in reporter.radiographs} == {1}
    assert {float(films[0].pixels.std()) for films in reporter.radiographs} == {0.0}
    with pytest.raises(MalformedStudy, match="no film"):
        draft_all(reporter, bare, tmp_path / "q.jsonl")


def test_film_that_cannot_be_read_is_named(studies: list[Study], tmp_path: Path) -> None:
    """A study with a broken film has an empty line, is named, and is counted; the others are drafted."""
    studies[1].images[0].path.write_bytes(b"nothing")
    said: list[str] = []
    empty = draft_all(ScriptedReporter(), studies, tmp_path / "p.jsonl", log=said.append)
    assert empty == 1
    assert [line["findings"] == "" for line in lines(tmp_path / "p.jsonl")] == [False, True, False, False, False, False]
    assert ["s1" in line for line in said] == [True]


def test_nothing_or_twice_the_same_is_refused(studies: list[Study], tmp_path: Path) -> None:
    """No study at all, and two of one id, are refused before anything is written."""
    with pytest.raises(DatasetError, match="no study"):
        draft_all(ScriptedReporter(), [], tmp_path / "p.jsonl")
    with pytest.raises(MalformedStudy, match="one study_id"):
        draft_all(ScriptedReporter(), [*studies, studies[0]], tmp_path / "p.jsonl")
    assert not list(tmp_path.glob("*.jsonl*"))


def test_single_film_study_has_no_other_to_shuffle_with(studies: list[Study], tmp_path: Path) -> None:
    """A study that is the only one with as many films cannot be given another's, and is named."""
    with pytest.raises(DatasetError, match="s2 is the only one"):
        draft_all(ScriptedReporter(), studies[:4], tmp_path / "p.jsonl", InputCondition(FilmCondition.SHUFFLED))


@pytest.mark.system
def test_two_processes_share_the_studies(studies: list[Study], tmp_path: Path) -> None:
    """Under torchrun the command writes exactly one line a study, in order, the same as one process does."""
    write_studies(studies, tmp_path / "studies.jsonl")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "USE_LIBUV": "0"}
    arguments = ["draft-all", "--studies", str(tmp_path / "studies.jsonl"), "--split", "test", "--batch", "2"]
    for name, start in (
        ("one", []),
        ("two", ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone"]),
    ):
        ended = subprocess.run(
            [sys.executable, *start, "-m", "clinicalblip", *arguments, "--output", str(tmp_path / f"{name}.jsonl")],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr[-3000:]
    assert lines(tmp_path / "two.jsonl") == lines(tmp_path / "one.jsonl")
    assert [line["study_id"] for line in lines(tmp_path / "two.jsonl")] == [study.study_id for study in studies]


def test_about_file_says_what_drafted(studies: list[Study], tmp_path: Path) -> None:
    """Beside the predictions stand the digests of base and adapter, how words were chosen, films and slots; no path."""
    draft_all(ScriptedReporter(), studies, tmp_path / "p.jsonl", InputCondition(without=["hints"]))
    about = json.loads((tmp_path / "p.about.json").read_text())
    assert about["model"]["adapter_digest"] == "a" * 64
    assert about["model"]["prompt_version"] == "0"
    assert (about["films"], about["without"]) == ("right", ["hints"])
    assert about["seed"] == 0
    assert about["generation"] == {
        "max_new_tokens": 220,
        "temperature": 0.0,
        "top_p": 1.0,
        "repetition_penalty": 1.0,
        "finding_bias": 0.0,
    }
    assert about["data"]["studies"] == 6
    assert str(tmp_path) not in json.dumps(about)
