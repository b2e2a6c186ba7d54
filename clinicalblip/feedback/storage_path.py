"""Where the reviews file is kept, with or without a path in the settings, and whether reviews persist."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from clinicalblip.errors import SettingsError
from clinicalblip.settings import Settings

FILE = "reviews.sqlite3"


@dataclass(frozen=True)
class StoragePath:
    """The path of the reviews file, beside which lies what else the page keeps.

    `notice` is a sentence for the owner where reviews are not `persistent`, else empty.
    """

    path: Path
    persistent: bool
    notice: str = ""


def find_storage_path(
    settings: Settings, environment: Mapping[str, str] = os.environ, *, space_disk: Path = Path("/data")
) -> StoragePath:
    """Choose the path of the reviews file; where the settings name none, its folder is created.

    A path in the settings is taken as it is, relative to the settings file's folder. Otherwise it is on the persistent
    disk of a Space (where SPACE_ID is set), elsewhere in the user's data folder, and where that cannot be written in a
    cache folder, which is not persistent unless reviews are kept in another database or copied to a bucket. Raises
    SettingsError when there is no writable folder at all.
    """
    named = settings.storage.reviews
    if named is not None:
        return StoragePath(settings.folder / named.expanduser(), persistent=True)
    on_space = bool(environment.get("SPACE_ID"))
    if on_space and space_disk.is_dir() and _takes_files(space_disk):
        return StoragePath(space_disk / FILE, persistent=True)
    if not on_space:
        data = user_data_path("clinicalblip", appauthor=False)
        if _takes_files(data):
            return StoragePath(data / FILE, persistent=True)
    for folder in _cache_folders(environment):
        if _takes_files(folder):
            if settings.storage.url is not None or settings.storage.bucket is not None:
                return StoragePath(folder / FILE, persistent=True)
            return StoragePath(folder / FILE, persistent=False, notice=_SPACE_NOTICE if on_space else _CACHE_NOTICE)
    raise SettingsError("No folder for the reviews can be written; name a file in one as storage.reviews.")


_SPACE_NOTICE = (
    "To the owner of this Space: its disk does not last, and reviews will be lost when it restarts; attach persistent "
    "storage and name a file on it as storage.reviews in spaces_config.yaml."
)
_CACHE_NOTICE = (
    "To the owner of this page: your data folder cannot be written, so reviews lie in a cache folder and may be lost; "
    "name a file that lasts as storage.reviews in spaces_config.yaml."
)


def _cache_folders(environment: Mapping[str, str]) -> Iterator[Path]:
    for variable in ("XDG_CACHE_HOME", "HF_HOME"):
        if environment.get(variable):
            yield Path(environment[variable]).absolute() / "clinicalblip"
    home = environment.get("HOME")
    yield (Path(home).absolute() if home else Path("~").expanduser()) / ".cache" / "clinicalblip"


def _takes_files(folder: Path) -> bool:
    """Try to write: permissions do not show read-only and full disks."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
