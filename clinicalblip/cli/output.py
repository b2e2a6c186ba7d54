"""Where commands write: files and pictures."""

from importlib.util import find_spec
from pathlib import Path

from clinicalblip.errors import SettingsError


def output_file(path: Path) -> Path:
    """The path itself, where a file can be written. Raises SettingsError for a folder or a device.

    Files are written beside their place and moved there when they are whole, which would replace a device.
    """
    if path.exists() and not path.is_file():
        raise SettingsError("The output that was named is a folder or a device; name a file to write.")
    return path


def check_can_plot(extra: str) -> None:
    """Look for matplotlib, which comes with `extra`, before the hours of work that a picture stands at the end of.

    Raises SettingsError.
    """
    check_installed("matplotlib", "draws the result", extra)


def check_installed(package: str, does: str, extra: str) -> None:
    """Look for a package that comes with `extra`; `does` says for what. Raises SettingsError."""
    if find_spec(package) is None:
        raise SettingsError(
            f"The package {package}, which {does}, is not installed; install the extra {extra} or "
            f"requirements-{extra}.txt."
        )
