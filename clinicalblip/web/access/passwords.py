"""The shared password and the owners' own, as argon2 hashes, and how a typed one is checked."""

import asyncio
import unicodedata
from enum import Enum, auto
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError
from pydantic import SecretStr

SHORTEST: Final = 8
LONGEST: Final = 1000
_AT_ONCE: Final = 2  # a check takes the memory that the hash names, 64 MiB as `access hash` makes it
_MOST_WAITING: Final = 32


class Role(Enum):
    """What a password makes of who knows it."""

    READER = auto()
    OWNER = auto()


class TooManyChecks(Exception):
    """More passwords wait to be checked than the machine should work on."""


def hash_password(password: str) -> str:
    """The argon2 hash of a password, salted: another one each time."""
    return PasswordHasher().hash(_plain(password))


class Passwords:
    """Checks what was typed against the hashes of the settings, in threads and a few at a time."""

    def __init__(self, reader: SecretStr | None, owner: SecretStr | None) -> None:
        self._hashes = [(role, secret) for role, secret in ((Role.OWNER, owner), (Role.READER, reader)) if secret]
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    def __bool__(self) -> bool:
        """Whether there is any to check against."""
        return bool(self._hashes)

    async def check(self, password: str) -> Role | None:
        """Whose password this is, None where it is nobody's. Raises TooManyChecks."""
        if not 0 < len(password) <= LONGEST:
            return None
        if self._waiting >= _MOST_WAITING:
            raise TooManyChecks
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(self._check, _plain(password))
        finally:
            self._waiting -= 1

    def _check(self, password: bytes) -> Role | None:
        for role, secret in self._hashes:
            try:
                PasswordHasher().verify(secret.get_secret_value(), password)
            except VerifyMismatchError:
                continue
            except VerificationError as error:  # the machine has not the memory that the hash asks for
                raise TooManyChecks from error
            return role
        return None


def _plain(password: str) -> bytes:
    """The bytes of a password, the same whichever way a keyboard composes its characters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")
