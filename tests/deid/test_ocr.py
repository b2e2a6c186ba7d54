"""Where a package is missing it is said that text was not looked for."""

import importlib
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import clinicalblip.deid
from clinicalblip.errors import PrivacyError

_GREY = np.zeros((64, 64), np.uint8)


@pytest.fixture
def ocr(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as a fresh process imports it: nothing is loaded yet."""
    monkeypatch.delitem(sys.modules, "clinicalblip.deid.ocr", raising=False)
    monkeypatch.delattr(clinicalblip.deid, "ocr", raising=False)
    return importlib.import_module("clinicalblip.deid.ocr")


@pytest.mark.parametrize("package", ["onnxruntime", "cv2"])
def test_says_which_package_cannot_be_loaded(package: str, ocr: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without one of them gets a sentence, and no film passes unseen."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PrivacyError, match=r"was not looked for: the package .* cannot be loaded"):
        ocr.detect_text(_GREY)


def test_says_that_the_weights_are_missing(ocr: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that brings the weights nothing is fetched from elsewhere."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PrivacyError, match="rapidocr, whose weights find text, is not installed"):
        ocr.detect_text(_GREY)


def test_says_that_the_weights_are_others(ocr: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that lies where no weights are is not the one that was measured."""
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: importlib.machinery.ModuleSpec(name, None, origin=__file__)
    )
    with pytest.raises(PrivacyError, match="other weights"):
        ocr.detect_text(_GREY)


def test_the_runtime_counts_nothing_and_keeps_no_id_of_the_machine(tmp_path: Path) -> None:
    """onnxruntime begins to while it is imported: with an id under the user's home, for a server of its makers."""
    code = (
        "import numpy; from clinicalblip.deid.ocr import detect_text; detect_text(numpy.zeros((64, 64), numpy.uint8))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=110)
    assert list(tmp_path.iterdir()) == []
