"""Whether two films are the same to the last bit: `from films_alike import assert_same`."""

from dataclasses import fields
from typing import Any

import numpy as np


def assert_same(one: Any, other: Any) -> None:
    """Every field of two films, and of what is in them, is the same and of the same type."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    elif hasattr(one, "__dataclass_fields__"):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        assert one == other
