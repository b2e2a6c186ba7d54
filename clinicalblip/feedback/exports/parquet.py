"""Parquet, whose columns keep their types: whole numbers, times, lists, and what is not there."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import JSON, Boolean, Column, Float, Integer

from clinicalblip.feedback import schema
from clinicalblip.feedback.exports.tables import COLUMNS

_TIMES: Final = frozenset({"created", "withdrawn"})
_ROWS: Final = 1000  # of one group in the file


class ParquetWriter:
    """Writes one table of an export; `close` ends the file."""

    def __init__(self, file: IO[bytes], table: str) -> None:
        self._schema = pa.schema([(name, _type(table, name)) for name in COLUMNS[table]])
        self._writer = pq.ParquetWriter(file, self._schema)
        self._waiting: list[dict[str, Any]] = []

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows with plain values."""
        self._waiting.extend({name: _value(name, value) for name, value in row.items()} for row in rows)
        if len(self._waiting) >= _ROWS:
            self._flush()

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._waiting, schema=self._schema))
        self._waiting.clear()


def _value(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _TIMES and value is not None else value


def _type(table: str, name: str) -> Any:
    if name in _TIMES:
        return pa.timestamp("us", tz="UTC")
    kind = type(_column(table, name).type)
    types = {Integer: pa.int64(), Float: pa.float64(), Boolean: pa.bool_(), JSON: pa.list_(pa.string())}
    return types.get(kind, pa.string())


def _column(table: str, name: str) -> Column[Any]:
    own = schema.metadata.tables[table].columns
    # The latest correction, which is found and not kept, is an id as `replaces` is.
    return own[name] if name in own else schema.texts.columns.get(name, schema.reviews.c.replaces)
