"""What a call has to be before Gradio sees it."""

import json
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from gradio.events import api
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.calls import Call, check_call
from clinicalblip.web.middleware.refusal import Refused

JOIN, RUN, CANCEL = "/gradio_api/queue/join", "/gradio_api/run/greet", "/gradio_api/cancel"


def greet(name: str, film: dict[str, Any]) -> str:
    """A function of two values."""
    return name


@pytest.fixture(scope="module")
def page() -> Iterator[gr.Blocks]:
    """A page with one function."""
    with gr.Blocks() as page:
        api(greet, api_name="greet")
    return page


def checked(page: gr.Blocks, call: Any, path: str = JOIN) -> Call:
    """The call as Gradio gets it."""
    return check_call(page, path, json.dumps(call).encode())


def test_a_call_keeps_what_gradio_needs_and_nothing_else(page: gr.Blocks) -> None:
    """Unknown keys and an event's id of the caller's own are dropped."""
    call = {"data": ["a", {}], "fn_index": 0, "session_hash": "s", "trigger_id": 3, "event_id": "e", "evil": "x"}
    found = checked(page, call)
    assert json.loads(found.body) == {"data": ["a", {}], "fn_index": 0, "session_hash": "s", "trigger_id": 3}
    assert found.session == "s"


def test_a_files_name_never_reaches_gradio(page: gr.Blocks) -> None:
    """Of a file, wherever it stands, its token is left."""
    film = {"path": "a" * 32, "orig_name": "Doe-Jane.dcm", "meta": {"_type": "gradio.FileData"}}
    found = checked(page, {"data": ["a", [{"deep": film}]], "fn_index": 0, "event_data": {"file": "b" * 32}})
    assert json.loads(found.body)["data"] == ["a", [{"deep": {"file": "a" * 32}}]]
    assert found.uploads == ("a" * 32, "b" * 32)


@pytest.mark.parametrize(
    "film",
    [
        {"path": "https://evil.example/a.png"},
        {"path": " HTTP://evil.example"},
        {"path": "x", "url": "https://evil.example/a.png"},
        {"path": "file:///etc/hosts"},
    ],
)
def test_an_address_is_refused(page: gr.Blocks, film: dict[str, str]) -> None:
    """Wherever it stands."""
    with pytest.raises(Refused, match=r"^Upload the file itself") as refused:
        checked(page, {"data": ["a", [{"deep": film}]], "fn_index": 0})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ([], wording.NOT_A_CALL),
        ({"data": ["a", {}], "fn_index": 99}, wording.OLD_PAGE),
        ({"data": ["a", {}], "fn_index": "0"}, wording.NOT_A_CALL),
        ({"data": ["a", {}], "fn_index": True}, wording.NOT_A_CALL),
        ({"data": ["a", {}], "fn_index": 10**30}, wording.NOT_A_CALL),
        ({"data": ["a"], "fn_index": 0}, wording.OLD_PAGE),
        ({"data": ["a", {}, 3], "fn_index": 0}, wording.OLD_PAGE),
        ({"data": "a", "fn_index": 0}, wording.OLD_PAGE),
        ({"fn_index": 0}, wording.OLD_PAGE),
        ({"data": ["a", {}], "fn_index": 0, "session_hash": 7}, wording.NOT_A_CALL),
        ({"data": ["a", {}], "fn_index": 0, "session_hash": "a" * 65}, wording.NOT_A_CALL),
        ({"data": ["a", {}], "fn_index": 0, "session_hash": "../a"}, wording.NOT_A_CALL),
    ],
)
def test_what_is_no_call_of_this_page_is_refused(page: gr.Blocks, call: Any, sentence: str) -> None:
    """The sentence holds none of the values."""
    with pytest.raises(Refused) as refused:
        checked(page, call)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"data": [NaN]}', b"[" * 100_000, b'"\\ud800"'])
def test_what_is_no_json_is_refused(page: gr.Blocks, body: bytes) -> None:
    """Halves, other encodings, numbers that are none, and more brackets than fit."""
    with pytest.raises(Refused) as refused:
        check_call(page, JOIN, body)
    assert refused.value.sentence == wording.NOT_A_CALL


def test_lists_in_lists_in_lists_are_refused(page: gr.Blocks) -> None:
    """More than can be walked through."""
    body = b'{"fn_index": 0, "data": ["a", ' + b"[" * 900 + b"]" * 900 + b"]}"
    with pytest.raises(Refused) as refused:
        check_call(page, JOIN, body)
    assert refused.value.sentence == wording.NOT_A_CALL


def test_a_name_finds_its_function(page: gr.Blocks) -> None:
    """A call by path needs no number; a number goes before the name."""
    assert json.loads(checked(page, {"data": ["a", {}]}, RUN).body) == {"data": ["a", {}]}
    with pytest.raises(Refused):
        checked(page, {"data": ["a", {}]}, "/gradio_api/run/other")


def test_a_cancel_has_no_values(page: gr.Blocks) -> None:
    """Of a cancelled event only its keys are passed on."""
    call = {"session_hash": "s", "fn_index": 0, "event_id": "e", "data": ["x"]}
    assert json.loads(checked(page, call, CANCEL).body) == {"session_hash": "s", "fn_index": 0, "event_id": "e"}


_KEYS = st.sampled_from(["path", "url", "file", "data", "other"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=10,
)


@given(call=st.dictionaries(st.sampled_from(["data", "fn_index", "session_hash", "event_data", "x"]), _JSON))
@settings(max_examples=150)
def test_any_json_is_a_call_or_refused(page: gr.Blocks, call: Any) -> None:
    """There is no third way."""
    try:
        found = checked(page, call)
    except Refused:
        return
    assert set(json.loads(found.body)) <= {"data", "fn_index", "session_hash", "event_data", "trigger_id"}
