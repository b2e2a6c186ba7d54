"""docs/dicom.md says what the code does: its syntaxes are those that are read, its sentences those that refuse."""

import re
from pathlib import Path

import numpy as np
import pytest

from clinicalblip.errors import RadiographError
from clinicalblip.imaging.read import read_radiograph
from research.benchmarks.dicom_table import DATA, DOCUMENT
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.film_codecs import with_syntax, write_film
from tests.fixtures.film_matrix import CELLS, UIDS, Cell

TEXT = DOCUMENT.read_text(encoding="utf-8")
RLE = Cell("rle", 8, "MONOCHROME2", False, "no window")


def film(rows: int = 80, columns: int = 96, **tags: object) -> bytes:
    """A film of 12 bits that is all one value."""
    return write_dicom(np.zeros((rows, columns)), **tags)  # type: ignore[arg-type]


REFUSED = {
    "another modality": lambda: film(modality="CT"),
    "a DICOMDIR": lambda: (DATA / "test_files" / "dicomdirtests" / "DICOMDIR").read_bytes(),
    "an archive": lambda: b"PK\x03\x04" + bytes(100),
    "two films": lambda: film() + film(),
    "several frames": lambda: film(NumberOfFrames=2),
    "another compression": lambda: with_syntax(write_film(RLE), UIDS["rle"], "1.2.840.10008.1.2.4.112"),
    "no picture": lambda: write_dicom(None),
    "an icon": lambda: film(32, 32),
    "pixel data of another length": lambda: film(64, 64, PixelData=bytes(8130)),
    "a film too large": lambda: film(Rows=30_000, Columns=30_000),
    "damage": lambda: damaged(),
}


def damaged() -> bytes:
    """A JPEG 2000 film whose codestream ends in its header."""
    data = write_film(Cell("jpeg 2000 lossless", 12, "MONOCHROME2", False, "no window"))
    at = data.index(b"\xff\x4f\xff\x51") + 60
    return data[:at] + bytes(len(data) - at - 8) + data[-8:]


@pytest.mark.parametrize("found", REFUSED)
def test_the_document_quotes_what_refuses(found: str) -> None:
    """The row of the document is the sentence that such a file is answered with."""
    with pytest.raises(RadiographError) as refused:
        read_radiograph(REFUSED[found]())
    assert f"| {found} | {refused.value} |" in TEXT


def test_the_document_has_a_row_for_no_other() -> None:
    """Every row of the table of sentences is tried."""
    section = TEXT.split("## What is refused")[1].split("\n## ")[0]
    assert re.findall(r"^\| ([^|]+) \| [A-Z][^|]+\.\s\|$", section, re.MULTILINE) == list(REFUSED)


def test_the_document_names_every_syntax_of_the_matrix() -> None:
    """The table of syntaxes has those that the matrix reads, and no other; so is its size."""
    section = TEXT.split("## Transfer syntaxes")[1].split("\n## ")[0]
    named = {f"1.2.840.10008.1.2{end}" for end in re.findall(r"`(\.[\d.]+)`", section)}
    assert named | {"1.2.840.10008.1.2"} == set(UIDS.values())
    assert f"The matrix has\n{len(CELLS)} films" in TEXT


def test_each_rule_about_bytes_and_files_has_its_test() -> None:
    """The table of rules names tests that there are, each once, and nothing in it is without one."""
    rows = TEXT.split("<!-- rules: begin -->\n")[1].split("<!-- rules: end -->")[0].splitlines()
    named = [re.search(r"`(test_\w+\.py)::(test_\w+)` \|$", row) for row in rows]
    assert len(rows) > 25
    assert all(named)
    assert len({found[0] for found in named if found}) == len(rows)
    for found in named:
        if found:
            written = (Path(__file__).parent / found[1]).read_text(encoding="utf-8")
            assert f"\ndef {found[2]}(" in written, found[0]
