"""What passes between a process and its workers: frames of JSON and raw arrays, and nothing that can be run.

A frame is the length of its JSON (four bytes, big endian), the JSON, and then the blocks that the JSON announces.
A worker that a film has taken over can answer anything: a Radiograph is built field by field by the types that it
declares, and an answer that does not fit them is a ProtocolError. Pickles would run what the worker names.
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
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.settings import LimitSettings

_Error = TypeVar("_Error", bound=Exception)
Message = dict[str, Any]
Arrays = list[NDArray[Any]]

_LENGTH = struct.Struct(">I")
_MAX_JSON_BYTES = 2**20
_MAX_SENTENCE = 1000
_DIGEST = re.compile("[0-9a-f]{64}")
_RANK = re.compile("[0-9a-f]{32}")
_DTYPES = ("uint8", "uint16", "int32", "float32", "float64")


class ProtocolError(Exception):
    """A frame that no process of ours sends; whoever reads frames says it in words of their own."""


class Stream(Protocol):
    """A pipe without a buffer of its own."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """As in io.RawIOBase."""

    def write(self, data: memoryview, /) -> int | None:
        """As in io.RawIOBase."""


def send(stream: Stream, message: Message, blocks: Sequence[memoryview] = ()) -> None:
    """Write one frame. Raises BrokenPipeError where the other end is closed."""
    text = json.dumps(message).encode("ascii")
    for block in (memoryview(_LENGTH.pack(len(text)) + text), *blocks):
        while block.nbytes:
            block = block[stream.write(block) or 0 :]


def receive(stream: Stream) -> Message:
    """Read the JSON object of one frame. Raises EOFError at the end of the stream, ProtocolError for anything else."""
    (length,) = _LENGTH.unpack(receive_block(stream, _LENGTH.size))
    if length > _MAX_JSON_BYTES:
        raise ProtocolError("a frame's JSON is too long")
    try:
        message = json.loads(bytes(receive_block(stream, length)))
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a frame does not begin with JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("a frame's JSON is not an object")
    return message


def receive_block(stream: Stream, length: int) -> bytearray:
    """Read `length` bytes. Raises EOFError where the stream ends before."""
    block = bytearray(length)
    _fill(stream, memoryview(block))
    return block


def describe_arrays(arrays: Arrays) -> list[Message]:
    """The types and shapes of the arrays that follow, for the JSON of a frame."""
    return [{"dtype": array.dtype.name, "shape": list(array.shape)} for array in arrays]


def buffers(arrays: Arrays) -> list[memoryview]:
    """The arrays as bytes, in the byte order of this machine, which both ends share."""
    return [_bytes_of(np.ascontiguousarray(array)) for array in arrays]


def receive_arrays(stream: Stream, described: Any, *, max_bytes: int) -> Arrays:
    """Read the arrays that a frame's JSON describes, `max_bytes` in all."""
    arrays: Arrays = []
    if not isinstance(described, list):
        raise ProtocolError("arrays are not described by a list")
    for entry in described:
        dtype, shape = (entry.get("dtype"), entry.get("shape")) if isinstance(entry, dict) else (None, None)
        if dtype not in _DTYPES or not isinstance(shape, list) or not all(_is_count(side) for side in shape):
            raise ProtocolError("an array is not described by its type and shape")
        max_bytes -= prod(shape) * np.dtype(dtype).itemsize
        if max_bytes < 0 or len(shape) > 3:
            raise ProtocolError("the arrays are larger than a film may be")
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
    """The options of a request; the worker trusts its parent."""
    return ReadOptions(
        limits=LimitSettings(**message["limits"]),
        allow_burned_in=message["allow_burned_in"],
        view=View(message["view"]) if message["view"] else None,
        keep_age_and_sex=message["keep_age_and_sex"],
    )


def pack_entry_request(key: bytes, limits: LimitSettings) -> Message:
    """A request for the entry of a film instead of the film itself; `key` is that of its digests."""
    return pack_options(ReadOptions(limits=limits)) | {"entry_key": key.hex()}


def unpack_entry_key(message: Message) -> bytes | None:
    """The key of the digests, or None for a request for a film; the worker trusts its parent."""
    return bytes.fromhex(message["entry_key"]) if "entry_key" in message else None


def pack_entry(entry: FilmEntry) -> Any:
    """An entry as JSON."""
    return _pack(entry, [])


def unpack_entry(packed: Any) -> FilmEntry:
    """The entry that `pack_entry` took apart. Raises ProtocolError for anything else, so that no tag gets through."""
    try:
        entry = _unpack(FilmEntry, packed, [])
    except (ValueError, RecursionError) as error:
        raise ProtocolError("an entry cannot have these values") from error
    _require(entry.study, _DIGEST.fullmatch(entry.study) is not None)
    _require(entry.patient, not entry.patient or _DIGEST.fullmatch(entry.patient) is not None)
    _require(entry.rank, not entry.rank or _RANK.fullmatch(entry.rank) is not None)
    if not isinstance(entry, FilmEntry):
        raise ProtocolError("the answer is no entry")
    return entry


def pack_radiograph(radiograph: Radiograph) -> tuple[Message, Arrays]:
    """A radiograph as JSON, with every field of its dataclass, and its arrays."""
    arrays: Arrays = []
    packed = _pack(radiograph, arrays)
    if not isinstance(packed, dict):
        raise TypeError("a radiograph is a dataclass")
    return packed, arrays


def unpack_radiograph(packed: Any, arrays: Arrays) -> Radiograph:
    """The radiograph that `pack_radiograph` took apart. Raises ProtocolError for anything else."""
    try:
        radiograph = _unpack(Radiograph, packed, arrays)
    except (ValueError, RecursionError, OverflowError) as error:  # a value that its type refuses
        raise ProtocolError("a radiograph cannot have these values") from error
    if not isinstance(radiograph, Radiograph):
        raise ProtocolError("the answer is not a radiograph")
    for sentence in radiograph.warnings:
        _check_sentence(sentence)
    _require(radiograph.digest, _DIGEST.fullmatch(radiograph.digest) is not None)
    return radiograph


def unpack_error(name: Any, sentence: Any) -> RadiographError | PrivacyError:
    """The error of the family that a worker names, with its sentence. Raises ProtocolError for any other."""
    name = name if isinstance(name, str) else ""
    error_type = _RADIOGRAPH_ERRORS.get(name) or _PRIVACY_ERRORS.get(name)
    if error_type is None:
        raise ProtocolError("an error that is not of the family")
    _check_sentence(sentence)
    return error_type(sentence)


def _check_sentence(sentence: Any) -> None:
    """Raise ProtocolError for what must not be shown: anything but one line of text of bounded length."""
    if not isinstance(sentence, str) or len(sentence) > _MAX_SENTENCE or not sentence.isprintable():
        raise ProtocolError("a sentence that cannot be shown")


def _family(root: type[_Error]) -> Iterator[type[_Error]]:
    yield root
    for subclass in root.__subclasses__():
        yield from _family(subclass)


_RADIOGRAPH_ERRORS = {error.__name__: error for error in _family(RadiographError)}
_PRIVACY_ERRORS = {error.__name__: error for error in _family(PrivacyError)}


def _pack(value: Any, arrays: Arrays) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if is_dataclass(value):
        return {"type": type(value).__name__, **{f.name: _pack(getattr(value, f.name), arrays) for f in fields(value)}}
    if isinstance(value, tuple):
        return [_pack(part, arrays) for part in value]
    if isinstance(value, Enum):
        return value.value
    return value.item() if isinstance(value, np.generic) else value


def _unpack(annotation: Any, packed: Any, arrays: Arrays) -> Any:
    """Build a value of the type that a field is annotated with."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _unpack_one_of(inner, packed, arrays)
    if origin is Literal:
        return _require(packed, isinstance(packed, str) and packed in inner)
    if origin is tuple:
        return _unpack_tuple(inner, packed, arrays)
    if origin is np.ndarray:
        index = packed.get("array", -1) if isinstance(packed, dict) else -1
        _require(index, _is_count(index) and index < len(arrays))
        return _require(arrays[index], arrays[index].dtype == np.dtype(get_args(inner[1])[0]))
    if is_dataclass(annotation):
        return _unpack_dataclass(annotation, packed, arrays)
    if annotation is float:
        return float(_require(packed, isinstance(packed, int | float) and not isinstance(packed, bool)))
    if annotation is int:
        return _require(packed, type(packed) is int and abs(packed) < 2**31)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation(packed)
    return _require(packed, type(packed) is annotation)


def _unpack_one_of(annotations: tuple[Any, ...], packed: Any, arrays: Arrays) -> Any:
    for annotation in annotations:
        try:
            return _unpack(annotation, packed, arrays)
        except (ProtocolError, ValueError):
            continue
    raise ProtocolError("a value of none of the types of its field")


def _unpack_tuple(annotations: tuple[Any, ...], packed: Any, arrays: Arrays) -> tuple[Any, ...]:
    _require(packed, isinstance(packed, list))
    if len(annotations) == 2 and annotations[1] is Ellipsis:
        annotations = (annotations[0],) * len(packed)
    _require(packed, len(annotations) == len(packed))
    return tuple(_unpack(annotation, part, arrays) for annotation, part in zip(annotations, packed, strict=True))


def _unpack_dataclass(cls: Any, packed: Any, arrays: Arrays) -> Any:
    _require(packed, isinstance(packed, dict) and packed.get("type") == cls.__name__)
    hints = get_type_hints(cls)
    _require(packed, packed.keys() - {"type"} == {field.name for field in fields(cls)})
    return cls(**{field.name: _unpack(hints[field.name], packed[field.name], arrays) for field in fields(cls)})


def _require(value: Any, fits: bool) -> Any:
    if not fits:
        raise ProtocolError("a value of another type")
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
