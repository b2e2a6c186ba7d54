"""The four groups of weights that ClinicalBLIP refines, by name: what a stage may train, and at which rank.

Names are those of transformers' InstructBLIP classes, without PEFT's prefix. The image encoder's attention is one
joint `qkv`; in the Q-Former only the attention's own query, key and value are meant (a looser pattern would also
catch `intermediate_query`, a container); the language model is of the Llama or of the T5 type. The learned query
tokens are a parameter without a layer and stay the base's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """A group of weights that a stage trains or leaves alone."""

    VISION = "vision"
    QFORMER = "qformer"
    PROJECTION = "projection"
    LANGUAGE = "language"


PROJECTION_MODULE = "language_projection"
"""Small enough to be trained and saved whole, without a low-rank detour."""

LORA_LAYERS: Mapping[Group, str] = {
    Group.VISION: r"vision_model\..*\.(qkv|projection|fc1|fc2)",
    Group.QFORMER: r"qformer\..*attention\.(query|key|value)",
    Group.LANGUAGE: r"language_model\..*\.((q|k|v|o|gate|up|down)_proj|q|k|v|o|wi|wi_0|wi_1|wo)",
}
"""A regular expression for the whole name of every layer that gets low-rank matrices."""

TARGET_MODULES = "|".join(f"({pattern})" for pattern in LORA_LAYERS.values())

_BEGINNINGS = {
    "vision_model.": Group.VISION,
    "qformer.": Group.QFORMER,
    f"{PROJECTION_MODULE}.": Group.PROJECTION,
    "language_model.": Group.LANGUAGE,
}
_PEFT_PREFIX = "base_model.model."
_ADAPTER_PARTS = re.compile(r"\.(lora_[A-Za-z_]+|modules_to_save)\.")


@dataclass(frozen=True)
class Ranks:
    """The rank of the low-rank matrices in each group. Their product is scaled by two at every rank."""

    vision: int = 8
    qformer: int = 8
    language: int = 8

    def __post_init__(self) -> None:
        for group, rank in self.by_group().items():
            if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= 1024:
                raise ValueError(f"the rank of {group} is a whole number from 1 to 1024, not {rank!r}")

    def by_group(self) -> dict[Group, int]:
        """The ranks by group."""
        return {Group.VISION: self.vision, Group.QFORMER: self.qformer, Group.LANGUAGE: self.language}


def group_of(name: str) -> Group | None:
    """The group that a parameter or module belongs to, None for the query tokens; PEFT's prefix may stand before it."""
    bare = name.removeprefix(_PEFT_PREFIX)
    return next((group for beginning, group in _BEGINNINGS.items() if bare.startswith(beginning)), None)


def is_adapter_weight(name: str) -> bool:
    """Whether the parameter of this name belongs to the adapter and not to the base under it."""
    return bool(_ADAPTER_PARTS.search(name))
