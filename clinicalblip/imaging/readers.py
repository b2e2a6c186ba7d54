"""The readers of each kind of file, asked in turn, in this process."""

from dataclasses import replace
from typing import Protocol

from clinicalblip.errors import RadiographTooLarge
from clinicalblip.imaging.dicom.reader import read_dicom
from clinicalblip.imaging.formats import refusal
from clinicalblip.imaging.limits import check_bytes, check_shape
from clinicalblip.imaging.png_jpeg import read_picture
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.settings import LimitSettings


class Reader(Protocol):
    """Bytes -> Radiograph, or None where they are not of the kind that it reads."""

    def __call__(
        self, data: bytes, limits: LimitSettings, *, allow_burned_in: bool, keep_group: bool
    ) -> Radiograph | None:
        """Raises RadiographError, or BurnedInAnnotation, for bytes of its kind that it does not read."""


_READERS: tuple[Reader, ...] = (read_dicom, read_picture)
_LIMITS = LimitSettings()


def read_here(
    data: bytes,
    *,
    limits: LimitSettings = _LIMITS,
    allow_burned_in: bool = False,
    view: View | None = None,
    keep_group: bool = False,
) -> Radiograph:
    """Read as `read_radiograph` does, in this process: without its limits of time and memory.

    For films that are trusted, those of a data set, and for the child itself.
    """
    check_bytes(len(data), limits)
    try:
        for reader in _READERS:
            radiograph = reader(data, limits, allow_burned_in=allow_burned_in, keep_group=keep_group)
            if radiograph is not None:
                check_shape(*radiograph.values.shape)
                return radiograph if view is None else _seen_as(radiograph, view)
    except MemoryError as error:
        raise RadiographTooLarge("The film does not fit in memory. Export it smaller.") from error
    raise refusal(data)


def _seen_as(radiograph: Radiograph, view: View) -> Radiograph:
    frontal = (View.PA, View.AP, View.FRONTAL)
    said, agree = radiograph.view, radiograph.view in frontal and view in frontal
    if said in (view, View.UNKNOWN) or view == View.UNKNOWN or agree:
        return replace(radiograph, view=view)
    warning = f"The file says that the film is {said}; it is read as {view}, as you said."
    return replace(radiograph, view=view, warnings=(*radiograph.warnings, warning))
