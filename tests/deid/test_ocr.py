"""Where a package is missing it is said that text was not looked for."""

import importlib.util
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from clinicalblip.deid import ocr
from clinicalblip.deid.ocr import find_pieces
from clinicalblip.errors import PrivacyError

_GREY = np.zeros((64, 64), np.uint8)


@pytest.fixture
def unloaded() -> Iterator[None]:
    """No session is kept from before, nor for after."""
    ocr._loaded.cache_clear()
    yield
    ocr._loaded.cache_clear()


@pytest.mark.parametrize("package", ["onnxruntime", "cv2"])
@pytest.mark.usefixtures("unloaded")
def test_says_which_package_cannot_be_loaded(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without one of them gets a sentence, and no film passes unseen."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PrivacyError, match=r"was not looked for: the package .* cannot be loaded"):
        find_pieces(_GREY)


@pytest.mark.usefixtures("unloaded")
def test_says_that_the_weights_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that brings the weights nothing is fetched from elsewhere."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PrivacyError, match="rapidocr, whose weights find text, is not installed"):
        find_pieces(_GREY)


@pytest.mark.usefixtures("unloaded")
def test_says_that_the_weights_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that lies where no weights are is not the one that was measured."""
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: importlib.machinery.ModuleSpec(name, None, origin=__file__)
    )
    with pytest.raises(PrivacyError, match="other weights"):
        find_pieces(_GREY)
