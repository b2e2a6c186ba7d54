"""A secret that a program sends with its requests, of which the server keeps the digest alone."""

import hashlib
import hmac
from dataclasses import dataclass

from pydantic import SecretStr

SCHEME = "Bearer "


@dataclass(frozen=True)
class SecretDigest:
    """SHA-256 of the secret: enough to know it again, and nothing that could be sent in its place."""

    digest: bytes

    @classmethod
    def of(cls, secret: SecretStr) -> "SecretDigest":
        """The digest of a secret."""
        return cls(hashlib.sha256(secret.get_secret_value().encode()).digest())

    def admits(self, authorization: str) -> bool:
        """Whether the value of an Authorization header holds the secret; as slow for every wrong one."""
        presented = authorization.removeprefix(SCHEME) if authorization.startswith(SCHEME) else ""
        digest = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).digest()
        return hmac.compare_digest(digest, self.digest)
