"""What every room's tests share: the data marker, and a switched-off network."""

import os
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

# The folder tests/ is on the path, and without this transformers takes tests/datasets for the package of that name.
sys.modules.setdefault("datasets", None)  # type: ignore[arg-type]


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data that lies beside the checkout on some machines."""
    return SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what needs data that is not here."""
    if SHARED.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(pytest.mark.skip(reason="../shared/data is not on this machine"))
