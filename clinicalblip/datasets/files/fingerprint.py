"""What a file or folder is made of, written beside it, so that it is not gone on with from something else."""

from collections.abc import Mapping
from typing import Any


def differing_fields(begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The names of the fields in which two fingerprints differ, joined for "begun with another ..."; empty for none."""
    names = sorted(name for name in wanted.keys() | begun.keys() if wanted.get(name) != begun.get(name))
    return " and another ".join(names)
