"""A file that one process at a time holds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clinicalblip.errors import ClinicalBlipError


@contextmanager
def lock_file(path: Path, taken: ClinicalBlipError, *, private: bool = False) -> Iterator[None]:
    """Hold a file for this process while the block lasts; raises `taken` where another one has it, and OSError.

    It is made where it is missing, `private` for its owner alone. The lock goes when its process ends, however it
    ends. On systems without file locks there is none.
    """
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600 if private else 0o666)) as lock:
        try:
            import fcntl  # not on every system
        except ImportError:
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise taken from error
        yield
