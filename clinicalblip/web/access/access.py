"""Who may read: the settings' answer, and the sign-ins that follow from it."""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.errors import SettingsError
from clinicalblip.settings import AccessSettings
from clinicalblip.web.access import wording
from clinicalblip.web.access.accounts import Accounts
from clinicalblip.web.access.lockout import Lockout
from clinicalblip.web.access.passwords import Passwords, Role
from clinicalblip.web.access.sign_ins import SignIns
from clinicalblip.web.access.signed_in import SignedIn, reader_key, signed_in, with_signed_in
from clinicalblip.web.access.tokens import TOKEN_HEADER, make_token, read_cookie_token
from clinicalblip.web.served_study import wording as study_wording
from clinicalblip.worklist.list_key import read_or_make_key

SIGN_IN_PATH: Final = "/sign-in"
SIGN_OUT_PATH: Final = "/sign-out"
PROGRAM_PATH: Final = "/login"
"""Where gradio_client sends the password that a program gives it as `auth`."""

HUGGING_FACE_PATH: Final = "/login/huggingface"
CALLBACK_PATH: Final = "/login/callback"
SIGN_IN_PATHS: Final = frozenset({SIGN_IN_PATH, SIGN_OUT_PATH, PROGRAM_PATH, HUGGING_FACE_PATH, CALLBACK_PATH})

GUARD_THEMSELVES: Final = frozenset({"/metrics"})
"""Paths that ask for a secret of their own, whoever is signed in."""

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"}) | SIGN_IN_PATHS | GUARD_THEMSELVES
"""What is served to whoever is not signed in; everything else is refused, whether it is served or not."""

PAGES: Final = frozenset({"/", "/reviews", "/owner"})
"""What a person opens by its address: a browser that is not signed in is sent from there to the sign-in page."""

READER_STUDY_PATH: Final = "/reader-study"
ENTER_PATH: Final = "/reader-study/enter"
OPEN_IN_STUDY: Final = frozenset({READER_STUDY_PATH, ENTER_PATH})
"""Where a reader of a study comes in; open where one is served, and not there otherwise."""

_OPEN: Final = AccessSettings()
_OF_SPACES: Final = ("SPACE_ID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")


class Access:
    """Who may read a page.

    `folder`: where the key of readers' pseudonyms is kept, of a disk that lasts; without one it is made of the Space's
    OAuth secret, so that a Space that lost its disk knows its readers again. `sign_ins`: the folder of sign-ins that
    outlive the server. `is_study`: a reader study is served, so that whatever the settings say nobody comes in but its
    readers, by the links that they were given, and owners by their password. Raises SettingsError for mode huggingface
    where Gradio would not ask Hugging Face: it signs in everybody as whoever runs the page there.
    """

    def __init__(
        self,
        settings: AccessSettings = _OPEN,
        *,
        hours: float = 12.0,
        folder: Path | None = None,
        sign_ins: Path | None = None,
        is_study: bool = False,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.mode = settings.mode
        self.is_study = is_study
        self.passwords = Passwords(None if is_study else settings.password, settings.owner_password)
        self.lockout = Lockout()
        self.accounts: Accounts | None = None
        if settings.mode == "huggingface" and not is_study:
            _refuse_elsewhere(environment)
            self.accounts = Accounts(_key(folder, environment), settings.owners)
        digest = _digest(settings, is_study=is_study)
        self.sign_ins = SignIns(hours, digest, sign_ins if self.has_sign_in else None)

    @property
    def has_sign_in(self) -> bool:
        """Whether anybody can sign in here."""
        return self.is_study or self.accounts is not None or bool(self.passwords)

    @property
    def is_open(self) -> bool:
        """Whether anybody may use the page without signing in."""
        return self.mode == "open" and not self.is_study

    @property
    def entrance(self) -> str:
        """Where a browser goes that has to sign in first, without a slash before it."""
        return (READER_STUDY_PATH if self.is_study else SIGN_IN_PATH).lstrip("/")

    def refusal(self, headers: Headers) -> str:
        """The sentence for whoever is not signed in, and asks for something that needs it."""
        if not self.is_study:
            return wording.SIGN_IN_FIRST
        token = read_cookie_token(headers)
        replaced = token is not None and self.sign_ins.is_replaced(token)
        return study_wording.READ_ELSEWHERE if replaced else study_wording.CLOSED

    def enter(self, scope: Scope) -> Scope:
        """The scope of a request, with who asks in it.

        A cookie that is signed in goes before a token in a header, which a tab may have from before; where readers have
        to sign in such a token names nobody, so that there is one way in.
        """
        token = read_cookie_token(Headers(scope=scope))
        reader = self.sign_ins.find(token) if token else None
        if reader is None and self.is_open:
            return scope
        kept = [header for header in scope["headers"] if header[0] != TOKEN_HEADER.encode()]
        return with_signed_in({**scope, "headers": kept}, reader)

    def is_signed_in(self, headers: Headers) -> bool:
        """Whether a request comes from a browser that is signed in."""
        token = read_cookie_token(headers)
        return token is not None and self.sign_ins.find(token) is not None

    def lets_in(self, scope: Scope, path: str) -> bool:
        """Whether a request that was entered is served: somebody signed in asks, or nobody has to be for this path."""
        is_door = path in OPEN_PATHS or (self.is_study and path in OPEN_IN_STUDY)
        return self.is_open or is_door or signed_in(scope) is not None

    def begin(self, role: Role) -> str:
        """Sign in who knew a password of this role, and return the new token of their browser."""
        token = make_token()
        return self.sign_ins.begin(SignedIn(reader_key(token), is_owner=role is Role.OWNER), token)

    def begin_reader(self, pseudonym: str, key: str) -> tuple[str, Sequence[str]]:
        """Sign in a reader of a study, and return the new token, and what stands for those that they had before.

        Those are worth nothing any more: a reader reads in one browser. `key`: the one that their reviews carry.
        """
        before = self.sign_ins.end_all(key)
        return self.sign_ins.begin(SignedIn(key, pseudonym)), before

    def begin_account(self, info: Mapping[str, Any]) -> str:
        """Sign in the account of an OpenID provider's answer, and return the new token. Raises NoAccount."""
        assert self.accounts is not None  # noqa: S101 - nobody comes here otherwise
        return self.sign_ins.begin(self.accounts.reader_of(info))


def _refuse_elsewhere(environment: Mapping[str, str]) -> None:
    missing = [name for name in _OF_SPACES if not environment.get(name)]
    if missing or environment.get("SYSTEM") != "spaces":
        raise SettingsError(wording.NO_SPACE.format(missing=(missing or ["SYSTEM"])[0]))
    if not all(map(find_spec, ("authlib", "itsdangerous"))):
        raise SettingsError(wording.NO_AUTHLIB)


def _key(folder: Path | None, environment: Mapping[str, str]) -> bytes:
    if folder is None:
        return hmac.digest(environment["OAUTH_CLIENT_SECRET"].encode(), b"readers", "sha256")
    return read_or_make_key(folder / "readers.key", of="readers' pseudonyms")


def _digest(settings: AccessSettings, *, is_study: bool) -> str:
    """What tells apart settings under which others may sign in, or as others."""
    secrets = [each.get_secret_value() if each else "" for each in (settings.password, settings.owner_password)]
    kind = "study" if is_study else settings.mode
    return hashlib.sha256("\n".join((kind, *secrets, *settings.owners)).encode()).hexdigest()
