"""The four groups of weights that a stage may train, by the names of their layers, and the rank of each.

Names are those of transformers' InstructBLIP classes, without PEFT's prefix. The image encoder's attention is one
joint `qkv`. In the Q-Former only the attention's own query, key and value are meant (a looser pattern would also
match `intermediate_query`, a container). The language model is of the Llama or of the T5 type. The learned query
tokens are a parameter without a layer and are not trained.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """A group of weights that a stage trains or freezes."""

    VISION = "vision"
    QFORMER = "qformer"
    PROJECTION = "projection"
    LANGUAGE = "language"


PROJECTION_MODULE = "language_projection"
"""Small enough to be trained and saved in full, without low-rank matrices."""

LORA_LAYERS: Mapping[Group, str] = {
    Group.VISION: r"vision_model\..*\.(qkv|projection|fc1|fc2)",
    Group.QFORMER: r"qformer\..*attention\.(query|key|value)",
    Group.LANGUAGE: r"language_model\..*\.((q|k|v|o|gate|up|down)_proj|q|k|v|o|wi|wi_0|wi_1|wo)",
}
"""A regular expression for the whole name of every layer that gets low-rank matrices."""

TARGET_MODULES = "|".join(f"({pattern})" for pattern in LORA_LAYERS.values())

_PREFIXES = {
    "vision_model.": Group.VISION,
    "qformer.": Group.QFORMER,
    f"{PROJECTION_MODULE}.": Group.PROJECTION,
    "language_model.": Group.LANGUAGE,
}
_PEFT_PREFIX = "base_model.model."
_ADAPTER_PARTS = re.compile(r"\.(lora_[A-Za-z_]+|modules_to_save)\.")


@dataclass(frozen=True)
class Ranks:
    """The rank of the low-rank matrices in each group; alpha is twice the rank in all of them."""

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
    """The group that a parameter or module belongs to, with or without PEFT's prefix; None for the query tokens."""
    bare = name.removeprefix(_PEFT_PREFIX)
    return next((group for prefix, group in _PREFIXES.items() if bare.startswith(prefix)), None)


def is_adapter_weight(name: str) -> bool:
    """Whether the parameter of this name belongs to the adapter and not to the base under it."""
    return bool(_ADAPTER_PARTS.search(name))
