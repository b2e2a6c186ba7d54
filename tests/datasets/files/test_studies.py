"""The studies file: what is written is read, and what breaks the format is said with its line."""

import contextlib
import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.datasets.files.studies import digest_studies, digest_study, read_studies, write_studies
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import SPLITS, Study, StudyImage

STUDY = Study(
    study_id="s1",
    patient_id="p1",
    split="train",
    context=ClinicalContext("Cough", "Smoker", "PA", "None.", "Clear lungs."),
    reference=Report("Löwe\u2028 clear.", "Normal."),
    tags=("normal", "automatic:opacity"),
)
FIELDS = (
    "study_id patient_id split images indication history technique comparison prior_report findings impression tags"
)


def test_the_fields_are_the_contract(tmp_path: Path) -> None:
    """A line has the twelve fields in their order, and nothing else."""
    write_studies([STUDY], tmp_path / "studies.jsonl")
    (line,) = (tmp_path / "studies.jsonl").read_text("utf-8").rstrip("\n").split("\n")
    assert list(json.loads(line)) == FIELDS.split()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Texts, tags, views and both kinds of paths come back; hints too, where there are any."""
    images = (
        StudyImage(tmp_path / "films" / "a.png", View.PA),
        StudyImage(Path("/elsewhere/b.dcm"), View.LATERAL, True),
    )
    studies = [
        replace(STUDY, images=images),
        replace(STUDY, study_id="s2", context=ClinicalContext(hints="effusion"), reference=Report(), split="test"),
    ]
    path = tmp_path / "studies.jsonl"
    assert write_studies(studies, path) == 2
    assert list(read_studies(path)) == studies
    assert [study.study_id for study in read_studies(path, "test")] == ["s2"]


def test_images_beside_the_file_move_with_it(tmp_path: Path) -> None:
    """A path under the file's folder is kept relative: moved together, both are found."""
    old, new = tmp_path / "old", tmp_path / "new"
    write_studies([replace(STUDY, images=(StudyImage(old / "films" / "a.png"),))], old / "studies.jsonl")
    old.rename(new)
    (study,) = read_studies(new / "studies.jsonl")
    assert study.images[0].path == new / "films" / "a.png"


TEXT = st.text(max_size=40)


@given(
    st.builds(
        Study,
        study_id=st.text(min_size=1, max_size=9),
        patient_id=TEXT,
        split=st.sampled_from(SPLITS),
        context=st.builds(ClinicalContext, indication=TEXT, comparison=TEXT),
        reference=st.builds(Report, TEXT, TEXT),
        tags=st.lists(TEXT, max_size=3).map(tuple),
    )
)
def test_any_texts_survive(tmp_path_factory: pytest.TempPathFactory, study: Study) -> None:
    """Line separators, quotes and every character that UTF-8 has come back."""
    path = tmp_path_factory.mktemp("any") / "studies.jsonl"
    write_studies([study], path)
    assert list(read_studies(path)) == [study]


@given(st.binary(max_size=200))
def test_any_bytes_are_studies_or_a_malformed_study(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A file of a stranger's bytes fails as a MalformedStudy and in no other way."""
    path = tmp_path_factory.mktemp("bytes") / "studies.jsonl"
    path.write_bytes(content)
    with contextlib.suppress(MalformedStudy):
        assert all(isinstance(study, Study) for study in read_studies(path))


def _line(**changes: object) -> str:
    fields: dict[str, object] = dict.fromkeys(FIELDS.split(), "") | {"study_id": "s2", "split": "train"}
    fields |= {"images": [], "tags": []}
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not None})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        (_line(findings=None), "lacks findings"),
        (_line(findings=3), "findings is no text"),
        (_line(hints=["x"]), "hints is no text"),
        (_line(split="dev"), "'dev'"),
        (_line(study_id=""), "needs a study_id"),
        (_line(tags="normal"), "tags is no list"),
        (_line(images={}), "images is no list"),
        (_line(images=[{"view": "PA"}]), "no path"),
        (_line(images=[{"path": "a.png", "view": "oblique"}]), "none of PA"),
        (_line(images=[{"path": "a.png", "view": ["PA"]}]), "none of PA"),
        (_line(findings="Clear lungs.", prior_report="clear  LUNGS."), "its own report"),
        ("[" * 100_000, "no JSON"),
        (" " * (5 * 2**20) + "{}", "longer than"),
    ],
)  # fmt: skip
def test_a_broken_line_is_reported_by_its_number(line: str, reason: str, tmp_path: Path) -> None:
    """Studies before it are read; then the error names line and reason."""
    path = tmp_path / "studies.jsonl"
    path.write_text(f"{_line(study_id='s1')}\n\n{line}\n", "utf-8")
    studies = read_studies(path)
    assert next(studies).study_id == "s1"
    with pytest.raises(MalformedStudy, match=rf"^Line 3 .*{reason}"):
        next(studies)


def test_no_text_of_a_report_is_in_a_message(tmp_path: Path) -> None:
    """The error about a prior report does not repeat it."""
    path = tmp_path / "studies.jsonl"
    path.write_text(_line(findings="Secret words.", prior_report="Secret words."))
    with pytest.raises(MalformedStudy) as caught:
        list(read_studies(path))
    assert "secret" not in str(caught.value).lower()


def test_absent_files_and_splits_are_reported(tmp_path: Path) -> None:
    """No file, no such split, and a split without a study are three sentences."""
    with pytest.raises(DatasetNotFound, match="no studies file"):
        read_studies(tmp_path / "nowhere.jsonl")
    path = tmp_path / "studies.jsonl"
    write_studies([STUDY], path)
    with pytest.raises(DatasetNotFound, match="'val'"):
        read_studies(path, "val")
    with pytest.raises(DatasetNotFound, match="no study in the split 'test'"):
        list(read_studies(path, "test"))


def test_a_failed_preparation_leaves_the_old_file(tmp_path: Path) -> None:
    """When a study fails half way, what stood there stays and no part is left behind."""
    path = tmp_path / "studies.jsonl"
    write_studies([STUDY], path)
    before = path.read_bytes()

    def broken():  # type: ignore[no-untyped-def]
        yield replace(STUDY, study_id="s2")
        raise MalformedStudy("a study breaks the format")

    with pytest.raises(MalformedStudy):
        write_studies(broken(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space left is a DatasetError that says so, and leaves nothing behind."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatasetError, match="No space left"):
        write_studies([STUDY], tmp_path / "studies.jsonl")
    assert not list(tmp_path.iterdir())


def test_a_digest_is_of_the_study_not_of_its_place() -> None:
    """Split and films change nothing, any text or id does."""
    digest = digest_study(STUDY)
    assert len(digest) == 64
    assert digest == digest_study(replace(STUDY, split="test", images=(StudyImage(Path("a.png")),)))
    others = (
        replace(STUDY, study_id="s2"),
        replace(STUDY, reference=Report("Clear.", "Normal.")),
        replace(STUDY, context=ClinicalContext()),
    )
    assert digest not in {digest_study(other) for other in others}


def test_a_set_of_studies_has_a_digest() -> None:
    """Order and views count where they are asked for; the place of the image files never does."""
    first = replace(STUDY, images=(StudyImage(Path("a.png"), View.PA),))
    moved = replace(first, images=(StudyImage(Path("b.png"), View.PA),))
    turned = replace(first, images=(StudyImage(Path("a.png"), View.AP),))
    other = replace(STUDY, study_id="s2")
    assert digest_studies([first, other]) == digest_studies([turned, other]) != digest_studies([other, first])
    assert digest_studies([first, other], in_any_order=True) == digest_studies([other, first], in_any_order=True)
    assert digest_studies([first], with_views=True) == digest_studies([moved], with_views=True)
    assert digest_studies([first], with_views=True) != digest_studies([turned], with_views=True)
