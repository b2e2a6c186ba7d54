"""The keys of the digests that name studies, and readers: one of each for each place where reviews are kept."""

import os
import secrets
from pathlib import Path
from typing import Final

from clinicalblip.errors import DatasetError
from clinicalblip.worklist import wording

_BYTES: Final = 32


def read_or_make_key(path: Path, of: str = "the work list") -> bytes:
    """The key in a file that its owner alone can read, made where it is missing. Raises DatasetError, which says `of`.

    Whoever has a study's id and this key can find the study's reviews; with the digests alone nobody can try ids.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(_BYTES))
        except FileExistsError:
            pass
        key = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DatasetError(wording.KEY_UNREADABLE.format(of=of, reason=reason)) from error
    if len(key) != _BYTES:
        reason = f"it is not whole; remove the file {path.name} there"
        raise DatasetError(wording.KEY_UNREADABLE.format(of=of, reason=reason))
    return key
