"""Tables and windows that do not fit their films: too few bits, made for measuring, or beside all values."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import LookupTable, Radiograph
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.odd_films import smooth_film

FILM = smooth_film(12)
SAID, HELD = (10, 12, 14, 16), (8, 10, 12, 14, 16)


def table(
    first: int, entries: np.ndarray, bits: int, *, vr: str = "OW", signed: bool = False, order: str = "<"
) -> Dataset:
    """One item of a sequence of lookup tables."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if signed else "US", [len(entries) % 2**16, first, bits])
    data = entries.astype(f"{order}u2").tobytes() if vr == "OW" else entries.tolist()
    item.add_new("LUTData", vr, data)
    return item


def rising(count: int, bits: int) -> np.ndarray:
    """A curve over the whole range of so many bits."""
    return np.rint(np.linspace(0, 1, count) ** 0.7 * (2**bits - 1)).astype(np.int64)


def shallow(film: Radiograph) -> list[str]:
    """The warnings about a table's bits."""
    return [warning for warning in film.warnings if "VOI LUT says" in warning]


@pytest.mark.parametrize("window", [{}, {"WindowCenter": 1500, "WindowWidth": 1000}], ids=["alone", "beside a window"])
@pytest.mark.parametrize("vr", ["OW", "US"])
@pytest.mark.parametrize(("held", "said"), [pair for pair in product(HELD, SAID) if pair[0] <= pair[1]])
def test_a_voi_lut_is_spread_over_the_bits_that_it_uses(held: int, said: int, vr: str, window: dict[str, int]) -> None:
    """Whatever its descriptor says: the greys are those of the table that says its own bits."""
    entries = rising(4096, held)
    film = read_radiograph(write_dicom(FILM, VOILUTSequence=[table(0, entries, said, vr=vr)], **window))  # type: ignore[arg-type]
    np.testing.assert_allclose(film.pixels, entries[FILM] / (2**held - 1), atol=1e-6)
    assert len(film.windows) == 1 + bool(window)
    wanted = f"The file's VOI LUT says that its greys have {said} bits; they have {held}, and were read so."
    assert film.warnings == (() if held == said else (wanted,))


@pytest.mark.parametrize("top", [3100, 4000, 4095])
def test_a_table_that_does_not_reach_its_own_top_keeps_it(top: int) -> None:
    """Its white is a light grey, in 12 bits that it says and in 16 that it does not use."""
    entries = np.linspace(0, top, 4096).astype(np.int64)
    for said in (12, 16):
        film = read_radiograph(write_dicom(FILM, VOILUTSequence=[table(0, entries, said)]))
        np.testing.assert_allclose(film.pixels, entries[FILM] / 4095, atol=1e-6)
        assert bool(shallow(film)) is (said == 16)


SIGNED = FILM - 2048
FIRSTS = [-2048, -1000, -1, 0, 500]


@pytest.mark.parametrize("written", ["signed", "unsigned"])
@pytest.mark.parametrize("first", FIRSTS)
@pytest.mark.parametrize(("held", "said"), [(8, 16), (10, 14), (12, 16), (12, 12)])
@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian"])
def test_the_first_value_of_a_table_has_the_sign_of_its_film(
    held: int, said: int, first: int, written: str, syntax: str
) -> None:
    """A signed film, its table's first value written either way."""
    entries = rising(2000, held)
    order = ">" if syntax == "big endian" else "<"
    is_signed = written == "signed"
    item = table(first if is_signed else first % 2**16, entries, said, signed=is_signed, order=order)
    film = read_radiograph(write_dicom(SIGNED, syntax=syntax, signed=True, VOILUTSequence=[item]))
    np.testing.assert_allclose(film.pixels, entries[np.clip(SIGNED - first, 0, 1999)] / (2**held - 1), atol=1e-6)


@pytest.mark.parametrize("first", [-300, -1])
def test_a_table_that_begins_below_an_unsigned_film_meets_it(first: int) -> None:
    """Its first entries belong to values that do not occur."""
    entries = rising(3000, 12)
    film = read_radiograph(write_dicom(FILM, VOILUTSequence=[table(first, entries, 12, signed=True)]))
    np.testing.assert_allclose(film.pixels, entries[np.clip(FILM - first, 0, 2999)] / 4095, atol=1e-6)


def test_a_first_value_of_40000_written_signed_is_40000() -> None:
    """Over a film of 16 bits that reaches there."""
    values, entries = smooth_film(16), rising(20_000, 16)
    item = table(40_000 - 2**16, entries, 16, signed=True)
    film = read_radiograph(write_dicom(values, bits=16, VOILUTSequence=[item]))
    np.testing.assert_allclose(film.pixels, entries[np.clip(values - 40_000, 0, 19_999)] / 65535, atol=1e-6)


@pytest.mark.parametrize(("held", "said"), [(8, 16), (8, 8), (16, 16)])
def test_a_palette_is_spread_over_the_bits_that_it_uses(held: int, said: int) -> None:
    """8 bits under a descriptor of 16 are the commonest palettes of all."""
    entries = np.rint(np.linspace(0, 1, 256) * (2**held - 1)).astype(np.int64)
    tags: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, said]
        tags[f"{colour}PaletteColorLookupTableData"] = entries.astype("u1" if said == 8 else "<u2").tobytes()
    values = smooth_film(8)
    film = read_radiograph(write_dicom(values, bits=8, photometric="PALETTE COLOR", **tags))
    np.testing.assert_allclose(film.pixels, values / 255, atol=1e-6)
    assert film.warnings == ("The film is stored as colour; it is read as grey.",)


MEASURING = table(0, np.rint((np.expm1(np.linspace(0, 5, 4096)) / np.expm1(5)) * 65535).astype(np.int64), 16)


@pytest.mark.parametrize("modality", ["RF", "CR", "DX", "RG"])
@pytest.mark.parametrize("relationship", ["LOG", "DISP", "log ", "Disp"])
def test_a_modality_table_for_measuring_is_left_out_of_the_display(relationship: str, modality: str) -> None:
    """The stored values are for display as they are: over their bits without a window, and with one through it."""
    tags = {"ModalityLUTSequence": [MEASURING], "PixelIntensityRelationship": relationship}
    values = FILM // 2 + 500
    film = read_radiograph(write_dicom(values, modality=modality, **tags))  # type: ignore[arg-type]
    assert np.array_equal(film.values, values)
    np.testing.assert_allclose(film.pixels, values / 4095, atol=1e-6)
    said = f"its pixel intensity relationship is {relationship.strip().upper()}); it was left out."
    assert len(film.warnings) == 1
    assert film.warnings[0].endswith(said)
    film = read_radiograph(write_dicom(values, modality=modality, WindowCenter=1500.5, WindowWidth=2001, **tags))  # type: ignore[arg-type]
    np.testing.assert_allclose(film.pixels, np.clip((values - 500) / 2000, 0, 1), atol=1e-6)
    film = read_radiograph(
        write_dicom(values, modality=modality, VOILUTSequence=[table(0, rising(4096, 12), 12)], **tags)
    )  # type: ignore[arg-type]
    np.testing.assert_allclose(film.pixels, rising(4096, 12)[values] / 4095, atol=1e-6)


@pytest.mark.parametrize("relationship", ["LIN", "", None, "OTHER"])
def test_any_other_modality_table_is_used(relationship: str | None) -> None:
    """As the standard has it."""
    film = read_radiograph(write_dicom(FILM, ModalityLUTSequence=[MEASURING], PixelIntensityRelationship=relationship))
    assert film.values.max() == 65535
    assert np.array_equal(film.values, np.frombuffer(MEASURING.LUTData, "<u2")[FILM])
    assert film.warnings == ()


@pytest.mark.parametrize("signed", [True, False])
def test_a_relationship_without_a_table_changes_nothing(signed: bool) -> None:
    """LOG is what most digital films say."""
    values = SIGNED if signed else FILM
    same = read_radiograph(write_dicom(values, signed=signed))
    film = read_radiograph(write_dicom(values, signed=signed, PixelIntensityRelationship="LOG"))
    assert np.array_equal(film.pixels, same.pixels)
    assert film.warnings == ()


MISSING = {
    "above all values": (60_000, 400),
    "below all values": (-9000, 400),
    "far too wide": (1_000_000, 2_000_000),
}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("name", MISSING)
def test_a_film_that_its_window_misses_is_shown_over_its_full_range(name: str, photometric: str) -> None:
    """The window is named with its own numbers, and can be chosen."""
    centre, width = MISSING[name]
    tags = {"WindowCenter": centre, "WindowWidth": width, "RescaleSlope": 1, "RescaleIntercept": -1000}
    film = read_radiograph(write_dicom(FILM, photometric=photometric, **tags))  # type: ignore[arg-type]
    greys = FILM / 4095
    np.testing.assert_allclose(film.pixels, 1 - greys if photometric == "MONOCHROME1" else greys, atol=1e-6)
    assert [offered.name for offered in film.windows] == ["full range", "window 1"]
    assert film.warnings == (
        f"Through the file's window 1 (centre {centre:g}, width {width:g}) nearly all of the film is one grey; all of "
        "its grey levels are shown instead. The file's window can be chosen.",
    )
    chosen = film.with_window("window 1").pixels
    assert np.ptp(chosen) < 0.06


def test_a_table_that_misses_its_film_is_named_without_numbers() -> None:
    """A VOI LUT over values that do not occur."""
    item = table(30_000, rising(4096, 12), 12)
    item.LUTExplanation = "LUNG"
    film = read_radiograph(write_dicom(FILM, VOILUTSequence=[item]))
    assert 'the file\'s window "lung" nearly all' in film.warnings[0]
    assert isinstance(film.windows[1].window, LookupTable)
    np.testing.assert_allclose(film.pixels, FILM / 4095, atol=1e-6)


def test_a_film_without_anything_to_see_keeps_its_window() -> None:
    """Noise around one value is no film, whatever its full range would make of it; nor is one value."""
    noise = 2000 + np.random.default_rng(1).integers(0, 5, FILM.shape)
    film = read_radiograph(write_dicom(noise, WindowCenter=2048, WindowWidth=4096))
    assert film.warnings == ()
    assert film.pixels.max() < 0.6
    assert len(read_radiograph(write_dicom(noise * 0 + 7, WindowCenter=2048, WindowWidth=4096)).warnings) == 1


@pytest.mark.parametrize(("centre", "width"), [(2048, 4096), (1000, 300), (3500, 900), (500, 1)])
def test_a_window_that_shows_some_of_the_film_is_kept(centre: int, width: int) -> None:
    """A narrow window is what the file says, and not for the reader's eye to judge."""
    film = read_radiograph(write_dicom(FILM, WindowCenter=centre, WindowWidth=width))
    assert film.warnings == ()
    assert [offered.name for offered in film.windows] == ["window 1"]
