"""A Hugging Face account becomes a reader: a pseudonym and a key, both keyed digests, and nothing else of it."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from clinicalblip.web.access.signed_in import SignedIn

_LONGEST: Final = 256


class NoAccount(Exception):
    """The answer does not say which account this is."""


class Accounts:
    """Makes readers of accounts. `key`: this deployment's, without which nobody can find an account by trying names."""

    def __init__(self, key: bytes, owners: Sequence[str]) -> None:
        self._key = key
        self._owners = [self._digest("owner", name.casefold()) for name in owners]

    def reader_of(self, info: Mapping[str, Any]) -> SignedIn:
        """The reader of what the OpenID provider said of the account. Raises NoAccount.

        By the account's number, `sub`: a name can be given up, and taken by somebody else.
        """
        said = info.get("userinfo")
        number = said.get("sub") if isinstance(said, Mapping) else None
        if not isinstance(number, str) or not 0 < len(number) <= _LONGEST:
            raise NoAccount
        name = said.get("preferred_username") if isinstance(said, Mapping) else None
        own = self._digest("owner", name.casefold()) if isinstance(name, str) and 0 < len(name) <= _LONGEST else ""
        return SignedIn(
            reader_key=self._digest("reader", number),
            pseudonym=f"reader-{self._digest('pseudonym', number)[:8]}",
            is_owner=any(hmac.compare_digest(own, owner) for owner in self._owners),
        )

    def _digest(self, what: str, text: str) -> str:
        return hmac.digest(self._key, f"{what} {text}".encode("utf-8", "replace"), "sha256").hex()
