"""In Chromium: three readers read a study by keys to its end, and its report says what its records do."""

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
from selenium.webdriver import Chrome

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.records.records import Choice, EventKind
from clinicalblip.reader_study.results.write_results import report_study
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_passwords import with_password
from tests.fixtures.reader_study import PNEUMOTHORAX, prepare_small_study
from tests.fixtures.recomputed.columns import column_faults
from tests.fixtures.recomputed.export import ExportedStudy
from tests.fixtures.recomputed.records import record_faults
from tests.fixtures.recomputed.report import report_faults
from tests.fixtures.served_reader_study import ServedStudyPage, serve_study
from tests.fixtures.study_by_keys import OWN_REPORT, SCREEN, SeenCase, StudyBrowser

pytestmark = [*BROWSER, pytest.mark.system, pytest.mark.timeout(400)]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[ServedStudyPage]:
    """The small study, served."""
    with serve_study(prepare_small_study(tmp_path), with_password()) as served:
        yield served


def test_three_readers_read_a_study_and_its_report_says_what_they_did(
    page: ServedStudyPage, chromium: Callable[..., Chrome]
) -> None:
    """Case by case in turn, pairs and questions; each number of the report follows from the records."""
    readers = [StudyBrowser(chromium(own=True), page, page.enrol(consents=False)) for _ in range(3)]
    for reader in readers:
        reader.enter()
    count = len(page.study.folder.of_reader(readers[0].name))
    cases = [reader.read(number) for number in range(1, count + 1) for reader in readers]
    check_arms_look_alike(cases)
    for reader in readers:
        reader.finish()
    folder, store = page.study.folder, page.app.store
    with pytest.raises(ReaderStudyError, match="has not ended"):
        report_study(folder, store)
    folder.record(EventKind.ENDED)
    files = {path.name: path.read_bytes() for path in report_study(folder, store)}
    study = ExportedStudy.of(files, folder.design, folder.assignment, folder.records.enrolments())
    check_readings(folder, page, study.readings)
    check_the_rest(folder, study, files["report.md"].decode())
    assert record_faults(study, folder, store) == []
    assert column_faults(study) == []
    assert report_faults(files["report.md"], study) == []


def check_arms_look_alike(cases: list[SeenCase]) -> None:
    """Hold the page to taking no key more under one arm: the context stands open, and nothing is below the screen."""
    assert {case.is_drafted for case in cases} == {True, False}
    assert all(case.has_open_context for case in cases)
    assert {case.height for case in cases} == {SCREEN["height"]}


def check_readings(folder: StudyFolder, page: ServedStudyPage, rows: list[dict[str, str]]) -> None:
    """Hold readings.csv to what was recorded."""
    recorded = {(each.reader, each.case): each for each in folder.records.readings()}
    assert len(rows) == len(recorded) == 15
    for row in rows:
        reading = recorded[row["reader"], int(row["case"])]
        assert (row["arm"], int(row["position"])) == (reading.arm, reading.position)
        assert reading.reading is not None
        assert float(row["active_seconds"]) == pytest.approx(reading.reading.active_seconds, abs=0.051)
        assert reading.reading.active_seconds > 0
        if reading.review is None:
            assert reading.final.findings == OWN_REPORT
            assert row["edit_distance"] == row["decision"] == ""
            continue
        review = page.app.store.find(reading.review)
        assert review is not None
        assert int(row["edit_distance"]) == review.words_added + review.words_removed == 1
        assert (row["decision"], review.verdict) == ("accepted", "accepted")
        assert review.reader == reading.reader
        key = folder.key.get(reading.draft or "", ())
        assert int(row["errors_injected"]) == len(key)
        assert row["wrongly_corrected"] == "0"  # one word was added, and none of the draft's taken away
        assert int(row["errors_missed"]) == len(key) == (PNEUMOTHORAX in reading.final.findings)


def check_the_rest(folder: StudyFolder, study: ExportedStudy, report: str) -> None:
    """Hold the choices, the answers and the report's counts to the records."""
    assert len(study.choices) == len(folder.records.choices()) == 6
    assert {each.choice for each in folder.records.choices()} == {Choice.LEFT}
    for row in study.choices:
        assert row["chosen"] == row["left"]
    assert all(len(each.answers) == 2 and each.questionnaire == "umux-lite" for each in folder.records.answers())
    main = {case.number for case in folder.assignment.cases if case.kind is CaseKind.MAIN}
    readings = folder.records.readings()
    assert {each.reader for each in folder.records.enrolments()} == {each.reader for each in readings}
    for arm in {each.arm for each in readings}:
        own = [each for each in readings if each.arm == arm]
        seconds = [each.reading.active_seconds for each in own if each.case in main and each.reading]
        assert f"| {arm} | 5 | {len(own)} | {len(seconds)} | 1 | 3 | 3 |" in report
        row = re.search(rf"\| {arm} \| 3 \| 3 \| 3 \| ([\d.]+)[^|]*\| ([\d.]+) \|", report)
        assert row is not None
        middle, mean = median(seconds), math.exp(sum(map(math.log, seconds)) / len(seconds))
        assert [float(number) for number in row.groups()] == pytest.approx([middle, mean], abs=0.051)
