"""What passes between the page and the child that reads: frames of JSON and raw arrays, and nothing that can be run.

A frame is the length of its JSON (four bytes, big endian), the JSON, and then the blocks that the JSON announces.
A child that a film has taken over can answer anything: what comes back is built field by field after the types that
Radiograph declares, and whatever does not fit them is Nonsense.
"""

import json
import re
import struct
import types
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from math import prod
from typing import Any, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import PrivacyError, RadiographError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.settings import LimitSettings

_Kind = TypeVar("_Kind", bound=Exception)
Message = dict[str, Any]
Arrays = list[NDArray[Any]]

_LENGTH = struct.Struct(">I")
_LONGEST_JSON = 2**20
_LONGEST_SENTENCE = 1000
_DIGEST = re.compile("[0-9a-f]{64}")
_DTYPES = ("uint8", "uint16", "int32", "float32", "float64")


class Nonsense(Exception):
    """A frame that no reading child of ours would have sent; it never leaves the room."""


class Stream(Protocol):
    """A pipe without a buffer of its own."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """As io.RawIOBase has it."""

    def write(self, data: memoryview, /) -> int | None:
        """As io.RawIOBase has it."""


def send(stream: Stream, message: Message, blocks: Sequence[memoryview] = ()) -> None:
    """Write one frame. Raises BrokenPipeError where nobody reads."""
    text = json.dumps(message).encode("ascii")
    for block in (memoryview(_LENGTH.pack(len(text)) + text), *blocks):
        while block.nbytes:
            block = block[stream.write(block) or 0 :]


def receive(stream: Stream) -> Message:
    """Read the JSON of one frame. Raises EOFError at the end of the stream, Nonsense for what is no such JSON."""
    (length,) = _LENGTH.unpack(receive_block(stream, _LENGTH.size))
    if length > _LONGEST_JSON:
        raise Nonsense("a frame's JSON is too long")
    try:
        message = json.loads(bytes(receive_block(stream, length)))
    except (ValueError, RecursionError) as error:
        raise Nonsense("a frame has no JSON") from error
    if not isinstance(message, dict):
        raise Nonsense("a frame's JSON is no object")
    return message


def receive_block(stream: Stream, length: int) -> bytearray:
    """Read that many bytes. Raises EOFError where the stream ends before."""
    block = bytearray(length)
    _fill(stream, memoryview(block))
    return block


def describe(arrays: Arrays) -> list[Message]:
    """What the JSON of a frame says of the arrays that follow it."""
    return [{"dtype": array.dtype.name, "shape": list(array.shape)} for array in arrays]


def blocks(arrays: Arrays) -> list[memoryview]:
    """The arrays as bytes, in the byte order of this machine, which both ends share."""
    return [_bytes_of(np.ascontiguousarray(array)) for array in arrays]


def receive_arrays(stream: Stream, described: Any, *, most: int) -> Arrays:
    """Read the arrays that a frame's JSON describes, `most` bytes in all."""
    arrays: Arrays = []
    if not isinstance(described, list):
        raise Nonsense("arrays are not described by a list")
    for one in described:
        dtype, shape = (one.get("dtype"), one.get("shape")) if isinstance(one, dict) else (None, None)
        if dtype not in _DTYPES or not isinstance(shape, list) or not all(_is_count(side) for side in shape):
            raise Nonsense("an array is not described by its type and shape")
        most -= prod(shape) * np.dtype(dtype).itemsize
        if most < 0 or len(shape) > 3:
            raise Nonsense("the arrays are larger than a film may be")
        array: NDArray[Any] = np.empty(shape, dtype)
        _fill(stream, _bytes_of(array))
        arrays.append(array)
    return arrays


def pack_options(options: ReadOptions) -> Message:
    """The options of a request, as the JSON of its frame has them."""
    return {
        "limits": options.limits.model_dump(),
        "allow_burned_in": options.allow_burned_in,
        "view": options.view,
        "keep_age_and_sex": options.keep_age_and_sex,
    }


def unpack_options(message: Message) -> ReadOptions:
    """The options of a request; the worker trusts what the page asks."""
    return ReadOptions(
        limits=LimitSettings(**message["limits"]),
        allow_burned_in=message["allow_burned_in"],
        view=View(message["view"]) if message["view"] else None,
        keep_age_and_sex=message["keep_age_and_sex"],
    )


def pack(radiograph: Radiograph) -> tuple[Message, Arrays]:
    """Take a radiograph apart: every field that its dataclass has, arrays apart from the rest."""
    arrays: Arrays = []
    packed = _pack(radiograph, arrays)
    if not isinstance(packed, dict):
        raise TypeError("a radiograph is a dataclass")
    return packed, arrays


def unpack(packed: Any, arrays: Arrays) -> Radiograph:
    """Put a radiograph together again; Nonsense for anything but what `pack` makes."""
    try:
        radiograph = _unpack(Radiograph, packed, arrays)
    except (ValueError, RecursionError, OverflowError) as error:  # a value that the type itself refuses
        raise Nonsense("no radiograph can have these values") from error
    if not isinstance(radiograph, Radiograph):
        raise Nonsense("no radiograph came back")
    for sentence in radiograph.warnings:
        check_sentence(sentence)
    _checked(radiograph.digest, _DIGEST.fullmatch(radiograph.digest) is not None)
    return radiograph


def error_named(name: Any, sentence: Any) -> RadiographError | PrivacyError:
    """The error of the family that a child names, with what it says; Nonsense for any other."""
    name = name if isinstance(name, str) else ""
    kind = _RADIOGRAPH_ERRORS.get(name) or _PRIVACY_ERRORS.get(name)
    if kind is None:
        raise Nonsense("an error that is not of the family")
    check_sentence(sentence)
    return kind(sentence)


def check_sentence(sentence: Any) -> None:
    """Raise Nonsense for what may not be shown: no text, more than a line, or endless."""
    if not isinstance(sentence, str) or len(sentence) > _LONGEST_SENTENCE or not sentence.isprintable():
        raise Nonsense("no sentence")


def _family(root: type[_Kind]) -> Iterator[type[_Kind]]:
    yield root
    for kind in root.__subclasses__():
        yield from _family(kind)


_RADIOGRAPH_ERRORS = {kind.__name__: kind for kind in _family(RadiographError)}
_PRIVACY_ERRORS = {kind.__name__: kind for kind in _family(PrivacyError)}


def _pack(value: Any, arrays: Arrays) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if is_dataclass(value):
        return {"is": type(value).__name__, **{f.name: _pack(getattr(value, f.name), arrays) for f in fields(value)}}
    if isinstance(value, tuple):
        return [_pack(part, arrays) for part in value]
    if isinstance(value, Enum):
        return value.value
    return value.item() if isinstance(value, np.generic) else value


def _unpack(kind: Any, packed: Any, arrays: Arrays) -> Any:
    """Build a value of the type `kind`, as annotations name types."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _unpack_one_of(inner, packed, arrays)
    if origin is Literal:
        return _checked(packed, isinstance(packed, str) and packed in inner)
    if origin is tuple:
        return _unpack_tuple(inner, packed, arrays)
    if origin is np.ndarray:
        index = packed.get("array", -1) if isinstance(packed, dict) else -1
        _checked(index, _is_count(index) and index < len(arrays))
        return _checked(arrays[index], arrays[index].dtype == np.dtype(get_args(inner[1])[0]))
    if is_dataclass(kind):
        return _unpack_dataclass(kind, packed, arrays)
    if kind is float:
        return float(_checked(packed, isinstance(packed, int | float) and not isinstance(packed, bool)))
    if kind is int:
        return _checked(packed, type(packed) is int and abs(packed) < 2**31)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(packed)
    return _checked(packed, type(packed) is kind)


def _unpack_one_of(kinds: tuple[Any, ...], packed: Any, arrays: Arrays) -> Any:
    for kind in kinds:
        try:
            return _unpack(kind, packed, arrays)
        except (Nonsense, ValueError):
            continue
    raise Nonsense("a value of none of its types")


def _unpack_tuple(kinds: tuple[Any, ...], packed: Any, arrays: Arrays) -> tuple[Any, ...]:
    _checked(packed, isinstance(packed, list))
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(packed)
    _checked(packed, len(kinds) == len(packed))
    return tuple(_unpack(kind, part, arrays) for kind, part in zip(kinds, packed, strict=True))


def _unpack_dataclass(kind: Any, packed: Any, arrays: Arrays) -> Any:
    _checked(packed, isinstance(packed, dict) and packed.get("is") == kind.__name__)
    hints = get_type_hints(kind)
    _checked(packed, packed.keys() - {"is"} == {field.name for field in fields(kind)})
    return kind(**{field.name: _unpack(hints[field.name], packed[field.name], arrays) for field in fields(kind)})


def _checked(value: Any, fits: bool) -> Any:
    if not fits:
        raise Nonsense("a value of another type")
    return value


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _fill(stream: Stream, block: memoryview) -> None:
    while block.nbytes:
        count = stream.readinto(block)
        if not count:
            raise EOFError
        block = block[count:]
