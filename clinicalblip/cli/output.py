"""Where commands write: files, and lines on standard error."""

import sys
from pathlib import Path

from clinicalblip.errors import SettingsError


def log(line: str) -> None:
    """Print a line on standard error at once: what is being done, beside the result on standard output."""
    print(line, file=sys.stderr, flush=True)


def output_file(path: Path) -> Path:
    """The path itself, where a file can be written. Raises SettingsError for a folder or a device.

    Files are written beside their place and moved there when they are whole, which would replace a device.
    """
    if path.exists() and not path.is_file():
        raise SettingsError("The output that was named is a folder or a device; name a file to write.")
    return path
