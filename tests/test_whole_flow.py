"""The page as it is served: app.py in a process of its own, the bundled model, a DICOM film, Chromium."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from clinicalblip.imaging.read import read_radiograph
from clinicalblip.web import wording
from research.phantom.cases import CASES
from research.phantom.draw import draw_chest
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import free_port, until

ROOT = Path(__file__).parents[1]
pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]

FILE, NAME, ID, DOCTOR, INDICATION, EDIT, COMMENT = (
    "zebrafile",
    "Zebraname",
    "ZEBRAID",
    "Zebradoctor",
    "zebracough",
    "zebraedit",
    "zebracomment",
)
# What a file may say of people, and none of it may leave the reading.
TAGS = dict.fromkeys(
    [
        "AccessionNumber",
        "AdditionalPatientHistory",
        "AdmittingDiagnosesDescription",
        "DeviceSerialNumber",
        "ImageComments",
        "InstitutionAddress",
        "InstitutionName",
        "InstitutionalDepartmentName",
        "OperatorsName",
        "OtherPatientIDs",
        "OtherPatientNames",
        "PatientAddress",
        "PatientComments",
        "PatientMotherBirthName",
        "PatientTelephoneNumbers",
        "PerformedProcedureStepDescription",
        "PerformingPhysicianName",
        "PhysiciansOfRecord",
        "ProtocolName",
        "ReferringPhysicianName",
        "RequestingPhysician",
        "RequestedProcedureDescription",
        "SeriesDescription",
        "StationName",
        "StudyDescription",
        "StudyID",
    ],
    NAME,
)


@dataclass
class Started:
    """A running app.py."""

    url: str
    folder: Path
    log: Path

    @property
    def reviews(self) -> Path:
        """The file that keeps the reviews."""
        return self.folder / "reviews.sqlite3"

    def kept_bytes(self) -> bytes:
        """Everything that this page has written anywhere: log, database, cache, uploads."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and "films" not in path.parts]
        names = "\n".join(
            str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if "films" not in path.parts
        )
        return b"\n".join([names.encode(), *(path.read_bytes() for path in files)])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start app.py with variables of its own and wait until it answers; it is ended after the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def run(**variables: str) -> Started:
        port = free_port()
        folder = tmp_path / "served"
        (folder / "cache").mkdir(parents=True)
        (folder / "tmp").mkdir()
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "TMPDIR": str(folder / "tmp"),
            "GRADIO_SERVER_PORT": str(port),
            "HF_HUB_OFFLINE": "1",
            **variables,
        }
        log = folder / "log.txt"
        with log.open("wb") as output:
            processes.append(
                subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=output, stderr=output)
            )
        url = f"http://127.0.0.1:{port}/"
        assert until(lambda: answers(url) or processes[-1].poll() is not None, seconds=90)
        assert processes[-1].poll() is None, log.read_text()
        return Started(url, folder, log)

    yield run
    for process in processes:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A 12-bit DICOM film of a drawn chest, with a patient's name in its tags, its picture and its file name."""
    drawn = draw_chest(next(case for case in CASES if case.id == "cardiomegaly").phantom, 512)
    picture = Image.fromarray(np.rint(drawn * 4095).astype(np.int32))
    ImageDraw.Draw(picture).text((20, 14), f"{NAME.upper()} JANE", fill=4095, font_size=22)
    pixels = np.asarray(picture).astype(np.uint16)
    windows = {"WindowCenter": [2048, 1800], "WindowWidth": [4096, 2000]}
    windows["WindowCenterWidthExplanation"] = [NAME, "NORMAL"]
    (tmp_path / "films").mkdir()
    file = tmp_path / "films" / f"{FILE}.dcm"
    tags = {"PatientID": ID, "PatientBirthDate": "19570312", "ViewPosition": "PA", **windows, **TAGS}
    file.write_bytes(write_dicom(pixels, patient_name=f"{NAME}^Jane", **tags))
    return file


def export(started: Started, tmp_path: Path) -> list[dict[str, object]]:
    """The reviews as the command exports them."""
    output = tmp_path / "films" / "export.jsonl"
    subprocess.run(
        [sys.executable, "-m", "clinicalblip", "feedback", "export", "--format", "jsonl", "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, "CLINICALBLIP_STORAGE_REVIEWS": str(started.reviews)},
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in output.read_text().splitlines()]


def test_from_a_dicom_film_to_the_exported_edit(
    start: Callable[..., Started], chromium: Callable[[], Chrome], film: Path, tmp_path: Path
) -> None:
    """Upload, mask, draft, stop, draft, edit, compare, save without and with consent: nobody is named, and what is kept
    is what was agreed to."""
    started = start(CLINICALBLIP_STORAGE_REVIEWS=str(tmp_path / "served" / "reviews.sqlite3"))
    reader = Reader(chromium(), started.url)
    body = reader.browser.find_element(By.TAG_NAME, "body").text
    assert wording.RESEARCH_ONLY in body
    reader.upload(film)
    assert "512 × 512" in reader.shown()
    reader.answer("mask")
    reader.type("context-indication", f"{INDICATION}, seen by Dr. {DOCTOR}")

    reader.press("draft")
    assert until(lambda: "name in Indication" in reader.text("message"))
    reader.press("phi-mask")
    assert until(lambda: reader.text("status").startswith(("Writing", "Drafted")), seconds=60)
    reader.browser.execute_script("document.getElementById('stop').click()")
    assert until(lambda: reader.text("status").startswith(("Drafted", "Stopped")), seconds=60)
    assert until(lambda: reader.browser.find_element(By.ID, "draft").is_enabled())
    reader.draft()
    drafted = reader.box("findings")
    assert drafted
    assert drafted in " ".join(reader.text("ai-draft").split())

    reader.type("findings", f" {EDIT}")
    assert until(lambda: f"+{EDIT}" in reader.text("draft-to-final"))
    reader.type("comment", f"{COMMENT}, Dr. {DOCTOR}")
    reader.rate(3, "minor edits")
    reader.press("save")
    assert until(lambda: reader.text("saved"))

    planted = (FILE, NAME, ID, DOCTOR, INDICATION, EDIT, COMMENT)
    kept = started.kept_bytes().lower()
    assert [word for word in planted if word.lower().encode() in kept] == []
    addresses = reader.browser.execute_script("return performance.getEntries().map(entry => entry.name).join('\\n')")
    assert [word for word in planted if word.lower() in addresses.lower()] == []
    stored = "return [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"
    assert reader.browser.execute_script(stored) == ["clinicalblip-tab"]  # a random id, nothing of the reader's
    (without,) = export(started, tmp_path)
    assert EDIT not in json.dumps(without)

    reader.browser.find_element(By.CSS_SELECTOR, "#consent input").click()
    reader.press("save")
    assert until(lambda: "name in Comment" in reader.text("message"))
    reader.press("kept-phi-mask")
    assert until(lambda: "in place of" in reader.text("saved"))
    *_, with_consent = export(started, tmp_path)
    assert COMMENT in json.dumps(with_consent)
    unmasked = read_radiograph(film.read_bytes()).digest
    assert f"{drafted} {EDIT}" in json.dumps(with_consent, ensure_ascii=False)
    kept = started.kept_bytes().lower()
    assert [word for word in (FILE, NAME, ID, DOCTOR, "19570312", unmasked) if word.lower().encode() in kept] == []
    exported = (tmp_path / "films" / "export.jsonl").read_text().lower()
    assert [word for word in (FILE, NAME, ID, DOCTOR, unmasked) if word.lower() in exported] == []
    assert "Traceback" not in started.log.read_text()


def test_it_starts_as_a_space_and_tells_its_owner_that_reviews_will_be_lost(
    start: Callable[..., Started], chromium: Callable[[], Chrome]
) -> None:
    """A home that cannot be written, one cache folder, every address: the page is served, and says that reviews go."""
    started = start(HOME="/proc/1", SPACE_ID="somebody/clinicalblip", GRADIO_SERVER_NAME="0.0.0.0")
    reader = Reader(chromium(), started.url)
    assert "reviews will be lost" in reader.browser.find_element(By.TAG_NAME, "body").text
