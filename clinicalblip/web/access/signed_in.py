"""Who asks, as far as this server knows: the one thing that reviews, limits and the owner's page ask about a reader."""

import hashlib
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.web.access.tokens import read_token

_IN_SCOPE: Final = "clinicalblip.signed_in"


@dataclass(frozen=True)
class SignedIn:
    """A reader. `reader_key`: 64 hexadecimal digits that their reviews carry, and that name nobody.

    `pseudonym`: the one that the sign-in gives, "" where the reader chooses one. `is_owner`: sees everybody's reviews.
    """

    reader_key: str
    pseudonym: str = ""
    is_owner: bool = False


def reader_key(token: str) -> str:
    """The key of the reader whose browser keeps this token."""
    return hashlib.sha256(b"reader " + token.encode()).hexdigest()


def signed_in(scope: Scope) -> SignedIn | None:
    """Who asks; None for a program that names no reader, and where nobody is signed in."""
    if _IN_SCOPE in scope:
        found = scope[_IN_SCOPE]
        return found if isinstance(found, SignedIn) else None
    token = read_token(Headers(scope=scope))
    return None if token is None else SignedIn(reader_key(token))


def with_signed_in(scope: Scope, reader: SignedIn | None) -> Scope:
    """The scope of a request whose reader is known; `signed_in` finds them there."""
    return {**scope, _IN_SCOPE: reader}
