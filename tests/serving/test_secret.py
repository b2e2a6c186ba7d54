"""The secret of the replicas."""

import pytest
from pydantic import SecretStr

from clinicalblip.errors import SettingsError
from clinicalblip.secret_digest import SecretDigest
from clinicalblip.serving.secret import require_secret

SECRET = SecretStr("a-secret-of-thirty-two-letters--")


@pytest.mark.parametrize(
    ("header", "is_admitted"),
    [
        (f"Bearer {SECRET.get_secret_value()}", True),
        (SECRET.get_secret_value(), False),
        (f"Bearer {SECRET.get_secret_value()} ", False),
        (f"bearer {SECRET.get_secret_value()}", False),
        ("Bearer ", False),
        ("", False),
        ("Bearer \udcff", False),
    ],
)
def test_only_who_sends_it_is_admitted(header: str, is_admitted: bool) -> None:
    """In the form of a bearer's header, whole."""
    assert SecretDigest.of(SECRET).admits(header) is is_admitted


def test_what_is_kept_cannot_be_sent_instead() -> None:
    """The digest is no secret that admits, and shows none."""
    kept = SecretDigest.of(SECRET)
    assert not kept.admits(f"Bearer {kept.digest.hex()}")
    assert SECRET.get_secret_value() not in repr(kept)


def test_without_one_nothing_is_served_or_asked() -> None:
    """The sentence says how to make one."""
    assert require_secret(SECRET) is SECRET
    with pytest.raises(SettingsError, match="token_urlsafe"):
        require_secret(None)
