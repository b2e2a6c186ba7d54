"""Profiles: one word that stands for the settings of a kind of machine.

A profile gives the values of settings that the settings file leaves to it by `auto`; what the file or a variable names
beats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

Profile = Literal["auto", "cpu", "gpu", "zerogpu"]
PROFILES: Final = get_args(Profile)
LEFT_TO_PROFILE: Final = "auto"

_BUNDLED: Final = {"base": "assets/mini/instructblip-mini", "adapter": "assets/mini/clinicalblip-mini"}
_FULL: Final = {"base": "Salesforce/instructblip-vicuna-7b", "adapter": None, "precision": "nf4"}
_VALUES: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "cpu": {"model": {**_BUNDLED, "device": "cpu"}},
    "gpu": {"model": {**_FULL, "device": "cuda"}},
    "zerogpu": {"model": {**_FULL, "device": "cuda"}},
    "auto": {"model": _BUNDLED},
}


def is_zero_gpu(environment: Mapping[str, str]) -> bool:
    """Whether this is a Space on ZeroGPU, which lends a GPU for the length of a call."""
    return environment.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}


def choose_profile(asked: str, environment: Mapping[str, str]) -> str:
    """The profile itself; of `auto`, `zerogpu` on a Space that lends GPUs, and elsewhere `auto`."""
    return "zerogpu" if asked == "auto" and is_zero_gpu(environment) else asked


def fill_from_profile(values: Mapping[str, Any], profile: str) -> dict[str, Any]:
    """The settings' values with the profile's where they are not named, or named `auto`."""
    filled = dict(values)
    for section, defaults in _VALUES[profile].items():
        named = filled.get(section) or {}
        if isinstance(named, Mapping):
            kept = {k: v for k, v in named.items() if not (v == LEFT_TO_PROFILE and k in defaults)}
            filled[section] = {**defaults, **kept}
    return filled
