"""The assignment as a file: written once before the first reading, and refused where one byte of it is another."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.assignment.assignment import (
    AssignedPair,
    AssignedReading,
    Assignment,
    CaseKind,
    StudyCase,
)

_T = TypeVar("_T")

_VERSION: Final = 1
_LARGEST: Final = 64 * 2**20  # bytes; a hundred thousand readings have some 5 MiB
_CHANGED: Final = (
    "The assignment of the study was changed or is not whole; put back the file as it was made, or begin another study."
)


def write_assignment(assignment: Assignment, path: Path) -> None:
    """Write the file, whole. Raises ReaderStudyError where something stands there, or nothing can be written."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError as error:
        raise ReaderStudyError(
            "The study has an assignment already, which is made once; name another folder for another study."
        ) from error
    except OSError as error:
        raise _not_written(error) from error
    try:
        with open_atomically(path, "wb") as file:
            file.write(_encode(assignment))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _not_written(error) from error


def replace_assignment(assignment: Assignment, path: Path) -> None:
    """Put an assignment with further rows in the place of the one that it begins with.

    Raises ReaderStudyError where what stands there is broken or was made otherwise, or nothing can be written.
    """
    before = read_assignment(path)
    rows = before.rows
    first = Assignment(
        assignment.design,
        assignment.studies,
        assignment.cases,
        tuple(each for each in assignment.readings if each.row <= rows),
        tuple(each for each in assignment.pairs if each.row <= rows),
    )
    if first != before:
        raise ReaderStudyError("The rows of an assignment that is made cannot be changed; only rows can be added.")
    try:
        with open_atomically(path, "wb") as file:
            file.write(_encode(assignment))
    except OSError as error:
        raise _not_written(error) from error


def read_assignment(path: Path) -> Assignment:
    """Read the file. Raises ReaderStudyError where it is missing, changed, not whole, or of another version."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError as error:
        raise ReaderStudyError("The study has no assignment; `clinicalblip reader-study prepare` makes one.") from error
    except OSError as error:
        raise ReaderStudyError(
            f"The assignment of the study cannot be read ({error.strerror or type(error).__name__})."
        ) from error
    try:
        fields = json.loads(data.decode("utf-8")) if len(data) <= _LARGEST else None
        version = fields["version"] if isinstance(fields, dict) else None
        if type(version) is int and version != _VERSION:
            raise ReaderStudyError(
                f"The assignment of the study has the version {version}, and {_VERSION} is what this version of "
                "clinicalblip reads; use the one that made it."
            )
        assignment = _decode(fields)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReaderStudyError(_CHANGED) from error
    if _encode(assignment) != data:
        raise ReaderStudyError(_CHANGED)
    return assignment


def _not_written(error: OSError) -> ReaderStudyError:
    reason = error.strerror or type(error).__name__
    return ReaderStudyError(
        f"The assignment cannot be written ({reason}); name a folder that can be written to and has room."
    )


def _encode(assignment: Assignment) -> bytes:
    """The one way in which an assignment is written, with a line for each case, reading and pair."""
    parts = [
        f'"version": {_VERSION}',
        f'"design": {json.dumps(assignment.design)}',
        f'"studies": {json.dumps(assignment.studies)}',
        _rows("cases", ([each.number, each.study_id, each.kind, each.stratum] for each in assignment.cases)),
        _rows(
            "readings",
            ([each.row, each.period, each.position, each.case, each.arm, each.repeat] for each in assignment.readings),
        ),
        _rows("pairs", ([each.row, each.position, each.case, each.left, each.right] for each in assignment.pairs)),
    ]
    content = ",\n".join(parts)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return f'{{\n{content},\n"digest": "{digest}"\n}}\n'.encode()


def _rows(name: str, rows: Iterable[Sequence[Any]]) -> str:
    return f'"{name}": [' + ",".join(f"\n{json.dumps(row)}" for row in rows) + "]"


def _decode(fields: Any) -> Assignment:
    """Raises ValueError, KeyError or TypeError for anything else than the fields of an assignment."""
    return Assignment(
        _typed(fields["design"], str),
        _typed(fields["studies"], str),
        tuple(
            StudyCase(_typed(number, int), _typed(study, str), CaseKind(kind), _typed(stratum, str))
            for number, study, kind, stratum in fields["cases"]
        ),
        tuple(
            AssignedReading(
                _typed(row, int),
                _typed(period, int),
                _typed(position, int),
                _typed(case, int),
                _typed(arm, str),
                _typed(repeat, bool),
            )
            for row, period, position, case, arm, repeat in fields["readings"]
        ),
        tuple(
            AssignedPair(
                _typed(row, int), _typed(position, int), _typed(case, int), _typed(left, str), _typed(right, str)
            )
            for row, position, case, left, right in fields["pairs"]
        ),
    )


def _typed(value: object, kind: type[_T]) -> _T:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
