"""What is imported is declared, and what is declared is used."""

import ast
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]

DEV = tuple(
    f"requirements{name}.txt"
    for name in ("", "-evaluate", "-export", "-postgresql", "-ray", "-reader-study", "-train", "-dev")
)

DECLARED = {
    "clinicalblip": ("requirements.txt",),
    "clinicalblip/evaluation": ("requirements.txt", "requirements-evaluate.txt"),
    "clinicalblip/feedback": ("requirements.txt", "requirements-export.txt"),
    "clinicalblip/reader_study": ("requirements.txt", "requirements-reader-study.txt"),
    "clinicalblip/serving": ("requirements.txt", "requirements-ray.txt"),
    "clinicalblip/training": ("requirements.txt", "requirements-train.txt"),
    "research": DEV,
    "tests": DEV,
}
"""The files that declare what a folder imports; the longest folder that fits decides."""

OUR_OWN = {"app", "clinicalblip", "research", "tests"}
ON_A_SPACE = {"spaces"}  # is there where Hugging Face lends its GPUs, and nowhere else
PEERS = {"gguf", "llama_cpp"}  # what research/benchmarks/limits.py measures beside, where somebody has it

UNIMPORTED = {
    "accelerate": "transformers places quantised weights with it, and trains with it",
    "authlib": "gradio signs readers in with Hugging Face by it",
    "itsdangerous": "starlette signs with it what Gradio keeps of a sign-in that is under way",
    "bitsandbytes": "transformers quantises with it",
    "pylibjpeg": "pydicom asks it for decoders",
    "pylibjpeg-openjpeg": "decodes JPEG 2000 for pydicom, by the name `openjpeg`",
    "pylibjpeg-rle": "decodes RLE for pydicom, by the name `rle`",
    "rapidocr": "its wheel has the weights that find text",
}
"""What running needs without an import in the code, and why."""


def imported(file: Path) -> set[str]:
    """The top-level modules that a file imports, anywhere in it, the standard library's aside."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
    return {name.split(".")[0] for name in modules} - sys.stdlib_module_names - OUR_OWN - ON_A_SPACE - PEERS


def declared(name: str) -> set[str]:
    """The distributions that a requirements file names itself."""
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return {canonicalize_name(Requirement(line).name) for line in lines if line and not line.startswith("-")}


@cache
def distributions() -> dict[str, list[str]]:
    """Which distributions bring a module."""
    return {module: [canonicalize_name(each) for each in names] for module, names in packages_distributions().items()}


def distribution_of(module: str, among: set[str]) -> str:
    """The one of the declared distributions that brings a module, else any that does, else the module's name."""
    names = distributions().get(module, [module])
    return next((name for name in names if name in among), names[0])


@pytest.mark.parametrize("folder", DECLARED)
def test_what_is_imported_is_declared(folder: str) -> None:
    """A package that comes along with another today may not tomorrow."""
    known = {name for file in DECLARED[folder] for name in declared(file)}
    inner = [ROOT / other for other in DECLARED if other != folder and other.startswith(folder)]
    missing = {
        distribution_of(module, known): str(file.relative_to(ROOT))
        for file in (ROOT / folder).rglob("*.py")
        if not any(file.is_relative_to(other) for other in inner)
        for module in imported(file)
        if distribution_of(module, known) not in known
    }
    assert missing == {}


def test_what_running_needs_is_used() -> None:
    """Nothing is installed for nothing."""
    known = declared("requirements.txt")
    modules = {module for file in (ROOT / "clinicalblip").rglob("*.py") for module in imported(file)}
    used = {distribution_of(module, known) for module in modules}
    assert known - used - set(UNIMPORTED) == set()
    assert set(UNIMPORTED) <= known
