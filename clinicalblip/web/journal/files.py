"""The files of the journal: encrypted with a key that only the reader's browser can bring back.

Name and key of a file are made of the session's secret, which is made of the reader's token and is kept nowhere: the
disk alone tells nobody what a file holds, or whose it is. A file that is cut, altered, swapped with another one or of
another version does not decrypt, and is no file.
"""

import hmac
import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinicalblip.web.steady_clock import SteadyClock

_MARK: Final = b"clinicalblip session 1\n"
_NONCE_BYTES: Final = 12
_MOST_FILES: Final = 2000
_SWEEP_SECONDS: Final = 600.0
_PARTIAL: Final = ".partial"


class UnreadableJournal(Exception):
    """There is a file of this session, and it does not decrypt."""


class JournalFiles:
    """A folder of files, each gone `hours` after it was last written; made when the first is.

    Written before what it holds is acknowledged, so that a killed process loses none of it. It is not flushed to the
    disk each time: a power cut may lose the last of it. Hours are counted from the clock as it was when the process
    began: a server's clock that is set forward or back in its run takes nobody's file.
    """

    def __init__(self, folder: Path, *, hours: float) -> None:
        self._folder, self._seconds = folder, hours * 3600
        self._swept = 0.0
        self._clock = SteadyClock()
        self._lock = threading.Lock()

    def write(self, secret: bytes, data: bytes) -> None:
        """Put data in the place of what is there under this secret. Raises OSError."""
        path = self._path(secret)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(_key(secret)).encrypt(nonce, data, _MARK + path.name.encode())
        partial = path.with_suffix(f".{secrets.token_hex(4)}{_PARTIAL}")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_MARK + nonce + sealed)
        os.utime(partial, (self._clock.now(), self._clock.now()))
        partial.replace(path)

    def read(self, secret: bytes) -> bytes | None:
        """What is there under this secret; None where nothing is, or no longer. Raises UnreadableJournal."""
        path = self._path(secret)
        try:
            if self._clock.now() - path.stat().st_mtime > self._seconds:
                path.unlink(missing_ok=True)
                return None
            content = path.read_bytes()
        except OSError:
            return None
        sealed = content.removeprefix(_MARK)
        if len(sealed) == len(content) or len(sealed) <= _NONCE_BYTES:
            raise UnreadableJournal
        try:
            return AESGCM(_key(secret)).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _MARK + path.name.encode()
            )
        except InvalidTag as error:
            raise UnreadableJournal from error

    def remove(self, secret: bytes) -> None:
        """Nothing is kept under this secret any more."""
        with suppress(OSError):
            self._path(secret).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove the files whose time is over, those that a killed process left unfinished, and the oldest of many."""
        with self._lock:
            if time.monotonic() - self._swept < _SWEEP_SECONDS and self._swept:
                return
            self._swept = time.monotonic()
        with suppress(OSError):
            known = sorted((path.stat().st_mtime, path) for path in self._folder.iterdir() if path.is_file())
            oldest = self._clock.now() - self._seconds
            for place, (at, path) in enumerate(known):
                unfinished = path.suffix == _PARTIAL and at < self._clock.now() - 60
                if at < oldest or unfinished or place < len(known) - _MOST_FILES:
                    path.unlink(missing_ok=True)

    def _path(self, secret: bytes) -> Path:
        return self._folder / hmac.digest(secret, b"journal file", "sha256").hex()


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"journal key", "sha256")
