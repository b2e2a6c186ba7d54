"""drafts.jsonl and key.jsonl: the drafts of a study by their lots, and the errors in them, which are kept apart."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from clinicalblip.datasets.files.json_lines import read_json_lines, write_json_lines
from clinicalblip.errors import DatasetError, ReaderStudyError
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft
from clinicalblip.reader_study.injection.injected_error import InjectedError
from clinicalblip.reader_study.injection.key_json import error_from_json, error_to_json

_DRAFT: Final = TypeAdapter(PreparedDraft)
_ID_DIGITS: Final = 32
_ADVICE: Final = "Put the study's folder back as it was prepared."


def draft_to_json(prepared: PreparedDraft) -> dict[str, Any]:
    """A draft in dicts, lists, texts and numbers."""
    values: dict[str, Any] = _DRAFT.dump_python(prepared, mode="json")
    return values


def draft_from_json(values: Mapping[str, Any]) -> PreparedDraft:
    """The draft of such values; ValueError, without a word of the draft, where they are none."""
    try:
        prepared = _DRAFT.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise ValueError(f"{place}: {first['type'].replace('_', ' ')}") from error
    scores = (prepared.scores or {}).values()
    if not (len(prepared.id) == _ID_DIGITS and set(prepared.id) <= set("0123456789abcdef")):
        raise ValueError("its id is not of 32 hexadecimal digits")
    if prepared.case < 1 or not 0 <= prepared.draft.seconds < math.inf or not all(0 <= each <= 1 for each in scores):
        raise ValueError("its case, seconds or scores are out of range")
    drops = [drop for each in prepared.evidence or () for drop in each.drops]
    if not all(
        len({len(row) for row in drop}) == 1 and all(math.isfinite(x) for row in drop for x in row) for drop in drops
    ):
        raise ValueError("its evidence is no table of numbers for each film")
    return prepared


def write_drafts(drafts: Iterable[PreparedDraft], path: Path) -> None:
    """Write the drafts in the order of their ids, which is a lot's, for their owner alone to read. Raises OSError."""
    write_json_lines(map(draft_to_json, sorted(drafts, key=lambda draft: draft.id)), path, private=True)


def read_drafts(path: Path) -> tuple[PreparedDraft, ...]:
    """The drafts of a file. Raises ReaderStudyError for a broken line and for a draft that comes twice."""
    drafts = _read(path, draft_from_json, "drafts")
    if len({draft.id for draft in drafts}) < len(drafts) or len({_place(each) for each in drafts}) < len(drafts):
        raise ReaderStudyError(f"A draft comes twice in the drafts file. {_ADVICE}")
    return drafts


def write_key(key: Mapping[str, Sequence[InjectedError]], path: Path) -> None:
    """Write which errors are in which draft, by its id; drafts without errors have no line. Raises OSError."""
    rows = ({"draft": name, "errors": [error_to_json(each) for each in key[name]]} for name in sorted(key))
    write_json_lines(rows, path, private=True)


def read_key(path: Path) -> dict[str, tuple[InjectedError, ...]]:
    """Which errors are in which draft. Raises ReaderStudyError for a broken line and for a draft that comes twice."""
    rows = _read(path, _key_from_json, "key")
    key = dict(rows)
    if len(key) < len(rows):
        raise ReaderStudyError(f"A draft comes twice in the key file. {_ADVICE}")
    return key


def _key_from_json(values: Mapping[str, Any]) -> tuple[str, tuple[InjectedError, ...]]:
    name, errors = values.get("draft"), values.get("errors")
    if not isinstance(name, str) or not isinstance(errors, list) or not all(isinstance(each, dict) for each in errors):
        raise ValueError("it has no draft with a list of errors")
    return name, tuple(map(error_from_json, errors))


def _read(path: Path, parse: Any, kind: str) -> tuple[Any, ...]:
    try:
        return tuple(read_json_lines(path, parse, kind=kind, advice=_ADVICE))
    except DatasetError as error:
        raise ReaderStudyError(str(error)) from error
    except OSError as error:
        raise ReaderStudyError(f"The {kind} file of the study's folder cannot be read. {_ADVICE}") from error


def _place(draft: PreparedDraft) -> tuple[int, str]:
    return draft.case, draft.arm
