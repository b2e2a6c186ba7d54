"""IU X-RAY in: counts, splits, texts, films, and what happens to broken files."""

import errno
import io
import json
import logging
import os
import random
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.datasets.files.studies import read_studies, write_studies
from clinicalblip.datasets.iu_xray import prepare
from clinicalblip.datasets.iu_xray.films import film_key, infer_views
from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.study import SPLITS
from tests.fixtures.iu_reports import iu_report, write_archive, write_metadata

MakeArchive = Callable[[Mapping[str, bytes]], Path]
MakeSplit = Callable[..., Path]


@pytest.fixture
def make_archive(tmp_path: Path) -> MakeArchive:
    """Write the reports (by file name) as an archive; gives the source folder."""

    def make(reports: Mapping[str, bytes]) -> Path:
        write_archive(tmp_path / "source", reports)
        return tmp_path / "source"

    return make


@pytest.fixture
def split_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a split file as R2Gen's: lists of study ids by split."""

    def make(**splits: list[str]) -> Path:
        path = tmp_path / "annotation.json"
        path.write_text(json.dumps({name: [{"id": i, "report": ""} for i in ids] for name, ids in splits.items()}))
        return path

    return make


def test_sections_and_tags_are_kept(make_archive: MakeArchive) -> None:
    """Every section comes into its place, white space folded, XXXX as it stands, both kinds of tags told apart."""
    report = iu_report(
        7,
        findings="Heart  size\n normal, XXXX &  clear.",
        impression="No acute\tdisease.",
        indication="XXXX-year-old",
        major=("Opacity/lung/base/left", "Scoliosis"),
        automatic=("opacity",),
    )
    (study,) = prepare_iu_xray(make_archive({"7.xml": report}), without_images=True).studies
    assert (study.study_id, study.patient_id) == ("CXR7", "CXR7")
    assert study.reference.findings == "Heart size normal, XXXX & clear."
    assert study.reference.impression == "No acute disease."
    assert (study.context.indication, study.context.comparison) == ("XXXX-year-old", "None.")
    assert study.tags == ("Opacity/lung/base/left", "Scoliosis", "automatic:opacity")


def test_the_split_file_decides(make_archive: MakeArchive, split_file: MakeSplit) -> None:
    """Its ids say who is kept and where; others, and ids without a report, are counted by reason."""
    source = make_archive({f"{n}.xml": iu_report(n) for n in (1, 2, 3, 4)})
    splits = split_file(train=["CXR3_IM-1", "CXR9_IM-1"], val=["CXR1_IM-5-1001"], test=["CXR2"])
    preparation = prepare_iu_xray(source, split_file=splits, without_images=True)
    assert {s.study_id: s.split for s in preparation.studies} == {"CXR1": "validate", "CXR2": "test", "CXR3": "train"}
    assert preparation.counts.kept == {"train": 1, "validate": 1, "test": 1}
    assert preparation.counts.left_out == {prepare.NO_SPLIT: 1, prepare.NO_REPORT: 1}
    assert preparation.counts.read == {"reports": 4, "with findings": 4, "with impression": 4}


def test_without_a_split_file_the_seed_draws(make_archive: MakeArchive) -> None:
    """The same seed gives the same split in about the shares said; another seed gives another."""
    source = make_archive({f"{n}.xml": iu_report(n) for n in range(300)})

    def draw(seed: int) -> list[str]:
        return [s.split for s in prepare_iu_xray(source, without_images=True, seed=seed).studies]

    assert draw(0) == draw(0) != draw(1)
    assert [
        abs(draw(0).count(split) / 300 - share) < 0.08 for split, share in zip(SPLITS, (0.7, 0.1, 0.2), strict=True)
    ]
    assert set(draw(0)) == set(SPLITS)


def test_an_unpacked_folder_gives_what_the_archive_gives(make_archive: MakeArchive, tmp_path: Path) -> None:
    """The archive need not be unpacked, and may be."""
    archive = make_archive({f"{n}.xml": iu_report(n) for n in (1, 10, 2)})
    unpacked = tmp_path / "unpacked"
    with tarfile.open(archive / "NLMCXR_reports.tgz") as tar:
        tar.extractall(unpacked, filter="data")
    assert list(prepare_iu_xray(archive, without_images=True).studies) == list(
        prepare_iu_xray(unpacked, without_images=True).studies
    )


def test_a_report_without_text_is_left_out(make_archive: MakeArchive) -> None:
    """A report with neither section is counted; one with an impression alone is kept."""
    source = make_archive({"1.xml": iu_report(1, findings="", impression=" "), "2.xml": iu_report(2, findings="")})
    preparation = prepare_iu_xray(source, without_images=True)
    assert [study.study_id for study in preparation.studies] == ["CXR2"]
    assert preparation.counts.left_out == {prepare.NO_TEXT: 1}
    assert preparation.counts.read == {"reports": 2, "with impression": 1}


BROKEN = {
    "empty": b"",
    "cut short": iu_report(5)[:200],
    "no XML": b"FINDINGS: clear",
    "a DTD": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "x">]><eCitation><uId id="CXR5"/>&a;</eCitation>',
    "no id": iu_report(5).replace(b"<uId", b"<other"),
    "no sections": b'<eCitation><uId id="CXR5"/></eCitation>',
    "too large": iu_report(5, findings="clear " * 200_000),
    "unknown encoding": iu_report(5).replace(b"utf-8", b"utf-99"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_report_is_named_and_counted(
    kind: str, make_archive: MakeArchive, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on, the log names the study and none of its text."""
    source = make_archive({"4.xml": iu_report(4), "5.xml": BROKEN[kind], "6.xml": iu_report(6)})
    with caplog.at_level(logging.WARNING):
        preparation = prepare_iu_xray(source, without_images=True)
        assert [study.study_id for study in preparation.studies] == ["CXR4", "CXR6"]
    assert preparation.counts.left_out == {prepare.MALFORMED: 1}
    assert "CXR5" in caplog.text
    assert "clear" not in caplog.text


def test_a_second_report_of_one_id_is_left_out(make_archive: MakeArchive) -> None:
    """The first of two stays, and the second is counted."""
    source = make_archive({"1.xml": iu_report(1, findings="First."), "2.xml": iu_report(1, findings="Second.")})
    preparation = prepare_iu_xray(source, without_images=True)
    assert [study.reference.findings for study in preparation.studies] == ["First."]
    assert preparation.counts.left_out == {prepare.DUPLICATE: 1}


def test_films_come_frontal_first_with_their_views(make_archive: MakeArchive) -> None:
    """Films are found under any folder and either name; the table names the views, frontal before lateral."""
    films = ("CXR1_1_IM-0001-3001", "CXR1_1_IM-0001-4001")
    source = make_archive({"1.xml": iu_report(1, films=films)})
    for name in ("png/CXR1_1_IM-0001-3001.png", "dcm/1/1_IM-0001-4001.dcm"):
        (source / name).parent.mkdir(parents=True)
        (source / name).write_bytes(b"film")
    write_metadata(source, {films[0]: "LL", films[1]: "AP"})
    (study,) = prepare_iu_xray(source).studies
    assert [(image.path.name, image.view) for image in study.images] == [
        ("1_IM-0001-4001.dcm", View.AP),
        ("CXR1_1_IM-0001-3001.png", View.LATERAL),
    ]


def _film_archive(source: Path, *names: str) -> Path:
    path = source / "NLMCXR_png.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 5000
            tar.addfile(member, io.BytesIO(random.Random(name).randbytes(5000)))
    return path


def test_an_archive_of_films_is_unpacked_once(make_archive: MakeArchive) -> None:
    """Films and nothing else, each under its own name; a preparation without images leaves it alone."""
    source = make_archive({"1.xml": iu_report(1, films=("CXR1_IM-0001-1001",))})
    archive = _film_archive(source, "./CXR1_IM-0001-1001.png", "../CXR2_IM-0001-1001.png", "readme.txt", "x.png")
    list(prepare_iu_xray(source, without_images=True).studies)
    assert not (source / "NLMCXR_png").exists()
    (study,) = prepare_iu_xray(source).studies
    assert [image.path for image in study.images] == [source / "NLMCXR_png" / "CXR1_IM-0001-1001.png"]
    assert {file.name for file in source.parent.rglob("*.png")} == {"CXR1_IM-0001-1001.png", "CXR2_IM-0001-1001.png"}
    archive.write_bytes(b"not looked at again")
    assert list(prepare_iu_xray(source).studies) == [study]


def test_half_an_archive_of_films_is_not_taken_for_the_whole(make_archive: MakeArchive) -> None:
    """It is refused, and leaves no films behind; those of a run that was killed are not counted."""
    source = make_archive({"1.xml": iu_report(1, films=("CXR1_IM-0001-1001",))})
    archive = _film_archive(source, *(f"CXR1_IM-0001-{number}.png" for number in range(1001, 1040)))
    archive.write_bytes(archive.read_bytes()[:-4000])
    (source / ".NLMCXR_png.part").mkdir()
    (source / ".NLMCXR_png.part" / "CXR1_IM-0001-1001.png").write_bytes(b"film")
    with pytest.raises(MalformedStudy, match=r"NLMCXR_png\.tgz breaks off"):
        prepare_iu_xray(source)
    assert not list(source.rglob("*.png"))


def test_films_that_cannot_be_unpacked_are_reported(make_archive: MakeArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is one sentence."""
    source = make_archive({"1.xml": iu_report(1)})
    _film_archive(source, "CXR1_IM-0001-1001.png")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(DatasetError, match="No space left"):
        prepare_iu_xray(source)
    assert not list(source.rglob("*.part"))


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(workers: int, make_archive: MakeArchive, caplog: pytest.LogCaptureFixture) -> None:
    """Studies come in the archive's order, and a broken report is named once."""
    reports = {f"{n}.xml": iu_report(n) if n != 150 else b"" for n in range(300)}
    with caplog.at_level(logging.WARNING):
        preparation = prepare_iu_xray(make_archive(reports), without_images=True, workers=workers)
        ids = [study.study_id for study in preparation.studies]
    assert ids == [f"CXR{n}" for n in range(300) if n != 150]
    assert caplog.text.count("CXR150") == preparation.counts.left_out[prepare.MALFORMED] == 1


def test_a_study_with_a_missing_film_is_left_out(make_archive: MakeArchive) -> None:
    """Unless the preparation is without images: then the films that are there stay."""
    films = ("CXR1_IM-0001-1001", "CXR1_IM-0001-2001")
    source = make_archive({"1.xml": iu_report(1, films=films), "2.xml": iu_report(2)})
    (source / "CXR1_IM-0001-2001.png").write_bytes(b"film")
    preparation = prepare_iu_xray(source)
    assert not list(preparation.studies)
    assert preparation.counts.left_out == {prepare.NO_IMAGE: 2}
    first, second = prepare_iu_xray(source, without_images=True).studies
    assert [(image.path.name, image.view) for image in first.images] == [("CXR1_IM-0001-2001.png", View.LATERAL)]
    assert second.images == ()


@pytest.mark.parametrize(
    ("known", "views"),
    [
        ((None, None), (View.FRONTAL, View.LATERAL)),
        ((None, View.LATERAL), (View.FRONTAL, View.LATERAL)),
        ((View.PA, None), (View.PA, View.LATERAL)),
        ((View.LATERAL, None), (View.LATERAL, View.UNKNOWN)),
        ((View.PA, View.PA), (View.PA, View.PA)),
        ((None,), (View.UNKNOWN,)),
        ((None, None, View.PA), (View.UNKNOWN, View.UNKNOWN, View.PA)),
    ],
)
def test_views_by_table_then_by_order(known: tuple[View | None, ...], views: tuple[View, ...]) -> None:
    """What the table says stays; of two films the order says the rest; otherwise a view is unknown."""
    assert tuple(infer_views(known)) == views


def test_film_names_of_all_archives_meet() -> None:
    """The report's id, the PNG's and the DICOM's name give one key."""
    names = ("CXR1_1_IM-0001-3001", "CXR1_1_IM-0001-3001.png", "1_IM-0001-3001.dcm", "1_IM-0001-3001.dcm.png")
    assert {film_key(name) for name in names} == {"1_IM-0001-3001"}


def test_no_reports_and_no_films_are_reported(tmp_path: Path, make_archive: MakeArchive) -> None:
    """An absent folder, an empty one and one without films are refused by what was looked for."""
    with pytest.raises(DatasetNotFound, match="no folder"):
        prepare_iu_xray(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetNotFound, match=r"NLMCXR_reports\.tgz"):
        prepare_iu_xray(tmp_path / "empty", without_images=True)
    with pytest.raises(DatasetNotFound, match="no film"):
        prepare_iu_xray(make_archive({"1.xml": iu_report(1)}))


def test_a_truncated_archive_is_refused(make_archive: MakeArchive) -> None:
    """A download that broke off is an error: its missing reports have no names to count."""
    source = make_archive({f"{n}.xml": iu_report(n) for n in range(40)})
    archive = source / "NLMCXR_reports.tgz"
    archive.write_bytes(archive.read_bytes()[:-400])
    with pytest.raises(MalformedStudy, match="breaks off"):
        list(prepare_iu_xray(source, without_images=True).studies)
    archive.write_bytes(b"no archive")
    with pytest.raises(MalformedStudy, match="no archive"):
        list(prepare_iu_xray(source, without_images=True).studies)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no JSON with train, val and test"),
        ("[]", "no JSON with train, val and test"),
        ('{"train": [{"id": "CXR1"}], "val": []}', "'val' is empty"),
        (
            '{"train": [{"id": "CXR1"}], "val": [{"id": "CXR1_IM-1"}], "test": [{"id": "CXR2"}]}',
            "CXR1 is in two splits",
        ),
        ('{"train": [{"id": 1}], "val": [], "test": []}', "no JSON with train, val and test"),
    ],
)
def test_a_broken_split_file_is_refused(text: str, reason: str, make_archive: MakeArchive, tmp_path: Path) -> None:
    """What is wrong with it is said before a report is read."""
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(MalformedStudy, match=reason):
        prepare_iu_xray(make_archive({"1.xml": iu_report(1)}), split_file=path, without_images=True)


def test_a_split_without_a_study_is_refused(make_archive: MakeArchive, split_file: MakeSplit) -> None:
    """A split file of other data leaves a split empty, and that is an error."""
    source = make_archive({"1.xml": iu_report(1), "2.xml": iu_report(2)})
    splits = split_file(train=["CXR1"], val=["CXR2"], test=["CXR3"])
    with pytest.raises(DatasetNotFound, match="'test'"):
        list(prepare_iu_xray(source, split_file=splits, without_images=True).studies)


def test_the_table_accounts_for_every_report(make_archive: MakeArchive) -> None:
    """The printed table has the reports, the kept by split and the left out by reason."""
    source = make_archive({"1.xml": iu_report(1), "2.xml": b"", "3.xml": iu_report(3, findings="", impression="")})
    preparation = prepare_iu_xray(source, without_images=True)
    list(preparation.studies)
    rows = dict(line.rsplit(maxsplit=1) for line in preparation.counts.table.splitlines())
    assert (rows["reports"], rows["kept"], rows["left out"]) == ("3", "1", "2")
    assert rows[f"  {prepare.MALFORMED}"] == rows[f"  {prepare.NO_TEXT}"] == "1"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 600), piece=st.binary(max_size=12), cut=st.integers(0, 40))
def test_any_bytes_give_a_report_or_a_reason(at: int, piece: bytes, cut: int) -> None:
    """A mutated report is read or is a MalformedStudy, never anything else."""
    content = iu_report(5, automatic=("opacity",), films=("CXR5_IM-1-1",))
    try:
        report = prepare._parse_report(content[:at] + piece + content[at + cut :])
    except MalformedStudy:
        return
    assert report.study_id


@pytest.mark.shared_data
def test_the_published_counts(shared_data: Path, tmp_path: Path) -> None:
    """3,955 reports, 3,425 with findings, 3,921 with an impression; R2Gen's split; all survive the file."""
    source, output = shared_data / "iu", tmp_path / "studies.jsonl"
    preparation = prepare_iu_xray(source, split_file=source / "r2gen_annotation.json", without_images=True)
    assert write_studies(preparation.studies, output) == 2955
    assert preparation.counts.read == {"reports": 3955, "with findings": 3425, "with impression": 3921}
    assert preparation.counts.kept == {"train": 2069, "validate": 296, "test": 590}
    assert preparation.counts.left_out == {prepare.NO_SPLIT: 1000}
    assert len(list(read_studies(output, "test"))) == 590


@pytest.mark.shared_data
def test_every_published_report_is_accounted_for(shared_data: Path) -> None:
    """Without a split file all reports but the 28 without text are kept."""
    preparation = prepare_iu_xray(shared_data / "iu", without_images=True)
    assert len({study.study_id for study in preparation.studies}) == 3927
    assert preparation.counts.left_out == {prepare.NO_TEXT: 28}
