"""Files of other kinds are refused by their names, known by their first bytes."""

import bz2
import gzip
import lzma
import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from clinicalblip.errors import UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.read import read_radiograph


def picture(kind: str) -> bytes:
    """A picture that Pillow writes in another format."""
    out = BytesIO()
    Image.fromarray(np.zeros((80, 80), np.uint8)).save(out, format=kind)
    return out.getvalue()


def archive() -> bytes:
    """A zip with one file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("film.dcm", b"DICM")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (picture("GIF"), "a GIF picture"),
        (picture("TIFF"), "a TIFF picture"),
        (picture("BMP"), "a BMP picture"),
        (picture("WEBP"), "a WebP picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (archive(), "a zip archive"),
        (gzip.compress(b"film", mtime=0), "a gzip archive"),
        (b"Findings: the lungs are clear.\n" * 400, "a text"),
        ("Röntgen: Lungen frei. ".encode() * 400, "a text"),
        ("utf-16, with its mark".encode("utf-16"), "a text"),
        (b"\xff\x4f\xff\x51" + bytes(60), "a JPEG 2000 codestream"),
        (b"\0\0\0\x18ftypheic" + bytes(60), "a HEIC or AVIF picture"),
        (bytes(344) + b"n+1\0" + bytes(60), "a NIfTI volume"),
    ],
)
def test_other_formats_are_refused_by_name(data: bytes, name: str) -> None:
    """The sentence says what the file is and what is read instead."""
    with pytest.raises(UnsupportedRadiograph, match=f"The file is {name}.*; DICOM, PNG and JPEG are read"):
        read_radiograph(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (archive(), "a zip archive"),
        (gzip.compress(b"film", mtime=0), "a gzip archive"),
        (bytes(257) + b"ustar\0" + bytes(300), "a tar archive"),
        (bz2.compress(b"film"), "a bzip2 archive"),
        (lzma.compress(b"film"), "an xz archive"),
    ],
)
def test_an_archive_is_to_be_unpacked(data: bytes, name: str) -> None:
    """Nothing is unpacked here, and the sentence says what to do."""
    with pytest.raises(UnsupportedRadiograph, match=f"{name};.* Unpack it and upload the single film"):
        read_radiograph(data)


def test_an_empty_file_is_said() -> None:
    """Nothing was uploaded."""
    with pytest.raises(UnreadableRadiograph, match="empty"):
        read_radiograph(b"")


@pytest.mark.parametrize("length", [1, 2, 10, 5000])
def test_random_bytes_are_of_no_known_kind(length: int) -> None:
    """Bytes that begin like nothing."""
    data = b"\x01" + np.random.default_rng(3).bytes(length - 1)
    with pytest.raises(UnreadableRadiograph, match="no kind that is known"):
        read_radiograph(data)
