"""`serve --reader-study`: a study is served as it was prepared, or refused in one sentence that names what is wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest

from clinicalblip.cli import main
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.study_folder import RECORDS, StudyFolder
from clinicalblip.reader_study.study_manifest import FILES, MANIFEST
from tests.fixtures.reader_study import prepare_small_study

Serve = Callable[..., tuple[int, str]]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of pages that were launched; none is really served."""
    titles: list[str] = []
    monkeypatch.setattr(gr.Blocks, "launch", lambda page, **how: titles.append(page.title))
    return titles


@pytest.fixture
def serve(launched: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Serve:
    """Serve a study; the exit code, and what is printed on standard error."""

    def serve_folder(folder: Path) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["serve", "--config", str(tmp_path / "none.yaml"), "--reader-study", str(folder)])
        return code, capsys.readouterr().err

    return serve_folder


def test_a_study_is_served_as_it_was_prepared(serve: Serve, launched: list[str], study: Path) -> None:
    """That it began is recorded, once, and no model is asked for."""
    for _ in range(2):
        assert serve(study) == (0, "")
    assert len(launched) == 2
    with StudyFolder.open(study) as opened:
        assert [event.kind for event in opened.records.events()] == [EventKind.BEGUN]


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
@pytest.mark.parametrize("is_gone", [False, True], ids=["changed", "gone"])
def test_a_changed_study_is_refused(
    serve: Serve, launched: list[str], study: Path, name: str, *, is_gone: bool
) -> None:
    """Design, studies, assignment, drafts and key, each by its name; no page is launched, and no file made."""
    path = study / name
    if is_gone:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"1", b"2", 1) + b"\n" if name in FILES else b"of another program")
    before = {each.name for each in study.iterdir()}
    code, said = serve(study)
    assert code == 2
    assert name in said
    assert said.count("\n") == 1
    assert launched == []
    assert {each.name for each in study.iterdir()} == before


def test_records_that_cannot_be_read_are_refused(serve: Serve, launched: list[str], study: Path) -> None:
    """Rather than begun anew: those of another program, and none at all."""
    (study / RECORDS).write_bytes(b"of another program")
    for says in ("The study's records file cannot be opened", f"{RECORDS} of the study's folder is missing"):
        code, said = serve(study)
        assert (code, said.count("\n"), launched) == (2, 1, [])
        assert said.startswith(says)
        (study / RECORDS).unlink(missing_ok=True)


def test_files_of_another_study_are_refused(serve: Serve, launched: list[str], study: Path, tmp_path: Path) -> None:
    """One that was prepared as well, with the same design: its drafts have other lots."""
    other = prepare_small_study(tmp_path / "other")
    shutil.copy(other / "drafts.jsonl", study / "drafts.jsonl")
    code, said = serve(study)
    assert (code, launched) == (2, [])
    assert said.startswith("drafts.jsonl was changed since the study was prepared")


def test_a_folder_without_a_study_is_refused(serve: Serve, launched: list[str], tmp_path: Path) -> None:
    """One that is not there, and one that has something else: each is told how to prepare one."""
    for folder in (tmp_path / "none", tmp_path):
        code, said = serve(folder)
        assert (code, said.count("\n"), launched) == (2, 1, [])
        assert "reader-study prepare" in said
