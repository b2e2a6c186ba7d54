"""CSV that is safe to open in a spreadsheet: nothing in it is run as a formula."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Final

from clinicalblip.radiology.characters import replace_surrogates

_FORMULA: Final = "=+-@\u2212"
_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that draw nothing


class SpreadsheetWriter:
    """Writes one table; begins with a byte order mark, by which spreadsheets know UTF-8, and the columns' names."""

    def __init__(self, file: IO[str], columns: Sequence[str]) -> None:
        file.write("\ufeff")
        self._writer = csv.writer(file)
        self._writer.writerow(columns)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, whose values are in the columns' order; a list is joined by semicolons, None is empty."""
        self._writer.writerows([_cell(value) for value in row.values()] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    if not isinstance(value, str):
        return value
    value = replace_surrogates(value.replace("\0", ""))
    return f"'{value}" if _runs(value) else value


def _runs(text: str) -> bool:
    """Whether the first character that is drawn begins a formula, in any of its forms ("\uff1d" is read as "=")."""
    for character in text:
        if unicodedata.category(character)[0] not in "CZM" and character not in _BLANK:
            return unicodedata.normalize("NFKC", character)[0] in _FORMULA
    return False
