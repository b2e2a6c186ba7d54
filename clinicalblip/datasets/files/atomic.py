"""Files and folders that are whole or not there: written beside their place, and moved there at the end."""

import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Literal, overload


@overload
def open_atomically(
    path: Path, mode: Literal["w"] = "w", *, private: bool = False, sync: bool = True
) -> AbstractContextManager[IO[str]]: ...
@overload
def open_atomically(
    path: Path, mode: Literal["wb"], *, private: bool = False, sync: bool = True
) -> AbstractContextManager[IO[bytes]]: ...
@contextmanager
def open_atomically(path: Path, mode: str = "w", *, private: bool = False, sync: bool = True) -> Iterator[IO[Any]]:
    """Open a file for writing, as UTF-8 with mode `w`; it takes its name when the block ends without an error.

    What stood there before stays until then, and after an error. A `private` file can be read by its owner alone.
    Without `sync` the disk may still be writing when the block ends: for what can be made again. Raises OSError.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    text: dict[str, Any] = {"encoding": "utf-8", "newline": "\n"} if mode == "w" else {}
    permissions = 0o600 if private else 0o666  # less what the umask takes
    try:
        with open(part, mode, opener=lambda name, flags: os.open(name, flags, permissions), **text) as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, text: str) -> None:
    """Write a text file. Raises OSError."""
    with open_atomically(path) as file:
        file.write(text)


def write_json_atomically(path: Path, values: Mapping[str, Any]) -> None:
    """Write a JSON file of one object, indented for people. Raises OSError."""
    write_atomically(path, json.dumps(dict(values), indent=2) + "\n")


@contextmanager
def make_folder_atomically(path: Path) -> Iterator[Path]:
    """Give an empty folder to write into, which takes its name when the block ends without an error.

    Until then its name begins with a dot. Raises OSError, also where a folder that is not empty stands at `path`.
    """
    part = path.with_name(f".{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
