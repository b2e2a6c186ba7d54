"""What an adapter was made from: `adapter.json`, beside the files that PEFT writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from clinicalblip.errors import AdapterError, AdapterNotFound
from clinicalblip.instructblip.prompt import HINTS_AS_WRITTEN, PROMPT_VERSION
from clinicalblip.version import __version__

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
PROVENANCE_FILE = "adapter.json"

_LARGEST_JSON = 1 << 20  # bytes
_PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "accelerate")


def package_versions() -> dict[str, str]:
    """The versions of the packages that training depends on; one that is not installed is left out."""
    versions = {"clinicalblip": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


@dataclass(frozen=True)
class AdapterProvenance:
    """What an adapter was made from.

    `base` is the base's name (never its path) and `base_digest` that of its files, the same in every precision.
    `stages` are the finished ones, in order. `data_digest` is over the training studies. It is prompted as it was
    trained, in the form of `prompt_version`.
    """

    base: str
    base_digest: str
    plan: str
    stages: tuple[str, ...]
    data_digest: str
    seed: int
    prompt_version: str = PROMPT_VERSION
    versions: Mapping[str, str] = field(default_factory=package_versions)


def read_provenance(folder: Path) -> AdapterProvenance:
    """The provenance of the adapter in a folder. Raises AdapterNotFound and AdapterError."""
    values = read_json(folder, PROVENANCE_FILE)
    try:
        provenance = AdapterProvenance(**{**values, "stages": tuple(values["stages"])})
    except (KeyError, TypeError) as error:
        raise AdapterError(
            f"{PROVENANCE_FILE} of the adapter does not have the fields that this version writes; "
            "use the version of ClinicalBLIP that trained it, or train it again."
        ) from error
    if provenance.prompt_version not in (HINTS_AS_WRITTEN, PROMPT_VERSION):
        raise AdapterError(
            f"The adapter was trained with prompts of a version that this ClinicalBLIP does not write (it writes "
            f"{HINTS_AS_WRITTEN} and {PROMPT_VERSION}); use the version of ClinicalBLIP that trained it."
        )
    return provenance


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Read one JSON file of an adapter's folder. Raises AdapterNotFound and AdapterError."""
    path = folder / name
    if not path.is_file():
        raise AdapterNotFound(
            f"There is no {name} where the adapter should be; an adapter is a folder with {CONFIG_FILE}, "
            f"{WEIGHTS_FILE} and {PROVENANCE_FILE}."
        )
    if path.stat().st_size > _LARGEST_JSON:
        raise AdapterError(f"{name} of the adapter is larger than 1 MiB: it is not what this project writes.")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise AdapterError(
            f"{name} of the adapter cannot be read as JSON; fetch or train the adapter again."
        ) from error
    if not isinstance(values, dict):
        raise AdapterError(f"{name} of the adapter is not a JSON object; fetch or train the adapter again.")
    return values
