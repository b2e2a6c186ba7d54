"""read_radiograph: whatever a stranger uploads becomes a Radiograph, or one sentence that says why not."""

from pathlib import Path

from clinicalblip.errors import UnreadableRadiograph
from clinicalblip.imaging.limits import check_file_size
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.sandbox.pool import shared_pool
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.settings import LimitSettings

_DEFAULTS = ReadOptions()


def read_radiograph(data: bytes, options: ReadOptions = _DEFAULTS) -> Radiograph:
    """Read a chest radiograph from the bytes of a DICOM, PNG or JPEG file, known by their content.

    `values` are the modality output (what the modality LUT or rescale makes of the stored values) shifted, and scaled
    where it needs that, so that uint16 holds it (`imaging.grey.fit_to_uint16`). The window, in the same units, is the
    file's VOI LUT, else its first window, else the full range of the values without padding. Nothing of the patient
    leaves with the film but what `options` ask for, and no file is kept.

    The file is read in a worker process of the shared pool (`imaging.sandbox`), within the time and memory that
    `options.limits` allow; a file that the worker does not survive is an UnreadableRadiograph as well.

    Raises UnreadableRadiograph, UnsupportedRadiograph, RadiographTooLarge (by bytes, header or codestream, before
    anything is decoded), BurnedInAnnotation unless `options.allow_burned_in`, and Overloaded for a session
    of the page; nothing else, whatever the bytes are.
    """
    check_file_size(len(data), options.limits)
    return shared_pool().read(data, options)


def read_radiograph_file(path: Path, options: ReadOptions = _DEFAULTS, *, name: str = "radiograph") -> Radiograph:
    """Read a chest radiograph from a file, as `read_radiograph` does from bytes, and raise what it raises.

    Messages call the file by `name`, never by its path, which may name a patient.
    """
    return read_radiograph(read_film_bytes(path, options.limits, name=name), options)


def read_film_bytes(path: Path, limits: LimitSettings, *, name: str = "radiograph") -> bytes:
    """The bytes of a film's file, one more than the limit allows at most. Raises UnreadableRadiograph."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # reading one may wait for ever
            raise UnreadableRadiograph(f"The {name} is a pipe or a device; name a file.")
        with path.open("rb") as file:
            return file.read(limits.file_mebibytes * 2**20 + 1)  # one byte too many is enough to be refused
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UnreadableRadiograph(f"The {name} cannot be opened: {why}.") from error
