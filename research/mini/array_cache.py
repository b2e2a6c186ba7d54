"""Large tables of a run, written row by row: whole or not there."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from clinicalblip.training.run_folder import translate_write_errors


def save_rows(path: Path, shape: tuple[int, ...], dtype: DTypeLike, blocks: Iterable[NDArray[np.generic]]) -> None:
    """Write an array of this shape in NumPy's format, block of rows by block, as `np.load(path)` reads it.

    It is written as a file and not through a mapping: of a mapped file that the disk has no room for the process dies.
    Raises StageError where the disk does not take it, and ValueError where the blocks are not all of the rows.
    """
    part = path.with_name(f"{path.name}.part")
    what = f"The table {path.stem}"
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    with translate_write_errors(what):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("wb", buffering=0)  # a buffer would meet the full disk when it is closed
    with file:
        with translate_write_errors(what):
            np.lib.format.write_array_header_2_0(file, header)
        rows = 0
        for block in blocks:
            if block.shape[1:] != shape[1:]:
                raise ValueError(f"a block has rows of {block.shape[1:]} and the table {path.stem} of {shape[1:]}")
            with translate_write_errors(what):
                _write_all(file, np.ascontiguousarray(block, dtype=dtype).tobytes())
            rows += len(block)
    if rows != shape[0]:
        raise ValueError(f"the table {path.stem} was given {rows} of {shape[0]} rows")
    part.replace(path)


def _write_all(file: io.FileIO, content: bytes) -> None:
    """Write everything: without a buffer a single write may take less."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
