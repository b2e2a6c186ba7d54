"""read_radiograph: nothing but a Radiograph or one of our errors, and nothing of the patient."""

import logging
import threading
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames

from clinicalblip.errors import ClinicalBlipError, PrivacyError, RadiographError, RadiographTooLarge
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import SYNTAXES, lut_item, write_dicom

FILM = (np.arange(64)[:, None] * 31 + np.arange(66)[None, :] * 17) % 4096
BRIEFLY = settings(max_examples=120, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def _picture(array: np.ndarray, kind: str, **options: object) -> bytes:
    out = BytesIO()
    Image.fromarray(array).save(out, format=kind, **options)
    return out.getvalue()


def _dicom(syntax: str) -> bytes:
    eight = syntax == "jpeg"
    return write_dicom(
        FILM // 16 if eight else FILM,
        syntax=syntax,
        bits=8 if eight else 12,
        WindowCenter=2000,
        WindowWidth=3000,
        RescaleSlope=1,
        RescaleIntercept=-1024,
        VOILUTSequence=[lut_item(0, list(range(64)), 8)],
        ViewPosition="PA",
        PixelSpacing=[0.1, 0.1],
    )


DICOM_SEEDS = [_dicom(syntax) for syntax in SYNTAXES]
EIGHT = (FILM // 16).astype(np.uint8)
PNG_SEEDS = [
    _picture(EIGHT, "PNG"),
    _picture(FILM.astype(np.uint16), "PNG"),
    _picture(np.dstack([EIGHT] * 4), "PNG"),
]
JPEG_SEEDS = [_picture(EIGHT, "JPEG"), _picture(np.dstack([EIGHT] * 3), "JPEG", progressive=True)]

# where (as a fraction of the file), how many bytes go, what comes instead
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6
)


def changed(seed: bytes, changes: list[tuple[float, int, bytes]], *, first: int = 0) -> bytes:
    """A file with bytes replaced, taken out and put in; the first `first` bytes stay."""
    data = bytearray(seed)
    for fraction, gone, new in changes:
        at = first + int(fraction * max(1, len(data) - first))
        data[at : at + gone] = new
    return bytes(data)


def read_or_refuse(data: bytes) -> None:
    """Fail for anything but a film that can be shown or an error of the two families."""
    try:
        radiograph = read_radiograph(data)
    except (RadiographError, PrivacyError) as error:
        said = str(error)
    else:
        said = None
    if said is not None:
        assert "\n" not in said
        assert len(said) > 20
        return
    assert isinstance(radiograph, Radiograph)
    assert np.isfinite(radiograph.pixels).all()
    assert radiograph.pixels.min() >= 0
    assert radiograph.pixels.max() <= 1


@pytest.mark.parametrize("syntax", range(len(DICOM_SEEDS)), ids=list(SYNTAXES))
@settings(BRIEFLY, max_examples=40)
@given(changes=CHANGES)
def test_mutated_dicom_is_read_or_refused(syntax: int, changes: list[tuple[float, int, bytes]]) -> None:
    """Whatever is done to a file behind DICOM's mark."""
    read_or_refuse(changed(DICOM_SEEDS[syntax], changes, first=132))


@BRIEFLY
@given(syntax=st.integers(0, len(DICOM_SEEDS) - 1), changes=CHANGES)
def test_dicom_mutated_in_its_tags_is_read_or_refused(syntax: int, changes: list[tuple[float, int, bytes]]) -> None:
    """Changes in the first kilobyte, where lengths, syntax and sizes are said."""
    seed = DICOM_SEEDS[syntax]
    read_or_refuse(changed(seed[:1200], changes, first=132) + seed[1200:])


@BRIEFLY
@given(seed=st.sampled_from(PNG_SEEDS), changes=CHANGES)
def test_mutated_png_is_read_or_refused(seed: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    """Whatever is done to a file behind PNG's signature."""
    read_or_refuse(changed(seed, changes, first=8))


@BRIEFLY
@given(seed=st.sampled_from(JPEG_SEEDS), changes=CHANGES)
def test_mutated_jpeg_is_read_or_refused(seed: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    """Whatever is done to a file behind JPEG's signature."""
    read_or_refuse(changed(seed, changes, first=3))


@BRIEFLY
@given(data=st.binary(max_size=600), marked=st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, marked: bool) -> None:
    """Bytes of any kind, with DICOM's preamble before them or without."""
    read_or_refuse(bytes(128) + b"DICM" + data if marked else data)


SMALL = st.integers(0, 70)
ANY_NUMBER = st.one_of(st.floats(), st.integers(-(2**40), 2**40)).map(lambda number: f"{number:.9g}"[:16])
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        **{name: SMALL | st.integers(0, 65535) for name in ("Rows", "Columns")},
        **dict.fromkeys(("BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel"), SMALL),
        **{name: st.integers(0, 3) for name in ("PixelRepresentation", "PlanarConfiguration")},
        **{name: st.lists(ANY_NUMBER, min_size=1, max_size=2) for name in ("WindowCenter", "WindowWidth")},
        **dict.fromkeys(("RescaleSlope", "RescaleIntercept"), ANY_NUMBER),
        "PixelSpacing": st.lists(ANY_NUMBER, max_size=3),
        "NumberOfFrames": st.integers(-5, 2**31 - 1),
        "PixelPaddingValue": st.integers(0, 65535),
        "PhotometricInterpretation": st.sampled_from(("MONOCHROME1", "RGB", "PALETTE COLOR", "YBR_FULL_422", "XYZ")),
        "VOILUTFunction": st.sampled_from(("LINEAR", "LINEAR_EXACT", "SIGMOID", "CUBIC")),
        "PresentationLUTShape": st.sampled_from(("IDENTITY", "INVERSE", "OTHER")),
    },
)


@settings(BRIEFLY, max_examples=60)
@given(tags=HEADERS, syntax=st.sampled_from(("implicit", "explicit", "rle", "jpeg lossless", "jpeg 2000")))
def test_any_header_is_read_or_refused(tags: dict[str, object], syntax: str) -> None:
    """Every value that a tag's type can hold, against pixel data that says otherwise; numbers that are none as well."""
    read_or_refuse(write_dicom(FILM, syntax=syntax, **tags))


def test_a_file_of_too_many_bytes_is_refused() -> None:
    """Before anything of it is looked at."""
    with pytest.raises(RadiographTooLarge, match="has 2 MiB; up to 1 MiB"):
        read_radiograph(bytes(2**20 + 1), ReadOptions(limits=LimitSettings(file_mebibytes=1)))


def test_content_decides_and_not_a_name() -> None:
    """There is no file name to go by: a PNG and a DICOM of the same film give the same values."""
    from_png = read_radiograph(_picture(FILM.astype(np.uint16), "PNG"))
    from_dicom = read_radiograph(write_dicom(FILM))
    assert np.array_equal(from_png.values, from_dicom.values)
    assert from_png.digest == from_dicom.digest


def test_the_digest_is_over_the_values() -> None:
    """The same film under another name, window and lossless encoding has the same digest; another film has not."""
    first = read_radiograph(write_dicom(FILM, patient_name="A^B", WindowCenter=5, WindowWidth=9))
    second = read_radiograph(write_dicom(FILM, patient_name="C^D", syntax="jpeg 2000 lossless"))
    assert first.digest == second.digest
    assert len(first.digest) == 64
    assert read_radiograph(write_dicom(FILM[::-1])).digest != first.digest


def test_the_digest_knows_the_shape() -> None:
    """The same values in other rows are another film."""
    values = np.arange(64 * 128) % 4096
    wide, high = write_dicom(values.reshape(64, 128)), write_dicom(values.reshape(128, 64))
    assert read_radiograph(wide).digest != read_radiograph(high).digest


def test_nothing_of_the_patient_leaves() -> None:
    """No tag of the patient is found in the film, its warnings or its digest."""
    data = write_dicom(
        FILM,
        modality="OT",
        patient_name="Planted^Name",
        PatientBirthDate="19701231",
        InstitutionName="Planted Hospital",
        SeriesDescription="Planted view",
        BodyPartExamined="PLANTEDPART",
        ViewPosition="PLANTEDVIEW",
    )
    radiograph = read_radiograph(data)
    assert "planted" not in repr(vars(radiograph)).lower()
    assert "19701231" not in repr(vars(radiograph))


@pytest.mark.parametrize(
    "tags",
    [
        {"Modality": "PLANTED"},
        {"PhotometricInterpretation": "PLANTED"},
        {"SOPClassUID": "1.2.3.4.5.999", "Modality": None},
        {"Rows": 9999},
        {"PixelData": b"PLANTED"},
    ],
)
def test_refusals_neither_say_nor_log_what_a_tag_holds(
    tags: dict[str, object], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A refused film leaves no word of its tags in the message, the log or the streams."""
    caplog.set_level(logging.DEBUG)
    data = write_dicom(FILM, patient_name="PLANTED^NAME", InstitutionName="PLANTED", **tags)
    caplog.clear()
    with pytest.raises(RadiographError) as refused:
        read_radiograph(data)
    out, err = capfd.readouterr()
    for said in (str(refused.value), caplog.text, out, err):
        assert "PLANTED" not in said.upper()
        assert "1.2.3.4.5" not in said


@pytest.mark.parametrize("syntax", ["jpeg", "jpeg 2000", "jpeg lossless", "jpeg-ls"])
def test_a_damaged_stream_is_logged_by_type_alone(syntax: str, caplog: pytest.LogCaptureFixture) -> None:
    """The decoders' tracebacks, which pydicom logs, go nowhere; the type of what was raised is logged."""
    whole = dcmread(BytesIO(write_dicom(FILM // 16, bits=8, syntax=syntax)))
    start = next(generate_frames(whole.PixelData, number_of_frames=1))[:160]
    start += b"\0" * (len(start) % 2)
    data = write_dicom(FILM // 16, bits=8, syntax=syntax, PixelData=encapsulate([start]))
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    with pytest.raises(RadiographError):
        read_radiograph(data)
    (record,) = caplog.records
    assert record.name == "clinicalblip.imaging.sandbox.pool"
    assert record.exc_info is None
    assert "Error" in record.getMessage()


@pytest.mark.parametrize(
    ("said", "given_view", "expected", "warned"),
    [
        (None, View.LATERAL, View.LATERAL, False),
        ("PA", None, View.PA, False),
        ("PA", View.PA, View.PA, False),
        ("PA", View.FRONTAL, View.FRONTAL, False),
        ("PA", View.LATERAL, View.LATERAL, True),
        ("LL", View.AP, View.AP, True),
    ],
)
def test_the_readers_view_wins(said: str | None, given_view: View | None, expected: View, warned: bool) -> None:
    """And a film that says otherwise is remarked on."""
    radiograph = read_radiograph(write_dicom(FILM, ViewPosition=said), ReadOptions(view=given_view))
    assert radiograph.view is expected
    assert bool(radiograph.warnings) is warned


def test_a_small_dicom_is_refused() -> None:
    """The smallest side holds for every format."""
    with pytest.raises(RadiographError, match="has 20 x 20 pixels"):
        read_radiograph(write_dicom(FILM[:20, :20]))


def test_many_threads_read_at_once() -> None:
    """Warnings' filters are the process's: readers side by side neither fail nor leave the filters changed."""
    import warnings

    before = list(warnings.filters)
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for data in (*DICOM_SEEDS[:6], *PNG_SEEDS):
                read_radiograph(data)
        except (ClinicalBlipError, UserWarning) as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(warnings.filters) == before


@pytest.mark.shared_data
def test_a_real_film_is_read(shared_data: Path) -> None:
    """A JPEG-compressed PA film of 1024 x 1024 as a hospital exported it."""
    radiograph = read_radiograph((shared_data / "dicom" / "rsna-chest-1024.dcm").read_bytes())
    assert radiograph.values.shape == (1024, 1024)
    assert radiograph.view is View.PA
    assert radiograph.spacing_mm == (0.168, 0.168)
    assert radiograph.warnings == ()
    assert not radiograph.inverted
    lungs, below = radiograph.pixels[300:600, 250:400].mean(), radiograph.pixels[900:, 300:700].mean()
    assert lungs < below


@pytest.mark.shared_data
def test_changing_the_tag_alone_inverts_a_real_film(shared_data: Path) -> None:
    """MONOCHROME1 in place of MONOCHROME2 shows the negative."""
    data = (shared_data / "dicom" / "rsna-chest-1024.dcm").read_bytes()
    original, negative = read_radiograph(data), read_radiograph(data.replace(b"MONOCHROME2", b"MONOCHROME1"))
    assert np.allclose(negative.pixels, 1 - original.pixels)
