"""Grey levels of DICOM films against tables worked out by hand, and what else of a film is kept."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from clinicalblip.errors import BurnedInAnnotation, RadiographTooLarge, UnsupportedRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import SpacingKind, View
from tests.fixtures.dicom_files import enlarge, lut_item, reduce, write_dicom

STEPS = [[0, 10, 20], [30, 40, 50]]

# name: (stored values, how they are written, values, pixels)
TABLE: dict[str, tuple[Any, dict[str, Any], Any, Any]] = {
    "no window: smallest to largest": (STEPS, {}, STEPS, [[0, 0.2, 0.4], [0.6, 0.8, 1]]),
    "rescale, shifted by 10 because it goes below 0": (
        [[0, 5, 10], [20, 30, 60]],
        # modality output: -10 0 10 / 30 50 110; linear: (x - 49.5) / 100 + 0.5
        {"RescaleSlope": 2, "RescaleIntercept": -10, "WindowCenter": 50, "WindowWidth": 101},
        [[0, 10, 20], [40, 60, 120]],
        [[0, 0.005, 0.105], [0.305, 0.505, 1]],
    ),
    "rescale, not shifted": (
        STEPS,
        {"RescaleSlope": 2, "RescaleIntercept": 10},
        [[10, 30, 50], [70, 90, 110]],
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "rescale by a half: a stored step stays one step": (
        [[0, 2, 4], [6, 8, 10]],
        # modality output: 1 2 3 / 4 5 6; linear: (x - 3) / 5 + 0.5
        {"RescaleSlope": 0.5, "RescaleIntercept": 1, "WindowCenter": 3.5, "WindowWidth": 6},
        [[0, 2, 4], [6, 8, 10]],
        [[0.1, 0.3, 0.5], [0.7, 0.9, 1]],
    ),
    "rescale downwards": (
        STEPS,
        {"RescaleSlope": -1, "RescaleIntercept": 100},
        [[100, 90, 80], [70, 60, 50]],
        [[1, 0.8, 0.6], [0.4, 0.2, 0]],
    ),
    "rescale downwards by a half": (
        [[0, 2, 4], [6, 8, 10]],
        {"RescaleSlope": -0.5, "RescaleIntercept": 10},
        [[10, 8, 6], [4, 2, 0]],
        [[1, 0.8, 0.6], [0.4, 0.2, 0]],
    ),
    "linear window of width 1: a threshold above centre - 0.5": (
        STEPS,
        {"WindowCenter": 20, "WindowWidth": 1},
        STEPS,
        [[0, 0, 1], [1, 1, 1]],
    ),
    "linear exact window": (
        STEPS,
        {"WindowCenter": 25, "WindowWidth": 25, "VOILUTFunction": "LINEAR_EXACT"},
        STEPS,
        [[0, 0, 0.3], [0.7, 1, 1]],
    ),
    "sigmoid window": (
        STEPS,
        {"WindowCenter": 20, "WindowWidth": 40, "VOILUTFunction": "SIGMOID"},
        STEPS,
        [[0.119203, 0.268941, 0.5], [0.731059, 0.880797, 0.952574]],
    ),
    "first of several windows": (
        STEPS,
        {"WindowCenter": [20.5, 1000], "WindowWidth": [41, 2], "WindowCenterWidthExplanation": ["LUNG", "BONE"]},
        STEPS,
        [[0, 0.25, 0.5], [0.75, 1, 1]],
    ),
    "MONOCHROME1": (STEPS, {"photometric": "MONOCHROME1"}, STEPS, [[1, 0.8, 0.6], [0.4, 0.2, 0]]),
    "MONOCHROME1 with a window": (
        STEPS,
        {"photometric": "MONOCHROME1", "WindowCenter": 20.5, "WindowWidth": 41},
        STEPS,
        [[1, 0.75, 0.5], [0.25, 0, 0]],
    ),
    "presentation LUT shape INVERSE": (
        STEPS,
        {"PresentationLUTShape": "INVERSE"},
        STEPS,
        [[1, 0.8, 0.6], [0.4, 0.2, 0]],
    ),
    "MONOCHROME1 that also says INVERSE is inverted once": (
        STEPS,
        {"photometric": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
        STEPS,
        [[1, 0.8, 0.6], [0.4, 0.2, 0]],
    ),
    "signed": (
        [[-3, -2, -1], [0, 1, 2]],
        {"signed": True, "WindowCenter": -0.5, "WindowWidth": 5, "VOILUTFunction": "LINEAR_EXACT"},
        [[0, 1, 2], [3, 4, 5]],
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "16 bits": (
        [[0, 13107, 26214], [39321, 52428, 65535]],
        {"bits": 16},
        [[0, 13107, 26214], [39321, 52428, 65535]],
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "8 bits": (
        [[0, 51, 102], [153, 204, 255]],
        {"bits": 8},
        [[0, 51, 102], [153, 204, 255]],
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "signed 16 bits over the whole range": (
        [[-32768, 0, 0], [0, 0, 32767]],
        {"bits": 16, "signed": True},
        [[0, 32768, 32768], [32768, 32768, 65535]],
        [[0, 0.500008, 0.500008], [0.500008, 0.500008, 1]],
    ),
    "modality LUT, ends held": (
        [[0, 1, 2], [3, 4, 5]],
        {"ModalityLUTSequence": [lut_item(1, [100, 50, 0], 8)]},
        [[100, 100, 50], [0, 0, 0]],
        [[1, 1, 0.5], [0, 0, 0]],
    ),
    "modality LUT beats rescale": (
        [[0, 1, 2], [3, 4, 5]],
        {"ModalityLUTSequence": [lut_item(0, [0, 1, 2, 3, 4, 5], 8)], "RescaleSlope": 7, "RescaleIntercept": 1},
        [[0, 1, 2], [3, 4, 5]],
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "VOI LUT, ends held": (
        [[9, 10, 11], [12, 13, 14]],
        {"VOILUTSequence": [lut_item(10, [0, 51, 255], 8)]},
        [[9, 10, 11], [12, 13, 14]],
        [[0, 0, 0.2], [1, 1, 1]],
    ),
    "VOI LUT beats the window": (
        [[0, 1, 2], [3, 4, 5]],
        {"VOILUTSequence": [lut_item(0, [0, 1023, 0, 1023, 0, 1023], 10)], "WindowCenter": 1, "WindowWidth": 2},
        [[0, 1, 2], [3, 4, 5]],
        [[0, 1, 0], [1, 0, 1]],
    ),
    "VOI LUT over negative modality output": (
        [[0, 1, 2], [3, 4, 5]],
        {
            "RescaleSlope": 1,
            "RescaleIntercept": -4,
            "VOILUTSequence": [lut_item(-3, [0, 51, 102, 255], 8, signed=True)],
        },
        [[0, 1, 2], [3, 4, 5]],
        [[0, 0, 0.2], [0.4, 1, 1]],
    ),
    "VOI LUT whose negative first value is written unsigned": (
        [[0, 1, 2], [3, 4, 5]],
        {"RescaleSlope": 1, "RescaleIntercept": -4, "VOILUTSequence": [lut_item(65533, [0, 51, 102, 255], 8)]},
        [[0, 1, 2], [3, 4, 5]],
        [[0, 0, 0.2], [0.4, 1, 1]],
    ),
    "VOI LUT over a rescale by two and a half": (
        [[0, 2, 4], [6, 8, 10]],
        # modality output: 0 5 10 / 15 20 25
        {
            "RescaleSlope": 2.5,
            "RescaleIntercept": 0,
            "VOILUTSequence": [lut_item(0, list(range(0, 260, 10)), 8)],
        },
        [[0, 2, 4], [6, 8, 10]],
        [[0, 50 / 255, 100 / 255], [150 / 255, 200 / 255, 250 / 255]],
    ),
    "VOI LUT inverted by MONOCHROME1": (
        [[0, 1, 2], [0, 1, 2]],
        {"photometric": "MONOCHROME1", "VOILUTSequence": [lut_item(0, [0, 51, 255], 8)]},
        [[0, 1, 2], [0, 1, 2]],
        [[1, 0.8, 0], [1, 0.8, 0]],
    ),
    "padding is left out of the full range": (
        [[0, 0, 100], [150, 200, 0]],
        {"PixelPaddingValue": 0},
        [[0, 0, 100], [150, 200, 0]],
        [[0, 0, 0], [0.5, 1, 0]],
    ),
    "a range of padding": (
        [[0, 7, 100], [150, 200, 3]],
        {"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 9},
        [[0, 7, 100], [150, 200, 3]],
        [[0, 0, 0], [0.5, 1, 0]],
    ),
    "overlay in the unused bits": (
        [[0x8000, 0x100A, 20], [30, 40, 0xF032]],
        {"bits": 16, "BitsStored": 12, "HighBit": 11},
        STEPS,
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "bits stored at the top of the word": (
        [[0 << 4, (10 << 4) + 3, 20 << 4], [30 << 4, 40 << 4, 50 << 4]],
        {"bits": 16, "BitsStored": 12, "HighBit": 15},
        STEPS,
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "signed bits stored at the top of the word": (
        [[-3 << 4, -2 << 4, -1 << 4], [0, 1 << 4, 2 << 4]],
        {"bits": 16, "signed": True, "BitsStored": 12, "HighBit": 15},
        [[0, 1, 2], [3, 4, 5]],
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
    "32 bits that fit": (
        [[100000, 100010, 100020], [100030, 100040, 100050]],
        {"bits": 32},
        STEPS,
        [[0, 0.2, 0.4], [0.6, 0.8, 1]],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_grey_levels_are_those_of_the_table(name: str) -> None:
    """Values are exact, and pixels are what a reader sees to six digits."""
    stored, written, values, pixels = TABLE[name]
    radiograph = read_radiograph(write_dicom(enlarge(stored), **written))
    assert reduce(radiograph.values) == values
    assert reduce(radiograph.pixels) == [pytest.approx(row, abs=1e-6) for row in pixels]


def test_inverting_the_tag_and_the_values_shows_the_original() -> None:
    """A MONOCHROME1 film of inverted values is the MONOCHROME2 film, to the grey level."""
    film = np.random.default_rng(1).integers(0, 4096, (64, 80))
    original = read_radiograph(write_dicom(film, WindowCenter=2048, WindowWidth=4096))
    inverted = read_radiograph(write_dicom(4095 - film, photometric="MONOCHROME1", WindowCenter=2048, WindowWidth=4096))
    assert np.array_equal(np.rint(original.pixels * 255), np.rint(inverted.pixels * 255))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"WindowCenter": 20, "WindowWidth": 0}, "window cannot be"),
        ({"RescaleSlope": 0, "RescaleIntercept": 5}, "slope is 0"),
        ({"VOILUTSequence": [lut_item(0, [], 8)]}, "VOILUTSequence is damaged"),
    ],
)
def test_what_cannot_be_is_not_used_and_said(tags: dict[str, Any], words: str) -> None:
    """A film whose window, slope or table is impossible is shown over its full range, with a sentence that says so."""
    radiograph = read_radiograph(write_dicom(enlarge(STEPS), **tags))
    assert reduce(radiograph.pixels) == [pytest.approx(row) for row in [[0, 0.2, 0.4], [0.6, 0.8, 1]]]
    assert len(radiograph.warnings) == 1
    assert words in radiograph.warnings[0]


def test_a_table_with_too_few_entries_is_not_used() -> None:
    """A VOI LUT that has fewer entries than its descriptor says gives way to the window."""
    item = lut_item(0, [0, 128, 255], 8)
    item.LUTDescriptor = [256, 0, 8]
    radiograph = read_radiograph(write_dicom(enlarge(STEPS), VOILUTSequence=[item], WindowCenter=20.5, WindowWidth=41))
    assert reduce(radiograph.pixels) == [[0, 0.25, 0.5], [0.75, 1, 1]]
    assert radiograph.warnings == ("The file's VOILUTSequence is damaged and was not used.",)


def test_byte_tables_packed_in_words_are_read() -> None:
    """An 8-bit VOI LUT written as OW, two entries a word, has as many entries as its descriptor says."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4, 0, 8])
    item.add_new("LUTData", "OW", bytes([0, 51, 102, 255]))
    radiograph = read_radiograph(write_dicom(enlarge([[0, 1], [2, 3]]), VOILUTSequence=[item]))
    assert reduce(radiograph.pixels) == [pytest.approx([0, 0.2]), pytest.approx([0.4, 1])]


def test_a_film_of_one_value_is_said() -> None:
    """A blank film is read, and the reader is told that there is nothing to see."""
    radiograph = read_radiograph(write_dicom(np.full((64, 64), 7)))
    assert "same value" in radiograph.warnings[0]
    assert np.isfinite(radiograph.pixels).all()


def test_burned_in_text_is_refused() -> None:
    """BurnedInAnnotation YES is a BurnedInAnnotation error that names the setting."""
    with pytest.raises(BurnedInAnnotation, match="allow_burned_in"):
        read_radiograph(write_dicom(enlarge(STEPS), BurnedInAnnotation="YES"))


def test_burned_in_text_is_read_with_a_warning_where_it_is_allowed() -> None:
    """The setting turns the format_error into a sentence for the reader."""
    radiograph = read_radiograph(
        write_dicom(enlarge(STEPS), BurnedInAnnotation="YES"), ReadOptions(allow_burned_in=True)
    )
    assert "burned into" in radiograph.warnings[0]


def test_a_file_that_denies_burned_in_text_is_read_without_a_word() -> None:
    """BurnedInAnnotation NO is what most films say."""
    assert read_radiograph(write_dicom(enlarge(STEPS), BurnedInAnnotation="NO")).warnings == ()


@pytest.mark.parametrize(
    ("tags", "spacing", "kind"),
    [
        ({"PixelSpacing": [0.1, 0.2]}, (0.1, 0.2), None),
        ({"ImagerPixelSpacing": [0.3, 0.4]}, (0.3, 0.4), SpacingKind.DETECTOR),
        ({"NominalScannedPixelSpacing": [0.3, 0.4]}, (0.3, 0.4), SpacingKind.DETECTOR),
        ({"PixelSpacing": [0.1, 0.2], "ImagerPixelSpacing": [0.3, 0.4]}, (0.1, 0.2), SpacingKind.CALIBRATED),
        ({"PixelSpacing": [0.3, 0.4], "ImagerPixelSpacing": [0.3, 0.4]}, (0.3, 0.4), SpacingKind.DETECTOR),
        (
            {"PixelSpacing": [0.1, 0.2], "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.1, 0.2),
            SpacingKind.CALIBRATED,
        ),
        (
            {
                "PixelSpacing": [0.3, 0.4],
                "ImagerPixelSpacing": [0.3, 0.4],
                "PixelSpacingCalibrationType": "GEOMETRY",
            },
            (0.3, 0.4),
            SpacingKind.CALIBRATED,
        ),
        ({}, None, None),
    ],
)
def test_spacing_is_the_calibrated_one_else_the_detectors(
    tags: dict[str, Any], spacing: tuple[float, float] | None, kind: SpacingKind | None
) -> None:
    """PixelSpacing goes before the detector's; which one it is, as far as the file says it (PS3.3 10.7.1.3)."""
    film = read_radiograph(write_dicom(enlarge(STEPS), **tags))
    assert film.spacing_mm == spacing
    assert film.spacing_kind is kind


@pytest.mark.parametrize("spacing", [[0.1], [0, 0.2], [-1, 1]])
def test_spacing_that_cannot_be_is_dropped_and_said(spacing: list[float]) -> None:
    """A spacing of one number, of 0 or below 0 is None, with a sentence."""
    radiograph = read_radiograph(write_dicom(enlarge(STEPS), PixelSpacing=spacing))
    assert radiograph.spacing_mm is None
    assert radiograph.warnings == ("The file's PixelSpacing is damaged and was not used.",)


def test_colour_becomes_grey_and_is_said() -> None:
    """Red, green and blue become their luma, over the full range of 8 bits, whatever window the file has."""
    rgb = np.zeros((64, 96, 3), dtype=np.uint8)
    rgb[:, :32, 0] = rgb[:, 32:64, 1] = rgb[:, 64:, 2] = 255
    radiograph = read_radiograph(write_dicom(rgb, bits=8, photometric="RGB", WindowCenter=10, WindowWidth=2))
    assert radiograph.values[0, ::32].tolist() == [76, 150, 29]  # 255 x 0.299, 0.587, 0.114
    assert radiograph.pixels[0, ::32].tolist() == pytest.approx([76 / 255, 150 / 255, 29 / 255])
    assert radiograph.warnings == ("The film is a colour picture; it is read as grey.",)


def test_palette_colour_becomes_grey() -> None:
    """The three palette tables are looked up first."""
    tables = {}
    for name, entries in (("Red", [0, 255, 100]), ("Green", [0, 255, 100]), ("Blue", [0, 255, 100])):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [4, 0, 8]
        tables[f"{name}PaletteColorLookupTableData"] = bytes([*entries, 0])
    radiograph = read_radiograph(
        write_dicom(enlarge([[0, 1, 2], [2, 1, 0]]), bits=8, photometric="PALETTE COLOR", **tables)
    )
    assert reduce(radiograph.values) == [[0, 255, 100], [100, 255, 0]]
    assert radiograph.warnings == ("The film is stored as colour; it is read as grey.",)


def palette(entries: list[int], *, count: int | None = None, first: int = 0) -> dict[str, Any]:
    """Three equal tables of 16 bits."""
    tables: dict[str, Any] = {"photometric": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [count or len(entries), first, 16]
        tables[f"{name}PaletteColorLookupTableData"] = np.array(entries, "<u2").tobytes()
    return tables


def test_palette_indices_out_of_range_get_the_nearest_entry() -> None:
    """Below the first and above the last, PS3.3 C.7.6.3.1.5."""
    data = write_dicom(enlarge([[0, 10, 11], [12, 13, 4095]]), **palette([100, 200, 60_000], first=10))
    assert reduce(read_radiograph(data).values) == [[100, 100, 200], [60_000, 60_000, 60_000]]


@pytest.mark.parametrize(
    "tags",
    [
        palette([1, 2, 3], count=256),
        {**palette([1, 2, 3]), "BluePaletteColorLookupTableData": None},
        {"photometric": "PALETTE COLOR"},
    ],
)
def test_a_palette_that_is_not_whole_is_refused(tags: dict[str, Any]) -> None:
    """Too few entries, or a colour without any: what the greys are, nobody can say."""
    with pytest.raises(UnsupportedRadiograph, match="palette cannot be read"):
        read_radiograph(write_dicom(enlarge(STEPS), **tags))


@pytest.mark.parametrize(
    ("keyword", "tags"),
    [
        ("RescaleSlope", {"RescaleSlope": "1111", "RescaleIntercept": "0"}),
        ("RescaleIntercept", {"RescaleSlope": "2", "RescaleIntercept": "1111"}),
        ("WindowWidth", {"WindowCenter": "20", "WindowWidth": "1111"}),
        ("WindowCenter", {"WindowCenter": "1111", "WindowWidth": "40"}),
    ],
)
@pytest.mark.parametrize("value", [b"NaN ", b"inf ", b"-Inf", b"1e99", b"    "])
def test_numbers_that_are_none_leave_the_film(keyword: str, tags: dict[str, str], value: bytes) -> None:
    """NaN and infinity are said; whatever stands there, the film is finite."""
    film = read_radiograph(write_dicom(enlarge(STEPS), **tags).replace(b"1111", value))
    assert np.isfinite(film.pixels).all()
    if value.strip() and value != b"1e99":
        assert film.warnings == (f"The file's {keyword} is damaged and was not used.",)
        assert reduce(film.values) == STEPS


def test_a_modality_table_with_too_few_entries_is_not_used() -> None:
    """The stored values are shown, and it is said."""
    item = lut_item(0, [0, 128, 255], 8)
    item.LUTDescriptor = [256, 0, 8]
    film = read_radiograph(write_dicom(enlarge(STEPS), ModalityLUTSequence=[item]))
    assert reduce(film.values) == STEPS
    assert film.warnings == ("The file's ModalityLUTSequence is damaged and was not used.",)


@pytest.mark.parametrize("shape", [(1, 4096), (4096, 1), (63, 4096)])
def test_a_film_of_a_few_rows_is_refused(shape: tuple[int, int]) -> None:
    """It is a strip, and no film."""
    with pytest.raises(UnsupportedRadiograph, match="needs at least 64"):
        read_radiograph(write_dicom(np.arange(4096 * min(shape)).reshape(shape) % 4096))


def test_30_000_by_30_000_pixels_are_refused() -> None:
    """By what the header says."""
    with pytest.raises(RadiographTooLarge, match="30000 x 30000 pixels; up to 100 megapixels"):
        read_radiograph(write_dicom(enlarge(STEPS), Rows=30_000, Columns=30_000))


def test_a_full_file_gives_view_and_no_warning() -> None:
    """An ordinary film says nothing but what it is."""
    radiograph = read_radiograph(write_dicom(enlarge(STEPS), ViewPosition="PA", BodyPartExamined="CHEST"))
    assert radiograph.view is View.PA
    assert radiograph.warnings == ()


@pytest.mark.shared_data
def test_a_real_film_of_inverted_tag_and_values_is_the_original(shared_data: Path) -> None:
    """MONOCHROME1 with inverted values is the film itself, to the grey level; the tag alone gives its negative."""
    data = (shared_data / "dicom" / "rsna-chest-1024.dcm").read_bytes()
    original, dataset = read_radiograph(data), dcmread(BytesIO(data))
    dataset.PhotometricInterpretation = "MONOCHROME1"
    negative = BytesIO()
    dataset.save_as(negative)
    dataset.decompress()
    dataset.PixelData = (255 - dataset.pixel_array).tobytes()
    both = BytesIO()
    dataset.save_as(both)
    assert np.array_equal(np.rint(read_radiograph(both.getvalue()).pixels * 255), np.rint(original.pixels * 255))
    assert np.allclose(read_radiograph(negative.getvalue()).pixels, 1 - original.pixels, atol=1e-6)
