"""JSON lines: files with one object a line, in UTF-8.

Files that passed through other programs are read too: with a byte order mark at their beginning, or at that of any line
where files were put together, and with CR LF for a line break.
"""

import codecs
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import MalformedStudy

Parsed = TypeVar("Parsed")

_LONGEST_LINE: Final = 4 * 2**20  # bytes; the longest of a public data set has some 20,000


# What other programs take for a line break, and halves of characters, which UTF-8 has no bytes for.
_ESCAPED: Final = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def encode_line(fields: Mapping[str, Any]) -> str:
    """One object as a line, with the line break, and no other character that ends a line anywhere."""
    line = json.dumps(dict(fields), ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", line) + "\n"


def write_json_lines(rows: Iterable[Mapping[str, Any]], path: Path, *, private: bool = False) -> int:
    """Write a file, whole or not at all, and return its number of lines; see `open_atomically`. Raises OSError."""
    count = 0
    with open_atomically(path, private=private) as file:
        for row in rows:
            file.write(encode_line(row))
            count += 1
    return count


def append_json_lines(rows: Iterable[Mapping[str, Any]], path: Path, *, sync: bool = True) -> None:
    """Add lines to a file; with `sync` they are on disk when this returns. Raises OSError."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(map(encode_line, rows))
        file.flush()
        if sync:
            os.fsync(file.fileno())


def read_json_lines(
    path: Path, parse: Callable[[dict[str, Any]], Parsed], *, kind: str, advice: str
) -> Iterator[Parsed]:
    """Yield what `parse` makes of each line, in constant memory; blank lines are passed over.

    Raises MalformedStudy, which names the number of the line and gives the `advice`, for a line of the `kind` of file
    that is too long or no JSON object in UTF-8, or of which `parse` raises a ValueError with a reason.
    """
    number = 0
    with path.open("rb") as lines:
        while line := lines.readline(_LONGEST_LINE + 1):
            number += 1
            text = line.removeprefix(codecs.BOM_UTF8)
            if not text.strip() and len(line) <= _LONGEST_LINE:
                continue
            try:
                if len(line) > _LONGEST_LINE:
                    raise ValueError(f"it is longer than {_LONGEST_LINE // 2**20} MiB")
                fields = json.loads(text.decode("utf-8"))
                if not isinstance(fields, dict):
                    raise ValueError("it is no JSON object")
                parsed = parse(fields)
            except (ValueError, RecursionError) as error:  # JSON's and UTF-8's errors are ValueErrors too
                reason = _reason(error, line)
                raise MalformedStudy(
                    f"Line {number} of the {kind} file breaks the format: {reason}. {advice}"
                ) from error
            yield parsed


def _reason(error: Exception, line: bytes) -> str:
    if type(error) is ValueError:
        return str(error)
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is in UTF-16; save it as UTF-8"
    return "it is no JSON in UTF-8"


def recover_json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file that a killed process may have left with half a line, which does not count.

    Empty where there is no such file.
    """
    rows: list[dict[str, Any]] = []
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        with suppress(ValueError):
            if isinstance(row := json.loads(line.removeprefix(codecs.BOM_UTF8)), dict):
                rows.append(row)
    return rows
