"""The bytes of an upload, taken out of Gradio's cache: read once and deleted, whatever then becomes of them."""

import contextlib
import os
import stat
from pathlib import Path

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph
from clinicalblip.web import wording


def take_upload(path: str, folder: Path, *, most_bytes: int) -> bytes:
    """Read an uploaded file and delete it with the folder that Gradio made for it.

    Gradio keeps an upload under its own name, where anyone who knows the address can fetch it, so nothing stays.
    Raises UnreadableRadiograph for a path outside the upload folder, a link, or a file that is not there, and
    RadiographTooLarge above `most_bytes`.
    """
    file, root = Path(os.path.abspath(path)), Path(os.path.abspath(folder))
    inside = [part for part in (file, *file.parents) if root in part.parents]
    if file not in inside or any(part.is_symlink() for part in inside):
        raise UnreadableRadiograph(wording.FILM_ELSEWHERE)
    try:
        with file.open("rb") as opened:
            found = os.fstat(opened.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise UnreadableRadiograph(wording.FILM_GONE)
            if found.st_size > most_bytes:
                raise RadiographTooLarge(
                    wording.FILE_TOO_LARGE.format(found=-(-found.st_size // 2**20), allowed=most_bytes // 2**20)
                )
            return opened.read()
    except OSError as error:
        raise UnreadableRadiograph(wording.FILM_GONE) from error
    finally:
        delete_upload(file, root)


def delete_upload(file: Path, root: Path) -> None:
    """Delete an uploaded file, and the folder around it where that is empty then."""
    with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
        file.unlink()
    with contextlib.suppress(OSError):  # another upload lies in it
        if file.parent != root:
            file.parent.rmdir()
