"""A DICOM file -> Radiograph: its tags are read, its modality is checked, its frame is decoded and made grey."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.imaging import grey
from clinicalblip.imaging.colour import is_coloured, luma
from clinicalblip.imaging.decode_errors import translate_errors
from clinicalblip.imaging.dicom.dataset import is_dicom
from clinicalblip.imaging.dicom.decode import decode_frame
from clinicalblip.imaging.dicom.header import Geometry, GreyTransforms, Header, Identity, Pixels, read_header
from clinicalblip.imaging.dicom.modality import check_body_part, check_modality
from clinicalblip.imaging.dicom.orientation import reorientation_for
from clinicalblip.imaging.dicom.patient import check_age
from clinicalblip.imaging.dicom.shutter import blacken, hidden_mask, is_dark_low, raise_values
from clinicalblip.imaging.dicom.views import find_view, is_lying_on_side
from clinicalblip.imaging.dicom.windows import free_name, not_padding, offered_windows
from clinicalblip.imaging.grey import StoredValues
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import LookupTable, NamedWindow, Radiograph, Window

Mask = NDArray[np.bool_]

_HALF_RESCALE = "The file states only one of rescale slope and intercept; it was not used."
_LOST_WINDOWS = (
    "The file's windows belong to a rescale or modality LUT that could not be used, and were not used either; all grey "
    "levels are shown."
)


def read_dicom(data: bytes, options: ReadOptions) -> Radiograph | None:
    """Read a DICOM file, with or without its preamble; None where the bytes are of another kind.

    The film is shown as a workstation shows it: through its first VOI LUT, else its first window, else its full
    range (padding, and what a shutter hides, left out); black outside shutters and collimators; head up and, in a
    frontal film, the patient's right on the viewer's left. Overlays are never drawn into it.

    `values` are as `imaging.grey.fit_to_uint16` says, except behind shutters: there they have the value that is shown
    black, for which the others are raised where there is no such value. A child's film carries a warning.

    Raises the RadiographErrors that `read_radiograph` names, and BurnedInAnnotation.
    """
    if not is_dicom(data):
        return None
    with translate_errors("its DICOM structure is damaged"):
        header = read_header(data, options.limits)
    warnings = check_modality(header.identity)
    warnings += _check_burned_in(header.identity, allowed=options.allow_burned_in)
    warnings += check_body_part(header.identity)
    warnings += check_age(header.patient.age)
    frame = decode_frame(header.pixels, options.limits)
    stored = frame.values
    warnings += frame.warnings
    hidden, shutter_warnings = _hidden(header.geometry, *stored.shape[:2])
    warnings += shutter_warnings
    greys = _colour_as_grey(stored, header.pixels) or _grey(stored, header, hidden)
    warnings += greys.warnings
    warnings += [f"The file's {keyword} is damaged and was not used." for keyword in header.malformed]
    values = greys.values
    shown = values if hidden is None else values[~hidden]
    if shown.min() == shown.max():
        warnings.append("Every pixel of the film has the same value: there is nothing to see.")
    if hidden is not None:
        values = blacken(values, hidden, greys.all_windows, inverted=header.is_inverted)
    positioning, spacing = header.positioning, header.geometry.spacing
    positions = positioning.view_positions
    view = find_view(positions, positioning.view_codes, positioning.orientation, positioning.described_view)
    reorientation = reorientation_for(positioning.orientation, view=view, is_lying=is_lying_on_side(positions))
    if reorientation is not None:
        values = reorientation.apply(values)
        spacing = (spacing[1], spacing[0]) if spacing and reorientation.transpose else spacing
        warnings.append(reorientation.warning)
    return Radiograph(
        values=values,
        window=greys.window,
        inverted=header.is_inverted,
        view=view,
        spacing_mm=spacing,
        digest=digest(values),
        warnings=tuple(warnings),
        windows=tuple(greys.windows),
        spacing_kind=header.geometry.spacing_kind,
        says_burned_in=header.identity.burned_in_annotation == "YES",
        patient=header.patient if options.keep_age_and_sex else None,
    )


def _check_burned_in(identity: Identity, *, allowed: bool) -> list[str]:
    if identity.burned_in_annotation != "YES":
        return []
    if not allowed:
        raise BurnedInAnnotation(
            "The file says that text is burned into its picture, which may show who the patient is. Mask it and "
            "mark the file so, or let the settings allow it (privacy: allow_burned_in)."
        )
    return ["The file says that text is burned into its picture: it may show who the patient is."]


def _hidden(geometry: Geometry, rows: int, columns: int) -> tuple[Mask | None, list[str]]:
    """What shutters and collimators hide, None where that is nothing, and the warnings about them."""
    hidden, warnings = np.zeros((rows, columns), dtype=np.bool_), []
    for name, shapes in (("display shutter", geometry.shutters), ("collimator", geometry.collimators)):
        outside = hidden_mask(shapes, rows, columns) if shapes else False
        if outside is None:
            warnings.append(f"The file's {name} would hide nearly all of the film and was not used.")
        else:
            hidden |= outside
    return hidden if hidden.any() and not hidden.all() else None, warnings


@dataclass(frozen=True, eq=False)
class _Greys:
    """Values, the window that shows them, all windows that the file offers, and the warnings about them."""

    values: NDArray[np.uint16]
    window: Window | LookupTable
    windows: list[NamedWindow]
    warnings: list[str]

    @property
    def all_windows(self) -> list[Window | LookupTable]:
        return [self.window, *(offered.window for offered in self.windows)]


def _colour_as_grey(stored: StoredValues, pixels: Pixels) -> _Greys | None:
    """Colour and palettes as grey, with a warning; None for one sample a pixel.

    They are for display already: no rescale and no window belongs to them (PS3.3 C.7.6.3.1.2).
    """
    if pixels.palette is not None:
        rgb: NDArray[Any] = np.stack([lut.apply(stored) for lut in pixels.palette], axis=-1)
        full = 2 ** max(lut.depth for lut in pixels.palette) - 1
    elif pixels.photometric == "PALETTE COLOR":
        raise UnsupportedRadiograph("The film's colour palette cannot be read. Export the film as grey.")
    elif stored.ndim == 3:
        rgb, full = stored, 2**pixels.bits_stored - 1
    else:
        return None
    found = "a colour picture" if is_coloured(rgb, full=full) else "stored as colour"
    warning = f"The film is {found}; it is read as grey."
    return _Greys(luma(rgb), Window(full / 2, full, "linear_exact"), [], [warning])


def _grey(stored: StoredValues, header: Header, hidden: Mask | None) -> _Greys:
    pixels, transforms = header.pixels, header.greys
    scaled, warnings = _modality_output(stored, transforms)
    signed = scaled.offset < 0 or (pixels.signed and transforms.modality_lut is None)
    shown = None if pixels.padding is None else not_padding(stored, pixels.padding, pixels.bits_allocated)
    if hidden is not None:
        shown = ~hidden if shown is None or not (shown & ~hidden).any() else shown & ~hidden
    greys = _windowed(scaled, transforms, shown, signed=signed)
    if transforms.measuring_only is not None and not greys.windows:
        greys = replace(greys, window=grey.storable_range(scaled, pixels.bits_stored, signed=pixels.signed))
    if hidden is not None and is_dark_low(greys.window, inverted=header.is_inverted):
        raised = raise_values(scaled, hidden, greys.all_windows)
        if raised is not scaled:
            greys = _windowed(raised, transforms, shown, signed=signed)
    return _Greys(greys.values, greys.window, greys.windows, warnings + greys.warnings)


def _modality_output(stored: StoredValues, transforms: GreyTransforms) -> tuple[grey.ScaledValues, list[str]]:
    warnings = []
    if transforms.measuring_only is not None:
        warnings.append(
            "The file's modality LUT is for measuring and not for looking at the film (its pixel intensity "
            f"relationship is {transforms.measuring_only}); it was left out."
        )
    if transforms.modality_lut is not None:
        return grey.fit_to_uint16(transforms.modality_lut.apply(stored)), warnings
    if transforms.rescale is None:
        return grey.fit_to_uint16(stored), warnings
    slope, intercept = transforms.rescale
    if slope == 0:
        warnings.append("The file's rescale slope is 0, which would erase the film; it was not used.")
        return grey.fit_to_uint16(stored), warnings
    return grey.fit_to_uint16(stored, slope, intercept), warnings


def _windowed(scaled: grey.ScaledValues, transforms: GreyTransforms, shown: Mask | None, *, signed: bool) -> _Greys:
    """The values with the windows that the file offers, or their full range where it offers none that can be used."""
    full = grey.full_range(scaled.values, shown)
    if transforms.is_modality_lost or _erases(transforms):
        has_windows = transforms.voi_luts or transforms.windows or transforms.broken_windows
        warnings = [_HALF_RESCALE] if transforms.is_rescale_half else []
        return _Greys(scaled.values, full, [], warnings + ([_LOST_WINDOWS] if has_windows else []))
    windows, impossible = offered_windows(
        transforms.voi_luts, transforms.windows, transforms.voi_function, scaled, signed=signed
    )
    warnings = _table_warnings(transforms)
    for count, fault in ((impossible, "cannot be (its width is too small)"), (transforms.broken_windows, "is damaged")):
        if count and windows:
            warnings.append(f"One of the file's windows {fault} and was not used.")
        elif count:
            warnings.append(f"The file's window {fault}; all of its grey levels are shown.")
    if not windows:
        return _Greys(scaled.values, full, [], warnings)
    if grey.misses(windows[0].window, scaled.values, shown):
        warnings.append(
            f"Through the file's {_described(windows[0].name, transforms)} nearly all of the film is one grey; all of "
            "its grey levels are shown instead. The file's window can be chosen."
        )
        windows = [NamedWindow(free_name("full range", windows), full), *windows]
    return _Greys(scaled.values, windows[0].window, windows, warnings)


def _erases(transforms: GreyTransforms) -> bool:
    """Whether the rescale would make one value of all. A slope and an intercept of 0 both stand for no rescale."""
    if transforms.rescale is None or transforms.modality_lut is not None:
        return False
    slope, intercept = transforms.rescale
    return slope == 0 and intercept != 0


def _table_warnings(transforms: GreyTransforms) -> list[str]:
    shallow = next((stated.lut for stated in transforms.voi_luts if stated.lut.depth < stated.lut.bits), None)
    if shallow is None:
        return []
    return [
        f"The file's VOI LUT says that its greys have {shallow.bits} bits; they have {shallow.depth}, and were read so."
    ]


def _described(name: str, transforms: GreyTransforms) -> str:
    """The first window that a file offers, by its name, and in the file's own numbers where it has any."""
    called = name if name.startswith("window ") else f'window "{name}"'
    if transforms.voi_luts or not transforms.windows:
        return called
    first = transforms.windows[0]
    return f"{called} (centre {first.centre:g}, width {first.width:g})"
