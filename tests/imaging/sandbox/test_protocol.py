"""The frames between a process and its workers: a film crosses whole, and nothing else crosses."""

from dataclasses import MISSING, fields, replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.errors import BurnedInAnnotation, UnsupportedRadiograph
from clinicalblip.imaging.sandbox import protocol
from clinicalblip.radiology.radiograph import (
    AgeGroup,
    LookupTable,
    NamedWindow,
    PatientGroup,
    Radiograph,
    Sex,
    SpacingKind,
    View,
    Window,
)
from tests.fixtures.films_alike import assert_same

TABLE = LookupTable(-5, np.linspace(0, 1, 70, dtype=np.float32))
WINDOW = Window(0.1 + 0.2, 1e-7, "sigmoid")
FILM = Radiograph(
    values=np.arange(65 * 66, dtype=np.uint16).reshape(65, 66),
    window=WINDOW,
    inverted=True,
    view=View.LATERAL,
    spacing_mm=(0.1, 1 / 3),
    digest="0123456789abcdef" * 4,
    warnings=("One — warning.", "Another."),
    windows=(NamedWindow("normal", WINDOW), NamedWindow("window 2", TABLE)),
    spacing_kind=SpacingKind.DETECTOR,
    says_burned_in=True,
    patient=PatientGroup(AgeGroup.CHILD, Sex.OTHER),
)


def crossed(film: Radiograph) -> Radiograph:
    """The film at the other end of the pipe."""
    stream = BytesIO()
    packed, arrays = protocol.pack_radiograph(film)
    protocol.send(stream, {"radiograph": packed, "arrays": protocol.describe_arrays(arrays)}, protocol.buffers(arrays))
    stream.seek(0)
    message = protocol.receive(stream)
    return protocol.unpack_radiograph(
        message["radiograph"], protocol.receive_arrays(stream, message["arrays"], max_bytes=10**6)
    )


def test_the_film_of_this_test_has_every_field() -> None:
    """A field that is new has to be given a value above that is not its default, so that it is seen to cross."""
    for field in fields(Radiograph):
        assert field.default is MISSING or getattr(FILM, field.name) != field.default


@pytest.mark.parametrize("changes", [{}, {"window": TABLE}, {"patient": PatientGroup()}, {"spacing_mm": None}])
def test_every_field_crosses(changes: dict[str, Any]) -> None:
    """Numbers to the last bit, choices as what they are."""
    film = replace(FILM, **changes)
    assert_same(crossed(film), film)


def test_a_film_with_defaults_crosses() -> None:
    """What a plain PNG has."""
    names = ("values", "window", "inverted", "view", "spacing_mm", "digest")
    plain = Radiograph(**{name: getattr(FILM, name) for name in names})
    assert_same(crossed(plain), plain)


@pytest.mark.parametrize(
    "changes",
    [
        {"view": "sideways"},
        {"view": ["PA"]},
        {"inverted": 1},
        {"digest": "no digest"},
        {"digest": 5},
        {"spacing_mm": [1.0]},
        {"spacing_mm": [1.0, "2"]},
        {"spacing_mm": [True, 1.0]},
        {"warnings": "a text"},
        {"warnings": ["two\nlines"]},
        {"warnings": ["x" * 5000]},
        {"values": {"array": 7}},
        {"values": {"array": -1}},
        {"values": [[1, 2], [3, 4]]},
        {"window": {"type": "Window", "centre": 1.0, "width": 0.0, "function": "linear"}},
        {"window": {"type": "Window", "centre": 1.0, "width": 5.0, "function": "cubic"}},
        {"window": {"type": "Popen", "args": "ls"}},
        {"window": {"type": "LookupTable", "first": 2**70, "greys": {"array": 1}}},
        {"window": {"type": "LookupTable", "first": 0, "greys": {"array": 0}}},
        {"patient": {"type": "PatientGroup", "age": None, "sex": None, "name": "Planted"}},
        {"patient": {"type": "PatientGroup", "age": "41"}},
        {"name": "Planted"},
    ],
)
def test_what_is_no_film_breaks_the_protocol(changes: dict[str, Any]) -> None:
    """Values of other types, of types that are not the field's, and fields that no film has."""
    packed, arrays = protocol.pack_radiograph(FILM)
    with pytest.raises(protocol.ProtocolError):
        protocol.unpack_radiograph(packed | changes, arrays)


def test_a_film_without_one_of_its_fields_breaks_the_protocol() -> None:
    """Nothing is filled in."""
    packed, arrays = protocol.pack_radiograph(FILM)
    del packed["says_burned_in"]
    with pytest.raises(protocol.ProtocolError):
        protocol.unpack_radiograph(packed, arrays)


@pytest.mark.parametrize(
    "described",
    [
        None,
        {},
        [5],
        [{"dtype": "object", "shape": [2]}],
        [{"dtype": "uint16", "shape": "2"}],
        [{"dtype": "uint16", "shape": [-1, 2]}],
        [{"dtype": "uint16", "shape": [1.5]}],
        [{"dtype": "uint16", "shape": [2**40, 2**40]}],
        [{"dtype": "uint16", "shape": [40, 40]}],
        [{"dtype": "uint8", "shape": [1] * 70}],
    ],
)
def test_arrays_that_may_not_be_break_the_protocol(described: Any) -> None:
    """Objects, sizes that are none, and more than the limit: before room is made for them."""
    with pytest.raises(protocol.ProtocolError):
        protocol.receive_arrays(BytesIO(bytes(5000)), described, max_bytes=1000)


@pytest.mark.parametrize("frame", [b"\xff" * 8, b"\0\0\0\2[]", b"\0\0\0\3{a}", b"\0\0\0\4\xff\xfe\0\0"])
def test_a_frame_without_its_json_breaks_the_protocol(frame: bytes) -> None:
    """Too long, no object, no JSON, no text."""
    with pytest.raises(protocol.ProtocolError):
        protocol.receive(BytesIO(frame))


@pytest.mark.parametrize("frame", [b"", b"\0\0", b"\0\0\0\5{"])
def test_a_frame_that_is_cut_off_is_the_end(frame: bytes) -> None:
    """The worker is gone."""
    with pytest.raises(EOFError):
        protocol.receive(BytesIO(frame))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "array", "first"]), inner),
    max_leaves=6,
)


@settings(max_examples=200, derandomize=True)
@given(field=st.sampled_from([field.name for field in fields(Radiograph)]), value=JSON)
def test_whatever_a_worker_puts_into_a_field_is_a_film_or_an_error(field: str, value: Any) -> None:
    """No other exception comes of it."""
    packed, arrays = protocol.pack_radiograph(FILM)
    try:
        film = protocol.unpack_radiograph(packed | {field: value}, arrays)
    except protocol.ProtocolError:
        return
    assert isinstance(film, Radiograph)


@pytest.mark.parametrize("kind", [UnsupportedRadiograph, BurnedInAnnotation])
def test_errors_of_the_family_cross_by_name(kind: type[Exception]) -> None:
    """With their sentence."""
    error = protocol.unpack_error(kind.__name__, "What was found.")
    assert type(error) is kind
    assert str(error) == "What was found."


@pytest.mark.parametrize("name", ["SystemExit", "ModelError", "Exception", "", None, 5, ["UnsupportedRadiograph"]])
def test_no_other_error_crosses(name: Any) -> None:
    """A worker cannot raise what it likes in the page."""
    with pytest.raises(protocol.ProtocolError):
        protocol.unpack_error(name, "What was found.")
