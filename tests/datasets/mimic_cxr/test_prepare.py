"""MIMIC-CXR in: splits, texts, films, what the previous study said, and what happens to broken files."""

import gzip
import itertools
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.datasets.mimic_cxr import prepare
from clinicalblip.datasets.mimic_cxr.index import DUPLICATE, MALFORMED_LINE, parse_time
from clinicalblip.datasets.mimic_cxr.prepare import prepare_mimic_cxr
from clinicalblip.datasets.preparation import Preparation
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.study import SPLITS, Study
from tests.fixtures.mimic_tree import Shot, Visit, final_report, write_tree

# One patient for each of the other splits, so that none is empty.
OTHERS = (Visit(19000001, 59000001, split="validate"), Visit(19000002, 59000002, split="test"))
PATIENT = 10000032


def prepare_visits(
    source: Path, *visits: Visit, zipped: bool = False, workers: int = 1
) -> tuple[list[Study], Preparation]:
    """The studies of patients below 19000000, without images, with the preparation they came from."""
    preparation = prepare_mimic_cxr(
        write_tree(source, (*visits, *OTHERS), zipped=zipped), without_images=True, workers=workers
    )
    studies = list(preparation.studies)
    return [study for study in studies if study.patient_id < "p19"], preparation


def test_a_study_is_whole(tmp_path: Path) -> None:
    """Ids as the folders are called, the sections in their places, the official split."""
    text = final_report("Clear  lungs.", "Normal.", INDICATION="___ with cough", COMPARISON="___.")
    (study,), _ = prepare_visits(tmp_path, Visit(PATIENT, 50414267, text, split="train"))
    assert (study.study_id, study.patient_id, study.split) == ("s50414267", "p10000032", "train")
    assert (study.reference.findings, study.reference.impression) == ("Clear lungs.", "Normal.")
    assert (study.context.indication, study.context.comparison) == ("___ with cough", "___.")
    assert study.context.prior_report == ""


def test_zip_and_folder_and_any_number_of_workers_give_the_same(tmp_path: Path) -> None:
    """The same studies in the same order with the same counts."""
    visits = [
        Visit(
            10000000 + number // 4,
            50000000 + number * 7 % 400,
            final_report(f"Film {number}."),
            SPLITS[number // 4 % 3],
            f"2180{number % 9 + 1:02d}06",
        )
        for number in range(400)
    ]
    folder = prepare_visits(tmp_path / "a", *visits)
    assert len(folder[0]) == 400
    assert [study.patient_id for study in folder[0]] == sorted(study.patient_id for study in folder[0])
    for zipped, workers in ((True, 1), (False, 2), (True, 2)):
        other = prepare_visits(tmp_path / f"{zipped}{workers}", *visits, zipped=zipped, workers=workers)
        assert other[0] == folder[0]
        assert other[1].counts == folder[1].counts


def _priors(tmp_path: Path, *visits: Visit) -> dict[int, str]:
    studies, _ = prepare_visits(tmp_path, *visits)
    return {int(study.study_id[1:]): study.context.prior_report for study in studies}


def test_the_prior_report_is_the_previous_study(tmp_path: Path) -> None:
    """By date and time, not by id: of three, the middle one is the last one's, and the first has none."""
    first = Visit(PATIENT, 50000009, final_report("One."), date="21800506", time="235959.0")
    middle = Visit(PATIENT, 50000005, final_report("Two."), date="21800507", time="80556.875")
    last = Visit(PATIENT, 50000001, final_report("Three."), date="21800507", time="101010.5")
    assert _priors(tmp_path, middle, last, first) == {
        50000009: "",
        50000005: "FINDINGS:\nOne.\n\nIMPRESSION:\nNormal.",
        50000001: "FINDINGS:\nTwo.\n\nIMPRESSION:\nNormal.",
    }


def test_studies_of_one_time_are_not_each_others_prior(tmp_path: Path) -> None:
    """Neither came before the other; both came after the first."""
    visits = [Visit(PATIENT, 50000000 + n, final_report(f"Film {n}."), time="120000.0") for n in (1, 2)]
    early = Visit(PATIENT, 50000007, final_report("Early."), time="115959.999")
    priors = _priors(tmp_path, *visits, early)
    assert priors[50000007] == ""
    assert priors[50000001] == priors[50000002]
    assert "Early." in priors[50000001]


def test_another_patients_study_is_no_prior(tmp_path: Path) -> None:
    """However close in time."""
    priors = _priors(tmp_path, Visit(10000001, 50000001), Visit(10000002, 50000002, date="21800507"))
    assert set(priors.values()) == {""}


def test_a_prior_never_crosses_the_split(tmp_path: Path) -> None:
    """A previous study in another split gives none, and is counted; nor is the one before it taken."""
    texts = [final_report(f"Film {number}.") for number in range(4)]
    visits = [
        Visit(PATIENT, 50000000 + number, text, split, f"2180050{number}")
        for number, (text, split) in enumerate(zip(texts, ("train", "test", "train", "train"), strict=True), 1)
    ]
    studies, preparation = prepare_visits(tmp_path, *visits)
    assert [bool(study.context.prior_report) for study in studies] == [False, False, False, True]
    assert preparation.counts.priors == {
        prepare.FIRST: 3,
        prepare.OTHER_SPLIT: 2,
        prepare.PRIOR: 1,
    }


def test_a_template_report_is_blanked_as_its_own_prior(tmp_path: Path) -> None:
    """The same words twice would put the reference into the prompt; it is counted."""
    visits = [Visit(PATIENT, 50000001), Visit(PATIENT, 50000002, date="21800507")]
    (_, study), preparation = prepare_visits(tmp_path, *visits)
    assert study.context.prior_report == ""
    assert preparation.counts.priors[prepare.SAME_TEXT] == 1


def test_without_a_time_there_is_no_prior(tmp_path: Path) -> None:
    """Not for the study, and it is none for others."""
    visits = [
        Visit(PATIENT, 50000001, final_report("One.")),
        Visit(PATIENT, 50000002, final_report("Two."), date=""),
        Visit(PATIENT, 50000003, final_report("Three."), date="21800507"),
    ]
    studies, preparation = prepare_visits(tmp_path, *visits)
    assert "One." in next(study for study in studies if study.study_id == "s50000003").context.prior_report
    assert preparation.counts.priors[prepare.NO_TIME] == 1


def test_a_previous_study_without_text_gives_none(tmp_path: Path) -> None:
    """The one before it is not taken in its place."""
    visits = [
        Visit(PATIENT, 50000001, final_report("One.")),
        Visit(PATIENT, 50000002, " FINDINGS: \n", date="21800507"),
        Visit(PATIENT, 50000003, final_report("Three."), date="21800508"),
    ]
    studies, preparation = prepare_visits(tmp_path, *visits)
    assert [study.context.prior_report for study in studies] == ["", ""]
    assert preparation.counts.priors[prepare.PRIOR_WITHOUT_TEXT] == 1


VISITS = st.lists(
    st.tuples(
        st.integers(1, 3),  # patient
        st.sampled_from(["21800506", "21800507", ""]),
        st.sampled_from(["80000.0", "080000.000", "120000", "235959.999", "x"]),
        st.sampled_from(SPLITS),
        st.sampled_from(["Clear.", "CLEAR.", "Effusion.", ""]),
        st.sampled_from(["", "Normal."]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VISITS)
def test_a_prior_is_earlier_of_the_same_patient_and_split(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str, str, str, str, str]]
) -> None:
    """Whatever the tables say, and no study is refused for a prior report that is its own."""
    visits = [
        Visit(18000000, 58000000),  # so that no split is empty
        *(
            Visit(10000000 + patient, 50000000 + n, final_report(findings, impression), split, date, time)
            for n, (patient, date, time, split, findings, impression) in enumerate(drawn)
        ),
    ]
    studies, _ = prepare_visits(tmp_path_factory.mktemp("mimic"), *visits)
    by_id = {f"s{visit.study}": visit for visit in visits}
    for study in studies:
        if not study.context.prior_report:
            continue
        own = by_id[study.study_id]
        assert any(
            other.patient == own.patient
            and other.split == own.split
            and (parse_time(other.date, other.time) or 0) < (parse_time(own.date, own.time) or 0)
            for other in visits
        )


@pytest.mark.parametrize(
    ("earlier", "later"),
    list(
        itertools.pairwise(
            [
                ("21800506", "0.0"),
                ("21800506", "9.5"),
                ("21800506", "80556.875"),
                ("21800506", "080557"),
                ("21800506.0", "213014.53099"),
                ("21800506", "213014.531"),
                ("21800507", "1"),
            ]
        )
    ),
)
def test_times_sort(earlier: tuple[str, str], later: tuple[str, str]) -> None:
    """With lost leading zeros, with a fraction or without."""
    first, second = parse_time(*earlier), parse_time(*later)
    assert first is not None
    assert second is not None
    assert first < second


@pytest.mark.parametrize(("date", "time"), [("", "1"), ("21800506", ""), ("21801306", "1"), ("21800506", "250000")])
def test_no_time(date: str, time: str) -> None:
    """What is no date and time is None, not the beginning of the day."""
    assert parse_time(date, time) is None


def test_films_come_frontal_first(tmp_path: Path) -> None:
    """By their views, and of one view by id; each with its file."""
    films = (Shot("b-2", "LATERAL"), Shot("c-3", "", "antero-posterior"), Shot("a-1", "", ""), Shot("d-4", "PA"))
    visit = Visit(PATIENT, 50414267, films=films)
    (study, *_) = prepare_mimic_cxr(write_tree(tmp_path, (visit, *OTHERS), films=True)).studies
    assert [(image.path.name, image.view) for image in study.images] == [
        ("c-3.jpg", View.AP),
        ("d-4.jpg", View.PA),
        ("b-2.jpg", View.LATERAL),
        ("a-1.jpg", View.UNKNOWN),
    ]
    assert study.images[0].path.parent == tmp_path / "files" / "p10" / "p10000032" / "s50414267"


def test_a_missing_film_leaves_its_study_out(tmp_path: Path) -> None:
    """Unless the preparation is without images: then the films that are there stay."""
    visit = Visit(PATIENT, 50414267, films=(Shot("a"), Shot("b", "LATERAL")))
    source = write_tree(tmp_path, (visit, *OTHERS), films=True, suffix=".dcm")
    (tmp_path / visit.folder / "a.dcm").unlink()
    preparation = prepare_mimic_cxr(source)
    with pytest.raises(DatasetNotFound, match=r"'train' is left; .*1 image missing"):
        list(preparation.studies)
    (study, *_) = prepare_mimic_cxr(source, without_images=True).studies
    assert [image.path.name for image in study.images] == ["b.dcm"]


BROKEN: dict[str, bytes] = {
    "empty": b" \n",
    "no UTF-8": "FINDINGS: Löwe".encode("latin-1"),
    "binary": b"FINDINGS: clear\0",
    "too large": b"FINDINGS: clear " * 70_000,
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_report_is_named_and_counted(
    kind: str, zipped: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on, the log names the study once and none of its text."""
    visits = (Visit(PATIENT, 50000001), Visit(PATIENT, 50000002, BROKEN[kind]))
    with caplog.at_level(logging.WARNING):
        studies, preparation = prepare_visits(tmp_path, *visits, zipped=zipped)
    assert [study.study_id for study in studies] == ["s50000001"]
    assert preparation.counts.left_out == {prepare.MALFORMED: 1}
    assert caplog.text.count("s50000002 is malformed") == 1
    assert "clear" not in caplog.text


def test_everything_left_out_has_a_reason(tmp_path: Path) -> None:
    """No report, no text, no study in the tables, two splits: each is counted, and so is every report."""
    visits = (
        Visit(PATIENT, 50000001, text=None),
        Visit(PATIENT, 50000002, final_report("", "")),
        Visit(PATIENT, 50000003, films=()),
        Visit(10000033, 50000004, films=()),
        Visit(PATIENT, 50000005, films=(Shot("a"),)),
        Visit(PATIENT, 50000005, text=None, films=(Shot("b"),), split="test"),
        Visit(PATIENT, 50000006, split="dev"),
        Visit(PATIENT, 50000007),
    )
    studies, preparation = prepare_visits(tmp_path, *visits)
    assert [study.study_id for study in studies] == ["s50000007"]
    assert preparation.counts.left_out == {
        prepare.NO_REPORT: 1,
        prepare.NO_TEXT: 1,
        prepare.NO_SPLIT: 2,
        prepare.SPLITS_DIFFER: 2,
    }
    assert preparation.counts.read["reports"] == preparation.total == 8


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_second_report_of_one_id_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The first of two stays, and the second is named and counted."""
    visits = (
        Visit(PATIENT, 50000001, final_report("First.")),
        Visit(PATIENT, 50000001, final_report("Second."), films=()),
    )
    with caplog.at_level(logging.WARNING):
        (study,), preparation = prepare_visits(tmp_path, *visits, zipped=True)
    assert study.reference.findings == "First."
    assert preparation.counts.left_out == {DUPLICATE: 1}
    assert "s50000001" in caplog.text


def test_a_broken_line_of_a_table_is_named_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Ids that are none, and an id that would leave the folder; the rest goes on."""
    source = write_tree(tmp_path, (Visit(PATIENT, 50000001), *OTHERS))
    table = source / "mimic-cxr-2.0.0-split.csv.gz"
    lines = gzip.decompress(table.read_bytes()) + b"a,5000,x,train\n../../a,50000001,10000032,train\nb\n"
    table.write_bytes(gzip.compress(lines, mtime=0))
    with caplog.at_level(logging.WARNING):
        preparation = prepare_mimic_cxr(source, without_images=True)
        assert len(list(preparation.studies)) == 3
    assert preparation.counts.left_out == {MALFORMED_LINE: 3}
    assert "Line 5 of mimic-cxr-2.0.0-split.csv" in caplog.text


def test_tables_may_be_unpacked_and_in_any_order(tmp_path: Path) -> None:
    """Rows of a patient need not stand together."""
    visits = [Visit(PATIENT + n % 2, 50000000 + n, final_report(f"Film {n}."), date=f"2180050{n}") for n in (4, 1, 3)]
    source = write_tree(tmp_path, (*visits, *OTHERS))
    for table in source.glob("*.csv.gz"):
        header, *rows = gzip.decompress(table.read_bytes()).splitlines(keepends=True)
        table.with_suffix("").write_bytes(b"".join([header, *reversed(rows)]))
        table.unlink()
    studies = list(prepare_mimic_cxr(source, without_images=True).studies)
    assert [study.study_id for study in studies[:3]] == ["s50000004", "s50000001", "s50000003"]
    assert "Film 1." in studies[2].context.prior_report


def _break(source: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (source / name).unlink()
    else:
        (source / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "error", "reason"),
    [
        ("mimic-cxr-2.0.0-split.csv.gz", None, DatasetNotFound, r"no mimic-cxr-2\.0\.0-split\.csv\.gz"),
        ("mimic-cxr-2.0.0-metadata.csv.gz", None, DatasetNotFound, r"no mimic-cxr-2\.0\.0-metadata\.csv\.gz"),
        ("mimic-cxr-2.0.0-split.csv.gz", b"no gzip", MalformedStudy, "no table"),
        (
            "mimic-cxr-2.0.0-split.csv.gz",
            gzip.compress(b"dicom_id,study_id\n", mtime=0),
            MalformedStudy,
            "subject_id, split",
        ),
        ("mimic-cxr-2.0.0-split.csv.gz", gzip.compress(b"\xff\xfe\x00", mtime=0), MalformedStudy, "no table"),
        (
            "mimic-cxr-2.0.0-split.csv.gz",
            gzip.compress(b"dicom_id,study_id" * 99, mtime=0)[:-9],
            MalformedStudy,
            "breaks off",
        ),
        ("mimic-cxr-reports.zip", None, DatasetNotFound, "neither mimic-cxr-reports"),
        ("mimic-cxr-reports.zip", b"PK", MalformedStudy, "no zip"),
    ],
)
def test_missing_and_broken_files_are_reported(
    name: str, content: bytes | None, error: type[DatasetError], reason: str, tmp_path: Path
) -> None:
    """What was looked for, or what is wrong, before anything is written."""
    source = write_tree(tmp_path, OTHERS, zipped=True)
    _break(source, name, content)
    with pytest.raises(error, match=reason):
        prepare_mimic_cxr(source, without_images=True)


def test_no_folder_and_no_reports_are_reported(tmp_path: Path) -> None:
    """An absent source, and one whose folder of reports is empty."""
    with pytest.raises(DatasetNotFound, match="no folder"):
        prepare_mimic_cxr(tmp_path / "nowhere")
    source = write_tree(tmp_path, [Visit(PATIENT, 50000001, text=None)], films=True)
    with pytest.raises(DatasetNotFound, match="no report"):
        prepare_mimic_cxr(source)
    with pytest.raises(DatasetNotFound, match="no folder of films"):
        prepare_mimic_cxr(write_tree(tmp_path / "texts", OTHERS))


def test_no_room_for_the_tables_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk under the temporary database is one sentence."""

    def connect_small(database: str) -> sqlite3.Connection:
        """A database of a few pages is full as a disk is: SQLite's own SQLITE_FULL."""
        connection = sqlite3.Connection(database)
        connection.execute("PRAGMA max_page_count = 4")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_small)
    visits = [Visit(PATIENT + n, 50000000 + n) for n in range(300)]
    with pytest.raises(DatasetError, match="room"):
        prepare_mimic_cxr(write_tree(tmp_path, visits), without_images=True)


def test_an_empty_split_is_an_error(tmp_path: Path) -> None:
    """With what was left out."""
    visits: Sequence[Visit] = (Visit(PATIENT, 50000001), Visit(PATIENT, 50000002, text=None, split="test"))
    with pytest.raises(DatasetNotFound, match=r"'test' is left; left out were 1 in the split table"):
        list(prepare_mimic_cxr(write_tree(tmp_path, visits), without_images=True).studies)


def test_the_command_writes_the_file_and_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same bytes with one process and with two."""
    visits = [Visit(PATIENT, 50000000 + n, final_report(f"Film {n}."), date=f"2180050{n}") for n in range(1, 5)]
    source = write_tree(tmp_path / "source", (*visits, *OTHERS))
    files = [tmp_path / f"{workers}.jsonl" for workers in (1, 2)]
    for workers, file in enumerate(files, 1):
        command = ["prepare", "mimic-cxr", "--source", str(source), "--output", str(file), "--without-images"]
        assert main([*command, "--workers", str(workers)]) == 0
        printed = capsys.readouterr()
        rows = dict(line.rsplit(maxsplit=1) for line in printed.out.splitlines())
        assert (rows["reports"], rows["  train"], rows["left out"]) == ("6", "4", "0")
        assert rows[f"  {prepare.PRIOR}"] == "3"
        assert printed.err == ""
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(list(read_studies(files[0], "train"))) == 4


def test_the_command_says_what_is_missing_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And leaves no file behind."""
    output = tmp_path / "studies.jsonl"
    assert main(["prepare", "mimic-cxr", "--source", str(tmp_path), "--output", str(output), "--workers", "1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not output.exists()
