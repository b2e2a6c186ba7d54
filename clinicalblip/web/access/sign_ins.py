"""Who is signed in: readers by a hash of the token that their browser keeps.

Sign-ins outlive the server, as files in a folder of their own, because what a reader has not saved does: it comes back
under the token that they have (journal/), and with a new one it would be out of reach. A file's name is a hash of
the token, and nothing in it leads to the token or to an account. Signing out removes the file, so that the token is
worthless for good, which a signed cookie's would not be. Without a folder nothing outlives the server.
"""

import logging
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.access.tokens import make_token, token_key
from clinicalblip.web.steady_clock import SteadyClock

_LOG = logging.getLogger(__name__)
MOST: Final = 5000
"""Sign-ins at once; of more those go that are oldest."""


@dataclass(frozen=True)
class SignIn:
    """One sign-in. `begun`: seconds since 1970. `settings`: a digest of those that it was made under."""

    reader: SignedIn
    begun: float
    settings: str


_SIGN_INS: Final = TypeAdapter(SignIn)


class SignIns:
    """The sign-ins of one server, each worth something for `hours`; safe to use from several threads.

    `settings`: a digest of what decides who may sign in; those made under others are worthless. Hours are counted from
    the clock as it was when the process began, and none lasts longer than that from then on: a clock that is set
    forward or back takes nobody's sign-in while the server runs, and lengthens none past a restart and `hours`.
    """

    def __init__(self, hours: float, settings: str, folder: Path | None = None) -> None:
        self._seconds, self._settings, self._folder = hours * 3600, settings, folder
        self._clock = SteadyClock()
        self._of: OrderedDict[str, SignIn] = OrderedDict()  # oldest first
        self._replaced: OrderedDict[str, None] = OrderedDict()  # oldest first
        self._lock = threading.Lock()
        if folder is not None:
            self._read(folder)

    def begin(self, reader: SignedIn, token: str = "") -> str:
        """Sign a reader in, and return their token: `token`, a new one without."""
        token = token or make_token()
        key, made = token_key(token), SignIn(reader, self._clock.now(), self._settings)
        with self._lock:
            self._of[key] = made
            gone = [self._of.popitem(last=False)[0] for _ in range(len(self._of) - MOST)]
            gone += [old for old, each in self._of.items() if self._is_over(each)]
            for old in gone:
                self._of.pop(old, None)
                self._remove(old)
            self._write(key, made)
        return token

    def find(self, token: str) -> SignedIn | None:
        """Who has this token; None for nobody, and once its hours are over."""
        with self._lock:
            found = self._of.get(token_key(token))
        return None if found is None or self._is_over(found) else found.reader

    def end(self, token: str) -> None:
        """This token is worth nothing any more."""
        with self._lock:
            self._of.pop(token_key(token), None)
            self._remove(token_key(token))

    def end_all(self, reader_key: str) -> list[str]:
        """All tokens of this reader are worth nothing any more; gives what stands for each (`token_key`)."""
        with self._lock:
            over = [key for key, each in self._of.items() if each.reader.reader_key == reader_key]
            for key in over:
                self._of.pop(key)
                self._remove(key)
                self._replaced[key] = None
            while len(self._replaced) > MOST:
                self._replaced.popitem(last=False)
        return over

    def is_replaced(self, token: str) -> bool:
        """Whether this token was ended because its reader came with another one, since the server began."""
        return token_key(token) in self._replaced

    def __len__(self) -> int:
        """How many there are."""
        return len(self._of)

    def _is_over(self, sign_in: SignIn) -> bool:
        return self._clock.now() - sign_in.begun >= self._seconds

    def _read(self, folder: Path) -> None:
        found: list[tuple[str, SignIn]] = []
        with suppress(OSError):
            for path in folder.iterdir():
                try:
                    sign_in = _SIGN_INS.validate_json(path.read_bytes())
                except (OSError, ValidationError):
                    sign_in = None  # half written, or of another version
                if sign_in is None or sign_in.settings != self._settings or self._is_over(sign_in):
                    with suppress(OSError):
                        path.unlink(missing_ok=True)
                    continue
                begun = min(sign_in.begun, self._clock.now())  # the clock was set back
                found.append((path.name, SignIn(sign_in.reader, begun, sign_in.settings)))
        self._of.update(sorted(found, key=lambda each: each[1].begun)[-MOST:])

    def _write(self, key: str, sign_in: SignIn) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open_atomically(self._folder / key, "wb", private=True, sync=False) as file:
                file.write(_SIGN_INS.dump_json(sign_in))
        except OSError as error:  # it goes with the server then
            _LOG.error("a sign-in could not be kept on the disk: %s", type(error).__name__)

    def _remove(self, key: str) -> None:
        if self._folder is None:
            return
        try:
            (self._folder / key).unlink(missing_ok=True)
        except OSError as error:
            _LOG.error("a sign-in could not be removed from the disk: %s", type(error).__name__)
