"""A DICOM file -> Radiograph: its tags are read, its kind is checked, its frame is decoded and made grey."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.imaging import grey
from clinicalblip.imaging.colour import is_coloured, luma
from clinicalblip.imaging.decode_errors import guarded
from clinicalblip.imaging.dicom.dataset import is_dicom
from clinicalblip.imaging.dicom.decode import Frame, decode
from clinicalblip.imaging.dicom.header import Header, read_header
from clinicalblip.imaging.dicom.modality import check_body_part, check_kind
from clinicalblip.imaging.dicom.orientation import turn_for
from clinicalblip.imaging.dicom.patient import check_age
from clinicalblip.imaging.dicom.shutter import blacken, dark_is_low, hidden_by, make_room
from clinicalblip.imaging.dicom.views import view_by
from clinicalblip.imaging.dicom.windows import offered, padding_free
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import LookupTable, NamedWindow, Radiograph, Window


def read_dicom(data: bytes, options: ReadOptions) -> Radiograph | None:
    """Read a DICOM file, with or without its preamble; None where the bytes are none.

    The film is shown as a workstation shows it: through its first VOI LUT, else its first window, else its full
    range (padding, and what a shutter hides, left out); black outside shutters and collimators; head up and, in a
    frontal film, the patient's right on the viewer's left. Overlays are never drawn into it. `values` are as
    `imaging.grey.fit` says, except that what a shutter hides has the value that is shown black, for which the others
    are raised where there is no such value. A child's film carries a warning, whatever the options say.

    Raises the RadiographErrors that `read_radiograph` names, and BurnedInAnnotation.
    """
    if not is_dicom(data):
        return None
    with guarded("its DICOM structure is damaged"):
        header = read_header(data, options.limits)
    warnings = check_kind(header) + _check_burned_in(header, allowed=options.allow_burned_in) + check_body_part(header)
    warnings += check_age(header.group.age)
    frame = decode(header, options.limits)
    hidden, said = _hidden(header, *frame.stored.shape[:2])
    warnings += said
    inverted = header.photometric == "MONOCHROME1" or header.presentation_shape == "INVERSE"
    shown = _shown_as_colour(frame, header) or _shown_as_grey(frame.stored, header, hidden, inverted=inverted)
    warnings += shown.warnings
    warnings += [f"The file's {name} is damaged and was not used." for name in header.malformed]
    values = shown.values
    seen = values if hidden is None else values[~hidden]
    if seen.min() == seen.max():
        warnings.append("Every pixel of the film has the same value: there is nothing to see.")
    if hidden is not None:
        values = blacken(values, hidden, [shown.window, *(one.window for one in shown.windows)], inverted=inverted)
    view = view_by(header.view_position, header.view_codes, header.orientation, header.described)
    spacing = header.spacing
    turn = turn_for(header.orientation, view=view, position=header.view_position)
    if turn is not None:
        values = turn.apply(values)
        spacing = (spacing[1], spacing[0]) if spacing and turn.transpose else spacing
        warnings.append(turn.warning)
    return Radiograph(
        values=values,
        window=shown.window,
        inverted=inverted,
        view=view,
        spacing_mm=spacing,
        digest=digest(values),
        warnings=tuple(warnings),
        windows=tuple(shown.windows),
        spacing_kind=header.spacing_kind,
        says_burned_in=header.burned_in == "YES",
        patient=header.group if options.keep_age_and_sex else None,
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


def _hidden(header: Header, rows: int, columns: int) -> tuple[NDArray[np.bool_] | None, list[str]]:
    """What shutter and collimator hide, None where that is nothing, and what was wrong with them."""
    hidden, said = np.zeros((rows, columns), dtype=np.bool_), []
    for name, shapes in (("display shutter", header.shutters), ("collimator", header.collimators)):
        outside = hidden_by(shapes, rows, columns) if shapes else False
        if outside is None:
            said.append(f"The file's {name} would hide nearly all of the film and was not used.")
        else:
            hidden |= outside
    return hidden if hidden.any() and not hidden.all() else None, said


@dataclass(frozen=True, eq=False)
class _Shown:
    values: NDArray[np.uint16]
    window: Window | LookupTable
    windows: list[NamedWindow]
    warnings: list[str]


def _shown_as_colour(frame: Frame, header: Header) -> _Shown | None:
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
    said = f"The film is {found}; it is read as grey."
    return _Shown(luma(rgb), Window(full / 2, full, "linear_exact"), [], [said])


def _shown_as_grey(
    stored: NDArray[np.integer[Any]], header: Header, hidden: NDArray[np.bool_] | None, *, inverted: bool
) -> _Shown:
    scaled, warnings = _modality(stored, header)
    signed = scaled.offset < 0 or (header.signed and header.modality_table is None)
    seen = None if header.padding is None else padding_free(stored, header.padding, header.bits_allocated)
    if hidden is not None:
        seen = ~hidden if seen is None or not (seen & ~hidden).any() else seen & ~hidden
    window, windows, said = _windows(scaled, header, seen, signed=signed)
    if hidden is not None and dark_is_low(window, inverted=inverted):
        raised = make_room(scaled, hidden, [window, *(one.window for one in windows)])
        if raised is not scaled:
            scaled = raised
            window, windows, _ = _windows(scaled, header, seen, signed=signed)
    return _Shown(scaled.values, window, windows, warnings + said)


def _modality(stored: NDArray[np.integer[Any]], header: Header) -> tuple[grey.Scaled, list[str]]:
    if header.modality_table is not None:
        return grey.fit(header.modality_table.look_up(stored)), []
    if header.rescale is None:
        return grey.fit(stored), []
    slope, intercept = header.rescale
    if slope == 0:
        return grey.fit(stored), ["The file's rescale slope is 0, which would erase the film; it was not used."]
    return grey.fit(stored, slope, intercept), []


def _windows(
    scaled: grey.Scaled, header: Header, seen: NDArray[np.bool_] | None, *, signed: bool
) -> tuple[Window | LookupTable, list[NamedWindow], list[str]]:
    windows, impossible = offered(header.voi_tables, header.windows, header.voi_function, scaled, signed=signed)
    if windows:
        said = "One of the file's windows cannot be (its width is too small) and was not used."
        return windows[0].window, windows, [said] if impossible else []
    said = "The file's window cannot be (its width is too small); all of its grey levels are shown."
    return grey.full_range(scaled.values, seen), [], [said] if impossible else []
