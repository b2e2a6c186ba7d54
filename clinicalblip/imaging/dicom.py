"""A DICOM file -> Radiograph: its tags are read, its kind is checked, its frame is decoded and made grey."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.imaging import grey
from clinicalblip.imaging.colour import is_coloured, luma
from clinicalblip.imaging.decode import Frame, decode
from clinicalblip.imaging.digest import digest
from clinicalblip.imaging.guard import guarded
from clinicalblip.imaging.header import Header, is_dicom, read_header
from clinicalblip.imaging.kinds import check_body_part, check_kind, view_of
from clinicalblip.radiology.radiograph import LookupTable, Radiograph, Window
from clinicalblip.settings import LimitSettings


def read_dicom(data: bytes, limits: LimitSettings, *, allow_burned_in: bool) -> Radiograph | None:
    """Read a DICOM file with its preamble; None where the bytes are none.

    Raises the RadiographErrors that `read_radiograph` names, and BurnedInAnnotation.
    """
    if not is_dicom(data):
        return None
    with guarded("its DICOM structure is damaged"):
        header = read_header(data, limits)
    warnings = check_kind(header) + _check_burned_in(header, allowed=allow_burned_in) + check_body_part(header)
    frame = decode(header, limits)
    scaled, window, said = _shown_as_colour(frame, header) or _shown_as_grey(frame.stored, header)
    warnings += said
    warnings += [f"The file's {name} is damaged and was not used." for name in header.malformed]
    if scaled.values.min() == scaled.values.max():
        warnings.append("Every pixel of the film has the same value: there is nothing to see.")
    return Radiograph(
        values=scaled.values,
        window=window,
        inverted=header.photometric == "MONOCHROME1" or header.presentation_shape == "INVERSE",
        view=view_of(header),
        spacing_mm=header.spacing,
        digest=digest(scaled.values),
        warnings=tuple(warnings),
    )


def _check_burned_in(header: Header, *, allowed: bool) -> list[str]:
    if header.burned_in != "YES":
        return []
    if not allowed:
        raise BurnedInAnnotation(
            "The file says that text is burned into its picture, which may show who the patient is. Mask it and "
            "mark the file so, or let the settings allow it (privacy: allow_burned_in)."
        )
    return ["The file says that text is burned into its picture: it may show who the patient is."]


Shown = tuple[grey.Scaled, Window | LookupTable, list[str]]


def _shown_as_colour(frame: Frame, header: Header) -> Shown | None:
    """Colour and palettes as grey, and it is said; None for one sample a pixel.

    They are for display already: no rescale and no window belongs to them (PS3.3 C.7.6.3.1.2).
    """
    if header.palette is not None:
        rgb: NDArray[Any] = np.stack([table.look_up(frame.stored) for table in header.palette], axis=-1)
        full = 2 ** max(table.bits for table in header.palette) - 1
    elif header.photometric == "PALETTE COLOR":
        raise UnsupportedRadiograph("The film's colour palette cannot be read. Export the film as grey.")
    elif frame.is_colour:
        rgb, full = frame.stored, 2**header.bits_stored - 1
    else:
        return None
    found = "a colour picture" if is_coloured(rgb, full=full) else "stored as colour"
    return (
        grey.Scaled(luma(rgb), 0.0, 1.0),
        Window(full / 2, full, "linear_exact"),
        [f"The film is {found}; it is read as grey."],
    )


def _shown_as_grey(stored: NDArray[np.integer[Any]], header: Header) -> Shown:
    scaled, said = _modality(stored, header)
    window, more = _window(stored, scaled, header)
    return scaled, window, said + more


def _modality(stored: NDArray[np.integer[Any]], header: Header) -> tuple[grey.Scaled, list[str]]:
    if header.modality_table is not None:
        return grey.fit(header.modality_table.look_up(stored)), []
    if header.rescale is None:
        return grey.fit(stored), []
    slope, intercept = header.rescale
    if slope == 0:
        return grey.fit(stored), ["The file's rescale slope is 0, which would erase the film; it was not used."]
    return grey.fit(stored, slope, intercept), []


def _window(
    stored: NDArray[np.integer[Any]], scaled: grey.Scaled, header: Header
) -> tuple[Window | LookupTable, list[str]]:
    if header.voi_table is not None:
        signed = scaled.offset < 0 or (header.signed and header.modality_table is None)
        return grey.lookup(header.voi_table, scaled, signed=signed), []
    said = []
    if header.window is not None:
        window = grey.window(*header.window, header.voi_function, scaled)
        if window is not None:
            return window, []
        said.append("The file's window cannot be (its width is too small); all of its grey levels are shown.")
    return grey.full_range(scaled.values, _shown(stored, header)), said


def _shown(stored: NDArray[np.integer[Any]], header: Header) -> NDArray[np.bool_] | None:
    """Where the film is no padding, PS3.3 C.7.5.1.1.2; None where the file names none."""
    if header.padding is None:
        return None
    low, high = sorted(_as_stored(value, header) for value in header.padding)
    return np.asarray((stored < low) | (stored > high))


def _as_stored(value: int, header: Header) -> int:
    """The padding value with the sign of the pixels: files write it signed and unsigned alike."""
    value %= 2**header.bits_allocated
    return value - 2**header.bits_allocated if header.signed and value >= 2 ** (header.bits_allocated - 1) else value
