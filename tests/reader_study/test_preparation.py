"""Preparing a study: once, to its end, and gone on with after a kill."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.preparation import prepare_study
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.reader_study import DESIGN, no_model, put_in_pneumothorax, write_sources
from tests.fixtures.scripted_reporter import ScriptedReporter

WITH_MODEL = DESIGN.replace("{name: offered, draft: reference}", "{name: offered, draft: model}")
_ROOT = Path(__file__).resolve().parents[2]


def prepare(design: Path, output: Path) -> None:
    """Prepare without a model."""
    prepare_study(design, output, no_model, inject=put_in_pneumothorax, log=lambda line: None)


def test_a_prepared_study_is_not_prepared_again(prepared: Path, tmp_path: Path) -> None:
    """Nor is a folder used that has other files, or a file in the folder's place."""
    design = write_sources(tmp_path / "sources")
    before = {file.name: file.read_bytes() for file in prepared.iterdir()}
    with pytest.raises(ReaderStudyError, match="A study is prepared in that folder already; name another"):
        prepare(design, prepared)
    assert {file.name: file.read_bytes() for file in prepared.iterdir()} == before
    with pytest.raises(ReaderStudyError, match="has other files in it"):
        prepare(design, tmp_path / "sources")
    with pytest.raises(ReaderStudyError, match="is no folder"):
        prepare(design, design)


def test_an_arm_whose_model_does_not_load_is_refused_and_gone_on_with(tmp_path: Path) -> None:
    """Before any draft is made; once it loads the same command prepares the study, and another design does not."""
    design = write_sources(tmp_path / "sources", design=WITH_MODEL)
    output = tmp_path / "study"
    with pytest.raises(ReaderStudyError, match="The model of arm offered does not load: there is no model here"):
        prepare(design, output)
    with pytest.raises(ReaderStudyError, match="not to its end"):
        StudyFolder.open(output)
    other = write_sources(tmp_path / "other", design=WITH_MODEL.replace("seed: 7", "seed: 8"))
    with pytest.raises(ReaderStudyError, match="Another design was begun in that folder"):
        prepare(other, output)
    reporter = ScriptedReporter()
    prepare_study(design, output, lambda arm: reporter, inject=put_in_pneumothorax, log=lambda line: None)
    with StudyFolder.open(output) as study:
        assert len(reporter.contexts) == len(study.assignment.cases) == 5
        assert {draft.draft.model.base.split(",")[0] for draft in study.drafts.values()} == {"predictions", "recited"}


def test_sources_that_changed_since_it_was_begun_are_refused(tmp_path: Path) -> None:
    """Studies by themselves; predictions because drafts were made from others."""
    design = write_sources(tmp_path / "sources", design=WITH_MODEL)
    output = tmp_path / "study"
    with pytest.raises(ReaderStudyError, match="does not load"):
        prepare(design, output)
    studies = tmp_path / "sources" / "studies.jsonl"
    studies.write_text(studies.read_text().replace("The heart is enlarged.", "The heart is large."))
    with pytest.raises(ReaderStudyError, match="The studies file has changed since this preparation was begun"):
        prepare(design, output)


def test_a_studies_file_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    """As is one that cannot be read."""
    design = write_sources(tmp_path / "sources")
    (tmp_path / "sources" / "studies.jsonl").unlink()
    with pytest.raises(ReaderStudyError, match="There is no studies file"):
        prepare(design, tmp_path / "study")


def test_a_disk_that_is_full_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with room the same command goes on."""
    design = write_sources(tmp_path / "sources")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr("clinicalblip.reader_study.drafts.made_drafts.MadeDrafts.append", full)
        with pytest.raises(ReaderStudyError, match=r"\(no space left on device\); make room .* it goes on"):
            prepare(design, tmp_path / "study")
    prepare(design, tmp_path / "study")
    StudyFolder.open(tmp_path / "study").close()


def test_the_same_words_come_twice(prepared: Path, tmp_path: Path) -> None:
    """Another preparation of the same design has the same reports and errors under other lots."""
    design = write_sources(tmp_path / "sources")
    prepare(design, tmp_path / "again")
    with StudyFolder.open(prepared) as first, StudyFolder.open(tmp_path / "again") as again:
        assert first.assignment.readings == again.assignment.readings
        for place, draft in first.drafts.items():
            other = again.drafts[place]
            assert other.draft.report == draft.draft.report
            assert other.id != draft.id
            assert again.key.get(other.id) == first.key.get(draft.id)


@pytest.mark.system
def test_a_preparation_that_was_killed_goes_on(tmp_path: Path) -> None:
    """What it had made is kept, and the study is whole."""
    design = write_sources(tmp_path / "sources", design=WITH_MODEL)
    output = tmp_path / "study"
    program = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(_ROOT)!r})
from tests.fixtures.reader_study import put_in_pneumothorax
from tests.fixtures.scripted_reporter import ScriptedReporter
from clinicalblip.reader_study.preparation import prepare_study
load = lambda arm: ScriptedReporter(seconds_per_word=0.02)
prepare_study(Path(sys.argv[1]), Path(sys.argv[2]), load, inject=put_in_pneumothorax)
"""
    part = output / ".preparing.jsonl.part-0"
    with subprocess.Popen([sys.executable, "-c", program, str(design), str(output)]) as process:
        until = time.monotonic() + 100
        while not (part.is_file() and len(part.read_bytes().splitlines()) >= 3):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        process.kill()
    reporter = ScriptedReporter()
    prepare_study(design, output, lambda arm: reporter, inject=put_in_pneumothorax, log=lambda line: None)
    assert 0 < len(reporter.contexts) < 5
    with StudyFolder.open(output) as study:
        assert len(study.drafts) == 10
    assert not part.exists()
