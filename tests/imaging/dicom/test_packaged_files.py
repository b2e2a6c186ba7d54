"""pydicom's packaged files: the document says what becomes of each, and their pictures are decoded as pydicom does."""

import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pydicom
import pytest

from clinicalblip.errors import RadiographError
from clinicalblip.imaging.dicom.decode import decode_frame
from clinicalblip.imaging.dicom.header import read_header
from clinicalblip.settings import LimitSettings
from research.benchmarks.dicom_table import BEGIN, DATA, DOCUMENT, END, FOLDERS, files, table

REFUSED = {
    "JPEG2000-embedded-sequence-delimiter.dcm": "claims 1024 x 3722445056 pixels",
    "MR_small_padded.dcm": "has 8320 bytes",
    "MR_truncated.dcm": "has 8130 bytes",
    "SC_rgb_rle_32bit.dcm": "32 bits a pixel",
    "nested_priv_SQ.dcm": "how many rows and columns",
}
"""Pictures that are not decoded, whatever kind they are of, and the words that say why."""

NOT_BY_PYDICOM = {"JPEG-lossy.dcm", "JPGExtended.dcm"}
"""JPEG of 12 bits, which pydicom 3 gives to no plugin; the matrix and test_decode.py look at it."""


_LIMITS = LimitSettings()


def test_the_document_says_what_becomes_of_every_file() -> None:
    """docs/dicom.md has the table that the code makes now; research/benchmarks/dicom_table.py writes it."""
    said = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    if f"pydicom {version('pydicom')} brings" not in said:
        pytest.skip("the table is of another version of pydicom")
    assert said.strip() == table()


def test_every_packaged_file_is_in_the_table() -> None:
    """The table leaves out no file and counts none twice."""
    rows = [row.split("|") for row in table().splitlines() if row.startswith("| R")]
    assert sum(int(row[2]) for row in rows) == len(files()) > 190
    assert {file.relative_to(DATA).parts[0] for file in files()} == set(FOLDERS)


def pictures() -> dict[str, pydicom.Dataset]:
    """The packaged files with one picture in them; most are refused for their kind before they are decoded."""
    found = {}
    for file in files():
        if "TINY_ALPHA" in file.parts or file.suffix in (".txt", ".dump", ".json", ".icc", ".gz", ".md"):
            continue  # TINY_ALPHA's are fifty of a kind that is here already
        dataset = pydicom.dcmread(file, force=True)
        frames = dataset["NumberOfFrames"].value if "NumberOfFrames" in dataset else 1
        if "PixelData" in dataset and dataset.file_meta.get("TransferSyntaxUID") and str(frames) == "1":
            found[file.name] = dataset
    return found


def test_packaged_pictures_are_decoded_as_pydicom_does() -> None:
    """Stored values are exactly those of pixel_array, whatever the picture is of."""
    same, refused = set(), {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom finds fault with some of its own files
        found = pictures()
        for name, dataset in found.items():
            try:
                header = read_header(Path(dataset.filename).read_bytes(), _LIMITS)
                stored = decode_frame(header.pixels, _LIMITS).values
            except RadiographError as error:
                refused[name] = str(error)
                continue
            if name not in NOT_BY_PYDICOM:
                np.testing.assert_array_equal(stored, dataset.pixel_array, err_msg=name)
                same.add(name)
    assert {name: said for name, said in refused.items() if REFUSED.get(name, "?") not in said} == {}
    assert set(found) == same | NOT_BY_PYDICOM | set(REFUSED)
    assert len(same) > 50
