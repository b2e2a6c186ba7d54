"""The calls of page and programs, looked through before Gradio sees them.

Gradio prints all the values of a call that it cannot take, and fetches any address in it. So a call has to be of a form
that the page expects, and what names a file is made a plain mapping in which nothing but its upload is left: neither
the file's own name, which often is the patient's, nor an address.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.refusal import Refused
from clinicalblip.web.middleware.routes import API

FILE: Final = "file"
"""What stands before an upload's token in a value that names a file."""

_KEY: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_KEYS: Final = ("session_hash", "event_id")
_NUMBERS: Final = ("fn_index", "trigger_id")


@dataclass(frozen=True)
class Call:
    """A call that was looked through: what Gradio gets, whose it is, and the tokens of the uploads that it names."""

    body: bytes
    session: str
    uploads: tuple[str, ...]


def check_call(page: gr.Blocks, path: str, body: bytes) -> Call:
    """The call with what Gradio needs of it and nothing else.

    Raises Refused for what is no call of this page. Takes milliseconds for a megabyte, so not on the event loop.
    """
    try:
        return _check(page, path, _parse(body))
    except RecursionError as error:
        raise Refused(400, wording.NOT_A_CALL) from error


def _check(page: gr.Blocks, path: str, call: Mapping[str, Any]) -> Call:
    kept: dict[str, Any] = {name: _key(call[name]) for name in _KEYS if call.get(name) is not None}
    kept |= {name: _number(call[name]) for name in _NUMBERS if call.get(name) is not None}
    uploads: list[str] = []
    if path not in (f"{API}/cancel", f"{API}/reset"):
        kept["data"] = _without_files(_data(page, path, kept, call.get("data")), uploads)
        if call.get("event_data") is not None:
            kept["event_data"] = _without_files(call["event_data"], uploads)
        kept.pop("event_id", None)  # the queue gives a call its own
    return Call(json.dumps(kept).encode(), kept.get("session_hash", ""), tuple(uploads))


def _parse(body: bytes) -> dict[str, Any]:
    try:
        call = json.loads(body, parse_constant=_refuse_constant)
    except ValueError as error:
        raise Refused(400, wording.NOT_A_CALL) from error
    if not isinstance(call, dict):
        raise Refused(400, wording.NOT_A_CALL)
    return call


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise Refused(400, wording.NOT_A_CALL)
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise Refused(400, wording.NOT_A_CALL)
    return value


def _data(page: gr.Blocks, path: str, kept: Mapping[str, Any], data: Any) -> list[Any]:
    """The values of a call, as many as its function takes; a number goes before the name in the path, as in Gradio."""
    if "fn_index" in kept:
        found = page.fns.get(kept["fn_index"])
    else:
        name = path.rpartition("/")[2]
        found = next((fn for fn in page.fns.values() if fn.api_name == name), None)
    if found is None:
        raise Refused(404, wording.OLD_PAGE)
    named = [component for component in found.inputs if not component.skip_api]
    counts = {len(found.inputs), len(named)} if path.startswith(f"{API}/call/") else {len(found.inputs)}
    if not isinstance(data, list) or len(data) not in counts:
        raise Refused(422, wording.OLD_PAGE)
    return data


def _without_files(value: Any, uploads: list[str]) -> Any:
    """The value with files as mappings from `FILE` to their upload, of which `uploads` is told.

    Raises Refused for one that names an address.
    """
    if isinstance(value, list):
        return [_without_files(part, uploads) for part in value]
    if not isinstance(value, dict):
        return value
    if "path" in value:
        if _is_address(value["path"]) or _is_address(value.get("url")):
            raise Refused(403, wording.NO_ADDRESSES)
        value = {FILE: value["path"]}
    if isinstance(value.get(FILE), str):
        uploads.append(value[FILE])
    return {name: _without_files(part, uploads) for name, part in value.items()}


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and re.match(r"\s*[a-z][a-z0-9+.-]*:", value, re.IGNORECASE) is not None
