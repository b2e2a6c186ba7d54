"""read_radiograph: whatever a stranger uploads becomes a Radiograph, or one sentence that says why not."""

from clinicalblip.imaging.limits import check_file_size
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.sandbox.pool import shared_pool
from clinicalblip.radiology.radiograph import Radiograph

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
    anything is decoded), and BurnedInAnnotation unless `options.allow_burned_in`; nothing else, whatever the bytes
    are.
    """
    check_file_size(len(data), options.limits)
    return shared_pool().read(data, options)
