"""The zip of reports, beside what zipfile reads in it."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.datasets.mimic_cxr.report_archive import list_members, read_member
from clinicalblip.errors import MalformedStudy

TEXTS = {"files/": b"", "files/a.txt": b"Clear lungs. " * 40, "files/b.txt": b"", "files/c.txt": b"\xe4\x00"}
LARGEST = 2**20


def _zip(method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in TEXTS.items():
            archive.writestr(name, text)
        archive.comment = comment
    return content.getvalue()


def _widened(content: bytes) -> bytes:
    """The same archive with the table's place in a ZIP64 record, as one of more than 65,535 files has it."""
    at = content.rindex(b"PK\x05\x06")
    count, size, offset = struct.unpack_from("<H2L", content, at + 10)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    return content[:at] + wide + locator + end


def _read(path: Path) -> dict[str, bytes]:
    with path.open("rb") as file:
        return {name: read_member(file, member, LARGEST) for name, member in list_members(path)}


@pytest.mark.parametrize(
    "content",
    [_zip(), _zip(zipfile.ZIP_STORED), _zip(comment=b"of our own"), _widened(_zip())],
    ids=["deflated", "stored", "with a comment", "zip64"],
)
def test_reads_what_zipfile_reads(content: bytes, tmp_path: Path) -> None:
    """Names and contents, in the table's order, however the archive is laid out."""
    path = tmp_path / "reports.zip"
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        theirs = {name: archive.read(name) for name in archive.namelist()}
    assert _read(path) == theirs == TEXTS


@pytest.mark.parametrize("cut", [10, 40, 300])
def test_a_part_of_an_archive_is_refused(cut: int, tmp_path: Path) -> None:
    """The table is at the end, so that nothing can be read of one that broke off."""
    path = tmp_path / "reports.zip"
    path.write_bytes(_zip()[:-cut])
    with pytest.raises(MalformedStudy, match="breaks off"):
        list(list_members(path))


def test_a_damaged_member_is_its_own_fault(tmp_path: Path) -> None:
    """The others are read."""
    path = tmp_path / "reports.zip"
    content = bytearray(_zip(zipfile.ZIP_STORED))
    content[content.index(b"Clear lungs")] ^= 1
    path.write_bytes(content)
    members = dict(list_members(path))
    with path.open("rb") as file:
        with pytest.raises(MalformedStudy, match="damaged"):
            read_member(file, members["files/a.txt"], LARGEST)
        assert read_member(file, members["files/c.txt"], LARGEST) == TEXTS["files/c.txt"]


def test_a_member_that_is_too_large_is_not_unpacked(tmp_path: Path) -> None:
    """Its size in the table is enough, and where that lies, its contents are."""
    path = tmp_path / "reports.zip"
    path.write_bytes(_zip())
    member = dict(list_members(path))["files/a.txt"]
    with path.open("rb") as file, pytest.raises(MalformedStudy, match="larger"):
        read_member(file, member, 100)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 700), piece=st.binary(max_size=8), cut=st.integers(0, 12))
def test_any_bytes_are_read_or_refused(at: int, piece: bytes, cut: int, tmp_path: Path) -> None:
    """A mutated archive fails as a MalformedStudy, and in no other way."""
    content = _zip()
    path = tmp_path / "mutated.zip"
    path.write_bytes(content[:at] + piece + content[at + cut :])
    try:
        members = list(list_members(path))
    except MalformedStudy:
        return
    with path.open("rb") as file:
        for _, member in members:
            try:
                assert len(read_member(file, member, LARGEST)) == member.size
            except MalformedStudy:
                continue
