"""read_radiograph: whatever a stranger uploads becomes a Radiograph, or one sentence that says why not."""

from clinicalblip.imaging.limits import check_bytes
from clinicalblip.imaging.sandbox.pool import shared_pool
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.settings import LimitSettings

_LIMITS = LimitSettings()


def read_radiograph(
    data: bytes,
    *,
    limits: LimitSettings = _LIMITS,
    allow_burned_in: bool = False,
    view: View | None = None,
    keep_group: bool = False,
) -> Radiograph:
    """Read a chest radiograph from the bytes of a DICOM, PNG or JPEG file, known by their content.

    `values` are the modality output (what the modality LUT or rescale makes of the stored values) shifted, and
    scaled only where it must be, so that uint16 holds it; the window is in the same units (`imaging.grey.fit` says
    how). The window is the file's VOI LUT, else its first window, else the full range of the values, padding left
    out. `view`: what the reader says that the film is; it wins over what the file says. `keep_group`: whether the
    patient's age group and sex leave with the film. Nothing else of the patient does, and no file is kept.

    All of it happens in a child process of the shared pool (`imaging.pool`), which `limits.reading_seconds` and
    `limits.reading_mebibytes` hold; what it does not survive is an UnreadableRadiograph as well.

    Raises UnreadableRadiograph, UnsupportedRadiograph, RadiographTooLarge (by bytes, header or codestream, before
    anything is decoded), and BurnedInAnnotation unless `allow_burned_in`; nothing else, whatever the bytes are.
    """
    check_bytes(len(data), limits)
    return shared_pool().read(data, limits=limits, allow_burned_in=allow_burned_in, view=view, keep_group=keep_group)
