"""Reading tags: deflated files within a bound, tags that are missing or malformed, real files of other writers."""

import zlib
from pathlib import Path

import numpy as np
import pydicom.data
import pytest

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import write_dicom

FILM = np.arange(64 * 70).reshape(64, 70) % 4096
PACKAGED = Path(pydicom.data.__file__).parent / "test_files"


def deflate_again(data: bytes, inflated: bytes) -> bytes:
    """A deflated file with other contents behind its meta group."""
    start = 132 + 12 + int.from_bytes(data[140:144], "little")
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return data[:start] + deflater.compress(inflated) + deflater.flush()


def test_a_deflated_bomb_is_refused_within_the_bound() -> None:
    """A few KiB that inflate to 8 MiB are stopped at what one megapixel and one MiB allow."""
    bomb = deflate_again(write_dicom(FILM, syntax="deflated"), bytes(8 * 2**20))
    assert len(bomb) < 20_000
    with pytest.raises(RadiographTooLarge, match="more than 2 MiB when it is inflated"):
        read_radiograph(bomb, ReadOptions(limits=LimitSettings(megapixels=1, file_mebibytes=1)))


def test_a_deflated_file_of_nonsense_is_refused() -> None:
    """Bytes that are no deflate stream are an unreadable file."""
    data = write_dicom(FILM, syntax="deflated")
    start = 132 + 12 + int.from_bytes(data[140:144], "little")
    with pytest.raises(UnreadableRadiograph):
        read_radiograph(data[:start] + b"\xff" * 100)


def test_deflation_is_seen_behind_padded_and_unordered_meta() -> None:
    """The meta group is walked, not trusted to be in order: pydicom never inflates without a bound."""
    data = write_dicom(FILM, syntax="deflated")
    start = 132 + 12 + int.from_bytes(data[140:144], "little")
    without_length = data[:132] + data[144:start] + data[start:]
    assert np.array_equal(read_radiograph(without_length).values, FILM)


@pytest.mark.parametrize("length", [133, 140, 160, 300])
def test_a_file_cut_in_its_tags_is_refused(length: int) -> None:
    """What is left has no film in it."""
    with pytest.raises(UnreadableRadiograph):
        read_radiograph(write_dicom(FILM)[:length])


def test_an_optional_tag_that_makes_no_sense_is_dropped_and_said() -> None:
    """A window that is no number leaves the full range, with a sentence."""
    data = write_dicom(FILM, WindowCenter="2000", WindowWidth="4000").replace(b"2000", b"2x00")
    radiograph = read_radiograph(data)
    assert radiograph.warnings == ("The file's WindowCenter is damaged and was not used.",)


@pytest.mark.parametrize("value", [b"nan ", b"inf ", b"-inf"])
def test_numbers_without_an_end_are_dropped(value: bytes) -> None:
    """NaN and infinity are no window, and never reach the film."""
    data = write_dicom(FILM, WindowCenter="2000", WindowWidth="4000").replace(b"2000", value)
    assert np.isfinite(read_radiograph(data).pixels).all()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("image_dfl.dcm", (512, 512)),
        ("SC_rgb_jpeg_dcmtk.dcm", (100, 100)),
        ("SC_rgb_jpeg_gdcm.dcm", (100, 100)),
        ("SC_rgb_dcmtk_+eb+cy+np.dcm", (100, 100)),
        ("SC_rgb_rle_16bit.dcm", (100, 100)),
        ("SC_rgb_gdcm_KY.dcm", (100, 100)),
        ("SC_ybr_full_422_uncompressed.dcm", (100, 100)),
        ("GDCMJ2K_TextGBR.dcm", (400, 400)),
    ],
)
def test_files_of_other_writers_are_read(name: str, shape: tuple[int, int]) -> None:
    """Secondary captures that come with pydicom, from several toolkits."""
    radiograph = read_radiograph((PACKAGED / name).read_bytes())
    assert radiograph.values.shape == shape
    assert radiograph.values.std() > 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CT_small.dcm", "a CT image"),
        ("MR_small_bigendian.dcm", "an MR image"),
        ("reportsi.dcm", "a structured report"),
        ("waveform_ecg.dcm", "a waveform"),
        ("SC_rgb_rle_2frame.dcm", "2 frames"),
        ("dicomdirtests/DICOMDIR", "a DICOMDIR"),
        ("rtplan.dcm", "a radiotherapy plan"),
    ],
)
def test_files_of_other_kinds_are_refused_by_name(name: str, words: str) -> None:
    """Real files of kinds that are not read."""
    with pytest.raises(UnsupportedRadiograph, match=words):
        read_radiograph((PACKAGED / name).read_bytes())
