"""Tables of a run: whole or not there."""

from pathlib import Path

import numpy as np
import pytest

from clinicalblip.errors import StageError
from research.mini.array_cache import save_rows


def test_a_table_is_read_as_it_was_written_block_by_block(tmp_path):
    """Blocks of any number of rows become one array of the type asked for."""
    rows = np.arange(60, dtype=np.float32).reshape(10, 2, 3)
    save_rows(tmp_path / "made" / "table.npy", rows.shape, np.float16, iter((rows[:1], rows[1:7], rows[7:])))
    read = np.load(tmp_path / "made" / "table.npy", mmap_mode="r")
    assert read.dtype == np.float16
    assert np.array_equal(read, rows)


def test_a_table_that_is_short_of_rows_is_not_there(tmp_path):
    """A run that goes on must not find half a table and take it for all of it."""
    with pytest.raises(ValueError, match="1 of 2 rows"):
        save_rows(tmp_path / "table.npy", (2, 3), np.uint8, [np.zeros((1, 3))])
    assert not (tmp_path / "table.npy").exists()


def test_a_full_disk_is_said_in_one_sentence(tmp_path):
    """The device that is always full stands for it."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    (tmp_path / "table.npy.part").symlink_to("/dev/full")
    with pytest.raises(StageError, match="make room on the disk"):
        save_rows(tmp_path / "table.npy", (2, 3), np.uint8, [np.zeros((2, 3))])
