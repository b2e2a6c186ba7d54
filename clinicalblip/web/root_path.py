"""Below which path readers see the page: a proxy may serve it under one of its own (`server.root_path`)."""

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.errors import SettingsError
from clinicalblip.settings import ROOT_PATH, ServerSettings

VARIABLE: Final = "GRADIO_ROOT_PATH"
PREFIX_HEADER: Final = "x-forwarded-prefix"


def choose_root_path(server: ServerSettings, environment: Mapping[str, str] = os.environ) -> str:
    """The setting, else Gradio's variable, which may also be a whole address; "" for none.

    Raises SettingsError for a variable that is neither.
    """
    named = environment.get(VARIABLE, "").rstrip("/")
    if server.root_path is not None or not named:
        return server.root_path or ""
    if not (ROOT_PATH.fullmatch(named) or (named.startswith(("http://", "https://")) and urlsplit(named).netloc)):
        raise SettingsError(
            f"The variable {VARIABLE} is {named!r}, which is no path; set it to one such as /clinicalblip, or name it "
            "as server.root_path."
        )
    return named


def root_path_of(scope: Scope) -> str:
    """The path below which this server's routes lie for who asks, without a slash at its end; "" for none."""
    return urlsplit(str(scope.get("root_path", ""))).path.rstrip("/")


def said_prefix(headers: Headers) -> str | None:
    """The path below which the proxy says that it serves the page, "" for none; None where it says nothing clear."""
    said = headers.get(PREFIX_HEADER)
    if said is None:
        return None
    path = said.strip().rstrip("/")
    return path if not path or ROOT_PATH.fullmatch(path) else None
