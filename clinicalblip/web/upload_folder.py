"""Uploads between the browser and the handler: files without names, known by a token, deleted once they are read.

Every server has a folder of its own under Gradio's upload folder, and holds a lock beside it. What a server that was
ended left behind has a lock that nobody holds; the next server deletes it when it starts.
"""

import math
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph
from clinicalblip.web import wording

KEPT_SECONDS: Final = 600.0
"""How long an upload waits for a call that names it."""

CLAIMED_SECONDS: Final = 3600.0
"""How long it waits once a call has: longer than anybody waits in line for the model."""

_NAME: Final = "clinicalblip-"
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


class UploadsFull(Exception):
    """All uploads together would take more bytes than they may."""


class Upload:
    """An upload that is arriving; it takes its bytes from the folder's as it grows."""

    def __init__(self, folder: "UploadFolder", path: Path) -> None:
        self._folder, self._path = folder, path
        self._file = path.open("xb")
        self.token = path.name
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append to it. Raises UploadsFull, and OSError where the disk takes no more."""
        self._folder.reserve(len(data))
        self.size += len(data)
        self._file.write(data)

    def close(self) -> None:
        """It has arrived whole."""
        self._file.close()


class UploadFolder:
    """The uploads of one server, for many threads."""

    def __init__(self, root: Path, *, most_bytes: int = 2**31) -> None:
        root.mkdir(parents=True, exist_ok=True)
        _delete_left(root)
        self.path = root / f"{_NAME}{secrets.token_hex(8)}"
        self._held = FileLock(f"{self.path}.lock")
        self._held.acquire(timeout=10)
        self.path.mkdir(mode=0o700)
        self._lock = threading.Lock()
        self._free = most_bytes
        self._ends: dict[str, tuple[float, int]] = {}
        self._claimed: set[str] = set()
        self._timer: threading.Timer | None = None

    @contextmanager
    def create(self) -> Iterator[Upload]:
        """A new upload to write into; what ends by an error is deleted at once.

        Raises OSError where it cannot be written.
        """
        upload = Upload(self, self.path / secrets.token_hex(16))
        try:
            yield upload
            upload.close()
        except BaseException:
            upload.close()
            self._delete(upload.token, upload.size)
            raise
        with self._lock:
            self._ends[upload.token] = (time.monotonic() + KEPT_SECONDS, upload.size)
        self._wait()

    def claim(self, token: str) -> None:
        """A call names this upload and will take it when its turn comes."""
        with self._lock:
            if token in self._ends and token not in self._claimed:
                self._claimed.add(token)
                self._ends[token] = (time.monotonic() + CLAIMED_SECONDS, self._ends[token][1])

    def take(self, token: Any, *, most_bytes: int) -> bytes:
        """Read an upload and delete it, even where it is refused.

        Raises UnreadableRadiograph for what is no token, or of none that is here, and RadiographTooLarge.
        """
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise UnreadableRadiograph(wording.FILM_ELSEWHERE)
        with self._lock:
            _, size = self._ends.pop(token, (0.0, -1))
        if size < 0:
            raise UnreadableRadiograph(wording.FILM_GONE)
        try:
            if size > most_bytes:
                sizes = {"found": math.ceil(size / 2**20), "allowed": most_bytes // 2**20}
                raise RadiographTooLarge(wording.FILE_TOO_LARGE.format(**sizes))
            try:
                return (self.path / token).read_bytes()
            except OSError as error:
                raise UnreadableRadiograph(wording.FILM_GONE) from error
        finally:
            self._delete(token, size)

    def delete_old(self) -> None:
        """Delete the uploads that nobody came for in time."""
        now = time.monotonic()
        with self._lock:
            old = [(token, size) for token, (end, size) in self._ends.items() if end <= now]
            for token, _ in old:
                del self._ends[token]
        for token, size in old:
            self._delete(token, size)

    def reserve(self, count: int) -> None:
        """Take that many bytes for uploads. Raises UploadsFull."""
        with self._lock:
            if count > self._free:
                raise UploadsFull
            self._free -= count

    def close(self) -> None:
        """Delete all uploads and the folder."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        shutil.rmtree(self.path, ignore_errors=True)
        self._held.release()
        Path(self._held.lock_file).unlink(missing_ok=True)

    def _delete(self, token: str, size: int) -> None:
        (self.path / token).unlink(missing_ok=True)
        with self._lock:
            self._claimed.discard(token)
            self._free += size

    def _wait(self) -> None:
        """Look again when the next upload is too old, whether or not there are further ones."""
        with self._lock:
            if self._timer is not None or not self._ends:
                return
            # Not longer than a new one is kept, which may end before those that are here.
            seconds = min(min(end for end, _ in self._ends.values()) - time.monotonic(), KEPT_SECONDS / 10)
            self._timer = threading.Timer(max(0.0, seconds) + 0.01, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with self._lock:
            self._timer = None
        self.delete_old()
        self._wait()


def _delete_left(root: Path) -> None:
    """Delete the folders of servers that were ended; a lock that can be had is held by nobody."""
    for left in root.glob(f"{_NAME}*.lock"):
        lock = FileLock(left)
        try:
            lock.acquire(timeout=0)
        except (Timeout, PermissionError):
            continue  # a server that runs, or another user's
        shutil.rmtree(left.with_suffix(""), ignore_errors=True)
        lock.release()
        left.unlink(missing_ok=True)


_folders: dict[str, UploadFolder] = {}
_folders_lock = threading.Lock()


def upload_folder() -> UploadFolder:
    """The upload folder of this process, under the one that Gradio is set to use."""
    root = _root()
    with _folders_lock:
        if root not in _folders:
            _folders[root] = UploadFolder(Path(root))
        return _folders[root]


def close_upload_folder() -> None:
    """Delete the upload folder of this process."""
    with _folders_lock:
        folder = _folders.pop(_root(), None)
    if folder is not None:
        folder.close()


def _root() -> str:
    from gradio.utils import get_upload_folder  # takes seconds to import

    return get_upload_folder()
