"""Which study and patient a film belongs to, without decoding it."""

from pathlib import Path
from typing import Final

from clinicalblip.errors import RadiographError, UnreadableRadiograph
from clinicalblip.imaging.dicom.dataset import is_dicom
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.imaging.sandbox.pool import shared_pool
from clinicalblip.settings import LimitSettings

_LOOKED_AT: Final = 40_000
_HEAD: Final = 2**20
"""Bytes of a file in which its tags stand; what is behind them are pixels."""


def read_entry_of_file(path: Path, key: bytes, limits: LimitSettings) -> FilmEntry | None:
    """Which study and patient a DICOM file belongs to, by digests under `key`; None for another kind of file.

    Its tags are read in a worker process, from which the digests alone come back. Raises RadiographError for a DICOM
    file that is damaged or no radiograph, and for one that cannot be opened.
    """
    try:
        if not path.is_file():  # a pipe or a device: reading it may wait for ever
            return None
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT)
            if not is_dicom(head):
                return None
            head += file.read(_HEAD - len(head))
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UnreadableRadiograph(f"The film cannot be opened: {why}.") from error
    return shared_pool().read_entry(head, key, limits)


def read_entry_of_bytes(data: bytes, key: bytes, limits: LimitSettings) -> FilmEntry | None:
    """The same of a film that came as bytes; None also where its tags cannot be read, so that nothing is known of it.

    Raises Overloaded where too many wait.
    """
    if not is_dicom(data[:_LOOKED_AT]):
        return None
    try:
        return shared_pool().read_entry(data[:_HEAD], key, limits)
    except RadiographError:  # whoever reads the film says what is wrong with it
        return None
