"""A design is read from its YAML file; every fault is one sentence with the file, the line and the field."""

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.check_design import find_faults
from clinicalblip.reader_study.design.design import QuestionPart, ReaderStudyDesign
from clinicalblip.reader_study.design.fault import DesignFault, Place, field_name
from clinicalblip.reader_study.design.yaml_document import YamlDocument, YamlFault, read_document, shorten

_LARGEST: Final = 128 * 1024  # bytes; a design of twelve arms with long texts has some 20,000
_TAG_AT: Final = 3
_MISSING: Final = "it is missing"
_BEGIN: Final = "`clinicalblip reader-study new` writes one to begin with"


def read_design(path: Path) -> ReaderStudyDesign:
    """Read a design and hold it to `check_design`'s rules.

    A field that is left empty has its default. Raises ReaderStudyError with the first fault in the order of lines, and
    how many more there are.
    """
    text = _read_text(path)
    try:
        document = read_document(text)
    except YamlFault as fault:
        raise ReaderStudyError(_sentence(path, fault.line, fault.place, fault.what)) from fault
    if document.values is None:
        raise ReaderStudyError(f"{path.name} is empty; {_BEGIN}.")
    if not isinstance(document.values, dict):
        raise ReaderStudyError(f"{path.name}, line {document.line(())}: a design is made of named fields; {_BEGIN}.")
    try:
        design = _parse(document)
    except ValidationError as error:
        raise _refuse(path, document, list(_describe(error, document))) from error
    if faults := [*_bool_faults(design, document), *find_faults(design)]:
        raise _refuse(path, document, faults)
    return design


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            read = file.read(_LARGEST + 1)
    except FileNotFoundError as error:
        raise ReaderStudyError(f"There is no design at that place; {_BEGIN}.") from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ReaderStudyError(f"The design cannot be read ({reason}); name a file that can.") from error
    if len(read) > _LARGEST:
        raise ReaderStudyError(f"{path.name} is larger than {_LARGEST // 1024} KiB, and no design; {_BEGIN}.")
    if read.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ReaderStudyError(f"{path.name}, line 1: it is in UTF-16; save it as UTF-8.")
    try:
        return read.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = read.count(b"\n", 0, error.start) + 1
        raise ReaderStudyError(
            f"{path.name}, line {line}: it has bytes that are not UTF-8; save it as UTF-8."
        ) from error


def _parse(document: YamlDocument) -> ReaderStudyDesign:
    """The design, strictly: YAML's yes is no 1 and its 5 no text. What is empty and known has its default."""
    try:
        return _validate(document.values)
    except ValidationError as error:
        empty = [
            place
            for each in error.errors()
            if each["input"] is None and each["type"] not in ("extra_forbidden", "missing")
            for place in [_place(each)]
            if place and isinstance(place[-1], str)
        ]
        if not empty:
            raise
    values = json.loads(json.dumps(document.values))
    for place in set(empty):
        holder = values
        for part in place[:-1]:
            holder = holder[part]
        holder.pop(place[-1], None)
    return _validate(values)


def _validate(values: Any) -> ReaderStudyDesign:
    # Of JSON pydantic takes lists for tuples and texts for enumerations, and nothing else for anything, when strict.
    return ReaderStudyDesign.model_validate_json(json.dumps(values), strict=True)


def _bool_faults(design: ReaderStudyDesign, document: YamlDocument) -> Iterator[DesignFault]:
    """YAML's yes where a 1 is possible, which pydantic takes for it, however strict it is."""
    for place in document.written:
        if isinstance(found := _value(document, place), bool):
            parsed: Any = design
            for part in place:
                parsed = getattr(parsed, str(part), None) if isinstance(parsed, BaseModel) else parsed[part]
            if not isinstance(parsed, bool):
                yield DesignFault(place, f"found {_shown(found, place, document)}, which should be a number")


def _describe(error: ValidationError, document: YamlDocument) -> Iterator[DesignFault]:
    told: set[Place] = set()
    for each in error.errors():
        place = _place(each)
        if place not in told and not _is_of_other_kind(each, document):
            told.add(place)
            yield DesignFault(place, _what(each, place, document))


def _is_of_other_kind(error: Mapping[str, Any], document: YamlDocument) -> bool:
    """Whether an error is of a kind that was not meant: a question at the end is a questionnaire's name, or fields."""
    if not _is_tagged(error["loc"]):
        return False
    is_fields = isinstance(_value(document, error["loc"][:_TAG_AT]), dict)
    return is_fields is not (error["loc"][_TAG_AT] == QuestionPart.__name__)


def _is_tagged(loc: Place) -> bool:
    """Whether pydantic names the member of a union in a place: only what is asked at the end can be of two kinds."""
    return loc[:2] == ("questions", "end") and len(loc) > _TAG_AT


def _what(error: Mapping[str, Any], place: Place, document: YamlDocument) -> str:
    kind, found = error["type"], _value(document, place)
    if kind == "extra_forbidden":
        return f"there is no such field; known there are {', '.join(_known(place[:-1]))}"
    if kind == "missing":
        return _MISSING
    if kind == "string_pattern_mismatch":
        return f"found {_shown(found, place, document)}; a name is small letters, digits and hyphens, at most 32"
    if kind == "model_type":
        return f"found {_shown(found, place, document)}, where fields are expected: {', '.join(_known(place))}"
    expected = error["msg"].replace("Input should be a valid integer", "Input should be a whole number")
    for opening in ("Input", "String", "Tuple", "Dictionary"):
        expected = expected.removeprefix(f"{opening} should ")
    quotes = kind == "string_type" and isinstance(found, (bool, int, float))
    return (
        (
            f"found {_shown(found, place, document)}, which should {expected.replace(' after validation', '')}"
            f"{'; put a text that looks like one in quotes' if quotes else ''}"
        )
        .replace("be a valid string", "be a text")
        .replace("be a valid ", "be a ")
    )


def _shown(found: Any, place: Place, document: YamlDocument) -> str:
    if isinstance(found, dict):
        return "fields"
    if isinstance(found, list):
        return f"a list of {len(found)}"
    return shorten(document.written.get(place, "")) if found is not None else "nothing"


def _place(error: Mapping[str, Any]) -> Place:
    """Where an error is, without the name that pydantic gives to the member of a union."""
    loc = error["loc"]
    return (*loc[:_TAG_AT], *loc[_TAG_AT + 1 :]) if _is_tagged(loc) else loc


def _value(document: YamlDocument, place: Place) -> Any:
    value = document.values
    for part in place:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _known(place: Place) -> list[str]:
    """The names of the fields at a place."""
    kinds: list[Any] = [ReaderStudyDesign]
    for part in place:
        if isinstance(part, str):
            kinds = [kind.model_fields[part].annotation for kind in kinds if part in kind.model_fields]
            kinds = [model for kind in kinds for model in _models(kind)]
    return list(dict.fromkeys(name for kind in kinds for name in kind.model_fields))


def _models(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for inner in get_args(kind) for model in _models(inner)]


def _refuse(path: Path, document: YamlDocument, faults: list[DesignFault]) -> ReaderStudyError:
    # What is missing is said last: it may stand there under a wrong name.
    first = min(faults, key=lambda fault: (fault.what == _MISSING, document.line(fault.place)))
    more = len(faults) - 1
    following = f" ({more} more {'fault follows' if more == 1 else 'faults follow'})" if more else ""
    return ReaderStudyError(_sentence(path, document.line(first.place), first.place, first.what + following))


def _sentence(path: Path, line: int, place: Place, what: str) -> str:
    field = f", {field_name(place)}" if place else ""
    return f"{path.name}, line {line}{field}: {what}."
