"""The films of IU X-RAY as they are downloaded: one archive, which is unpacked beside itself once."""

import logging
import shutil
import tarfile
import zlib
from gzip import BadGzipFile
from pathlib import Path, PurePosixPath
from typing import Final

from clinicalblip.datasets.files.atomic import make_folder_atomically
from clinicalblip.datasets.iu_xray.films import is_film
from clinicalblip.errors import DatasetError, MalformedStudy

logger = logging.getLogger(__name__)

ARCHIVES: Final = ("NLMCXR_dcm.tgz", "NLMCXR_png.tgz")  # the originals first
_LARGEST_FILM: Final = 2**28  # bytes; the largest of the 7,470 has 30 million
_MOST_FILMS: Final = 100_000


def unpack_films(source: Path) -> bool:
    """Unpack the first archive of films that the folder has into `NLMCXR_dcm/` or `NLMCXR_png/` beside it.

    The folder takes its name when the last film is in it, so that half of an archive is never taken for the whole.
    Nothing but films is unpacked, and each under its own name alone. Returns whether there was an archive. Raises
    MalformedStudy for one that breaks off, DatasetError where it cannot be unpacked.
    """
    archive = next((source / name for name in ARCHIVES if (source / name).is_file()), None)
    if archive is None:
        return False
    logger.info("Unpacking the films of %s.", archive.name)
    folder = archive.with_suffix("")
    try:
        with make_folder_atomically(folder) as part:  # find_films looks into no folder with a dot, as this one
            _unpack(archive, part)
    except (tarfile.TarError, BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise MalformedStudy(f"{archive.name} breaks off or is no archive of films; download it again.") from error
    except OSError as error:
        raise DatasetError(
            f"{archive.name} cannot be unpacked in the source folder ({error.strerror or type(error).__name__}); "
            "unpack it elsewhere and name that folder's parent as the source."
        ) from error
    return True


def _unpack(archive: Path, folder: Path) -> None:
    count = 0
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            name = PurePosixPath(member.name).name
            if not (member.isfile() and is_film(name)):
                continue
            count += 1
            if count > _MOST_FILMS or member.size > _LARGEST_FILM:
                raise ValueError
            content = tar.extractfile(member)
            if content is None:
                raise ValueError
            with (folder / name).open("wb") as film:
                shutil.copyfileobj(content, film)
