"""Where the page's assets, the sample cases and the bundled model lie."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

ASSETS = next((folder for folder in (_PACKAGE / "assets", _PACKAGE.parent / "assets") if folder.is_dir()), _PACKAGE)
"""In an installed package the folder `assets` lies inside it, in a clone beside it."""
