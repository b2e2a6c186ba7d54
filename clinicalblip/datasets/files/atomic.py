"""Files that are whole or not there, and whether what was begun is what is asked for now."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_whole(path: Path, text: str) -> None:
    """Write a text file beside its place, and move it there when all of it is on disk. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def differing(begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The names under which two records differ, joined for "begun with another ..."; empty where they agree."""
    names = sorted(name for name in wanted.keys() | begun.keys() if wanted.get(name) != begun.get(name))
    return " and another ".join(names)
