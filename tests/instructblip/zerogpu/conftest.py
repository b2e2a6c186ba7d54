"""A Space on ZeroGPU whose forked processes have no GPU."""

import sys
from collections.abc import Iterator

import pytest

from tests.fixtures.lent_gpus import LentGpus


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[LentGpus]:
    """The package `spaces` that this process finds."""
    lent = LentGpus()
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", lent)
    monkeypatch.setenv("HF_DEACTIVATE_ASYNC_LOAD", "1")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")  # it else warns of the fork
    yield lent
    lent.may_lend.set()
    for worker in lent.workers:
        worker.close()
