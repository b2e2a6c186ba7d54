"""read_radiograph: whatever a stranger uploads becomes a Radiograph, or one sentence that says why not."""

from dataclasses import replace
from typing import Protocol

from clinicalblip.imaging.dicom import read_dicom
from clinicalblip.imaging.formats import refusal
from clinicalblip.imaging.limits import check_bytes, check_shape
from clinicalblip.imaging.picture import read_picture
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.settings import LimitSettings


class Reader(Protocol):
    """Bytes -> Radiograph, or None where they are not of the kind that it reads."""

    def __call__(self, data: bytes, limits: LimitSettings, *, allow_burned_in: bool) -> Radiograph | None:
        """Raises RadiographError, or BurnedInAnnotation, for bytes of its kind that it does not read."""


_READERS: tuple[Reader, ...] = (read_dicom, read_picture)
_LIMITS = LimitSettings()


def read_radiograph(
    data: bytes, *, limits: LimitSettings = _LIMITS, allow_burned_in: bool = False, view: View | None = None
) -> Radiograph:
    """Read a chest radiograph from the bytes of a DICOM, PNG or JPEG file, known by their content.

    `values` are the modality output (what the modality LUT or rescale makes of the stored values) shifted, and
    scaled only where it must be, so that uint16 holds it; the window is in the same units (`imaging.grey.fit` says
    how). The window is the file's VOI LUT, else its first window, else the full range of the values, padding left
    out. `view`: what the reader says that the film is; it wins over what the file says. Only values, window, view,
    spacing, digest and warnings leave: nothing of the patient, and no file is kept.

    Raises UnreadableRadiograph, UnsupportedRadiograph, RadiographTooLarge (by bytes, header or codestream, before
    anything is decoded), and BurnedInAnnotation unless `allow_burned_in`; nothing else, whatever the bytes are.
    """
    check_bytes(len(data), limits)
    for reader in _READERS:
        radiograph = reader(data, limits, allow_burned_in=allow_burned_in)
        if radiograph is not None:
            check_shape(*radiograph.values.shape)
            return radiograph if view is None else _seen_as(radiograph, view)
    raise refusal(data)


def _seen_as(radiograph: Radiograph, view: View) -> Radiograph:
    frontal = (View.PA, View.AP, View.FRONTAL)
    said, agree = radiograph.view, radiograph.view in frontal and view in frontal
    if said in (view, View.UNKNOWN) or view == View.UNKNOWN or agree:
        return replace(radiograph, view=view)
    warning = f"The file says that the film is {said}; it is read as {view}, as you said."
    return replace(radiograph, view=view, warnings=(*radiograph.warnings, warning))
