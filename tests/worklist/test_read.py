"""Lists as strangers write them: folders with other files in them, studies without films, files that are no list."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import LimitSettings
from clinicalblip.worklist import wording
from clinicalblip.worklist.list_key import read_or_make_key
from clinicalblip.worklist.read import read_work_list
from clinicalblip.worklist.work_list import WorkList
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.served_page import png_film

KEY, LIMITS = b"k" * 32, LimitSettings()
FILM = (np.arange(64)[:, None] * 31 + np.arange(66)[None, :] * 17) % 4096


def dicom(folder: Path, name: str, **tags: Any) -> Path:
    """A DICOM film in a folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(write_dicom(FILM, **tags))
    return file


def study(number: int, *images: StudyImage, **fields: Any) -> Study:
    """A study of a studies file."""
    return Study(f"study {number}", f"patient {number}", "test", images, **fields)


def listed(work_list: WorkList) -> list[tuple[int, dict[str, str], str]]:
    """Number, films and fault of each study."""
    return [
        (one.number, {role.value: image.path.name for role, image in one.films.items()}, one.fault)
        for one in work_list.studies
    ]


def test_a_folder_is_grouped_by_study_with_the_latest_earlier_one_as_prior(tmp_path: Path) -> None:
    """Frontal and lateral by view, the prior of the same patient by date, whatever the order of names and folders."""
    of_one: Mapping[str, Any] = {"PatientID": "77", "PatientBirthDate": "19600101", "PatientSex": "F"}
    dicom(tmp_path, "a/today-lat", StudyInstanceUID="1.3", StudyDate="20260301", ViewPosition="LL", **of_one)
    dicom(tmp_path, "a/today-pa", StudyInstanceUID="1.3", StudyDate="20260301", ViewPosition="PA", **of_one)
    dicom(tmp_path, "b/oldest", StudyInstanceUID="1.1", StudyDate="20240301", ViewPosition="PA", **of_one)
    dicom(tmp_path, "c/last-year", StudyInstanceUID="1.2", StudyDate="2025.03.01", ViewPosition="AP", **of_one)
    dicom(tmp_path, "d/another", StudyInstanceUID="2.1", StudyDate="20200101", ViewPosition="PA", PatientID="78")
    assert listed(read_work_list(tmp_path, KEY, LIMITS)) == [
        (1, {"frontal": "today-pa", "lateral": "today-lat", "prior": "last-year"}, ""),
        (2, {"frontal": "oldest"}, ""),
        (3, {"frontal": "last-year", "prior": "oldest"}, ""),
        (4, {"frontal": "another"}, ""),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"PatientID": "ANONYMOUS"}, {"PatientID": "ANONYMOUS"}),
        ({"PatientID": ""}, {"PatientID": ""}),
        ({"PatientID": "7", "PatientSex": "F"}, {"PatientID": "7", "PatientSex": "M"}),
        ({"PatientID": "7", "PatientBirthDate": "19500101"}, {"PatientID": "7", "PatientBirthDate": "19700101"}),
        ({"PatientID": "7", "StudyDate": ""}, {"PatientID": "7"}),
        ({"PatientID": "7", "StudyDate": "20260101"}, {"PatientID": "7", "StudyDate": "20260101"}),
    ],
)
def test_nobody_gets_the_film_of_somebody_else_as_prior(
    tmp_path: Path, first: dict[str, str], second: dict[str, str]
) -> None:
    """Where a file does not tell patients or days apart for sure, there is no prior."""
    dicom(tmp_path, "1", **{"StudyInstanceUID": "1.1", "StudyDate": "20250101", **first})
    dicom(tmp_path, "2", **{"StudyInstanceUID": "1.2", "StudyDate": "20260101", **second})
    assert all("prior" not in films for _, films, _ in listed(read_work_list(tmp_path, KEY, LIMITS)))


def test_a_folder_with_three_thousand_files_of_which_forty_are_films(tmp_path: Path) -> None:
    """The films are found, the others are counted, and nothing that is no film stops it."""
    for number in range(40):
        dicom(tmp_path, f"{number % 7}/{number}.dcm", StudyInstanceUID=f"1.{number}", PatientID=str(number))
    for number in range(2956):
        (tmp_path / str(number % 7) / f"note {number}.txt").write_bytes(b"a letter" * (number % 9))
    (tmp_path / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 500)
    dicom(tmp_path, "ct.dcm", modality="CT", StudyInstanceUID="9.9")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    work_list = read_work_list(tmp_path, KEY, LIMITS)
    assert len(work_list.studies) == 40
    assert not any(one.fault for one in work_list.studies)
    assert work_list.summary == (
        "The work list has 40 studies. 2958 other files of its folder were passed over. "
        "2 DICOM files of its folder are damaged or no radiographs."
    )


def test_nothing_of_a_patient_leaves_with_the_list(tmp_path: Path) -> None:
    """Neither ids nor dates are in what is made of a folder, and digests under another key are others."""
    for year in ("2024", "2025"):
        tags = {"StudyInstanceUID": f"1.2.777.{year}", "PatientID": "PLANTED77", "StudyDate": f"{year}0517"}
        dicom(tmp_path, f"{year}.dcm", **tags)
    one, other = (read_work_list(tmp_path, key, LIMITS) for key in (KEY, b"o" * 32))
    said = repr(one).replace(str(tmp_path), "")
    assert not any(planted in said for planted in ("PLANTED77", "777", "0517"))
    assert {study.digest for study in one.studies}.isdisjoint(study.digest for study in other.studies)


def test_a_studies_file_says_of_each_study_what_is_wrong_with_it(tmp_path: Path) -> None:
    """Two studies of one id, one without images, one whose film is missing: their rows say so, the others are read."""
    for name in ("pa.png", "lat.png"):
        (tmp_path / name).write_bytes(png_film())
    frontal, lateral = StudyImage(tmp_path / "pa.png", View.PA), StudyImage(tmp_path / "lat.png", View.LATERAL)
    gone = StudyImage(tmp_path / "gone.png", View.PA)
    context, reference = ClinicalContext(indication="cough"), Report("Clear.", "Normal.")
    file = tmp_path / "studies.jsonl"
    studies = [
        study(1, frontal, lateral, context=context, reference=reference),
        study(1, frontal),
        study(2),
        study(3, gone),
        study(4, frontal, StudyImage(tmp_path / "gone.png", View.LATERAL)),
        study(5, lateral),
    ]
    write_studies(studies, file)
    work_list = read_work_list(file, KEY, LIMITS)
    assert listed(work_list) == [
        (1, {"frontal": "pa.png", "lateral": "lat.png"}, ""),
        (2, {"frontal": "pa.png"}, wording.SAME_ID.format(number=1)),
        (3, {}, wording.NO_FRONTAL),
        (4, {}, wording.FILM_MISSING.format(role=FilmRole.FRONTAL)),
        (5, {"frontal": "pa.png"}, ""),
        (6, {"lateral": "lat.png"}, wording.NO_FRONTAL),
    ]
    assert work_list.studies[4].missing == (wording.FILM_MISSING.format(role=FilmRole.LATERAL),)
    assert (work_list.studies[0].context, work_list.studies[0].reference) == (context, reference)
    assert work_list.by_digest[work_list.studies[1].digest].number == 1


def test_a_list_of_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    """A studies file without images, one without studies, a folder without films, and nothing at all."""
    file = tmp_path / "studies.jsonl"
    write_studies([study(1), study(2)], file)
    with pytest.raises(DatasetError, match=r"None of the 2 studies .* It has no frontal film\."):
        read_work_list(file, KEY, LIMITS)
    file.write_text("\n")
    with pytest.raises(DatasetError, match="no study in it"):
        read_work_list(file, KEY, LIMITS)
    with pytest.raises(DatasetError, match="1 files were looked at"):
        read_work_list(tmp_path, KEY, LIMITS)
    with pytest.raises(DatasetNotFound):
        read_work_list(tmp_path / "nowhere", KEY, LIMITS)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["path", "view", "prior"]), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["study_id", "patient_id", "split", "images", "indication", "history", "technique", "comparison", "prior_report"]
)


@given(st.lists(st.dictionaries(FIELDS, VALUES) | VALUES, max_size=4), st.binary(max_size=30))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_studies_file_is_a_list_or_one_sentence(tmp_path: Path, lines: list[Any], end: bytes) -> None:
    """Whatever stands in a file that is called a studies file, nothing else is raised."""
    file = tmp_path / "studies.jsonl"
    file.write_bytes("\n".join(map(json.dumps, lines)).encode() + end)
    with suppress(DatasetError, MalformedStudy):
        assert read_work_list(file, KEY, LIMITS).studies


@given(st.lists(st.integers(0, 9_000), min_size=2, max_size=6, unique=True))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_prior_is_always_the_latest_of_the_earlier_ones(tmp_path: Path, days: list[int]) -> None:
    """Whatever the days are, and whatever the order of the files."""
    for file in tmp_path.iterdir():
        file.unlink()
    for number, day in enumerate(days):
        written = (date(2001, 1, 1) + timedelta(days=day)).strftime("%Y%m%d")
        dicom(tmp_path, str(number), StudyInstanceUID=f"1.{number}", PatientID="7", StudyDate=written)
    found = {films["frontal"]: films.get("prior") for _, films, _ in listed(read_work_list(tmp_path, KEY, LIMITS))}
    for number, day in enumerate(days):
        earlier = [other for other in days if other < day]
        assert found[str(number)] == (str(days.index(max(earlier))) if earlier else None)


def test_the_order_is_the_lists_or_the_readers_own(tmp_path: Path) -> None:
    """Shuffled, each reader has an order of their own, the same each time; nothing is lost."""
    (tmp_path / "pa.png").write_bytes(png_film())
    file = tmp_path / "studies.jsonl"
    write_studies([study(number, StudyImage(tmp_path / "pa.png")) for number in range(1, 31)], file)
    plain, shuffled = (read_work_list(file, KEY, LIMITS, shuffled=shuffled) for shuffled in (False, True))
    numbers = [one.number for one in plain.order_for("heron-1")]
    assert numbers == list(range(1, 31))
    orders = [[one.number for one in shuffled.order_for(reader)] for reader in ("heron-1", "heron-1", "heron-2")]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == numbers


def test_the_key_stays_the_same_and_is_its_owners(tmp_path: Path) -> None:
    """It is made once; half a key is refused in a sentence, not replaced, because studies would get other names."""
    place = tmp_path / "new" / "worklist.key"
    assert read_or_make_key(place) == read_or_make_key(place) != read_or_make_key(tmp_path / "another")
    assert place.stat().st_mode & 0o777 == 0o600
    place.write_bytes(b"half")
    with pytest.raises(DatasetError, match="not whole"):
        read_or_make_key(place)
