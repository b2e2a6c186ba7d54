"""The readers of each kind of file, asked in turn, in this process."""

from collections.abc import Callable

from clinicalblip.errors import RadiographTooLarge
from clinicalblip.imaging.dicom.reader import read_dicom
from clinicalblip.imaging.formats import format_error
from clinicalblip.imaging.limits import check_file_size, check_short_side
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.png_jpeg import read_png_jpeg
from clinicalblip.radiology.radiograph import Radiograph

Reader = Callable[[bytes, ReadOptions], Radiograph | None]
"""Bytes -> Radiograph, or None where they are of another kind. Raises RadiographError or BurnedInAnnotation."""

_READERS: tuple[Reader, ...] = (read_dicom, read_png_jpeg)
_DEFAULTS = ReadOptions()


def read_in_process(data: bytes, options: ReadOptions = _DEFAULTS) -> Radiograph:
    """Read as `read_radiograph` does, but in this process: no limit of time or memory holds.

    The worker processes read with it. Raises what `read_radiograph` raises.
    """
    check_file_size(len(data), options.limits)
    try:
        for reader in _READERS:
            radiograph = reader(data, options)
            if radiograph is not None:
                check_short_side(*radiograph.values.shape)
                return radiograph if options.view is None else radiograph.with_stated_view(options.view)
    except MemoryError as error:
        raise RadiographTooLarge("The film does not fit in memory. Export it smaller.") from error
    raise format_error(data)
