"""The tiny bases that the model's room is tested with, made once a session."""

from pathlib import Path

import pytest

from clinicalblip.instructblip.base import Base, load_base
from tests.fixtures.tiny_instructblip import make_tiny_base


@pytest.fixture(scope="session")
def tiny_llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with a Llama-type language model."""
    return make_tiny_base(tmp_path_factory.mktemp("bases") / "tiny-llama", "llama")


@pytest.fixture(scope="session")
def tiny_t5_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with a T5-type language model."""
    return make_tiny_base(tmp_path_factory.mktemp("bases") / "tiny-t5", "t5")


@pytest.fixture(scope="session")
def tiny_llama_base(tiny_llama_folder: Path) -> Base:
    """The Llama-type base in 32 bits on the CPU; a test that changes its weights loads its own."""
    return load_base(tiny_llama_folder, "fp32", "cpu")


@pytest.fixture(scope="session")
def tiny_t5_base(tiny_t5_folder: Path) -> Base:
    """The T5-type base in 32 bits on the CPU; a test that changes its weights loads its own."""
    return load_base(tiny_t5_folder, "fp32", "cpu")
