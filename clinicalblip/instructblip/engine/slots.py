"""The keys and values of drafts that are written together: one buffer a layer, a row a draft, from position 0 on.

A draft that joins writes its prompt straight into a free row, alone or with others; one that leaves gives its row to
the last one. So reading is a view, and nothing is copied in a step. transformers' own caches pad on the left and copy
everything at each step.
"""

from typing import Any, Final

import torch
from torch import Tensor
from transformers.cache_utils import CacheLayerMixin

_GROWS_BY: Final = 128
_LOOKS_BY: Final = 32
"""A step looks at so many positions more at a time, and a mask hides what is not written.

Attention over a length that is no multiple of 16 is rounded otherwise (torch 2.13 on a CPU, bf16 and fp32), so that a
draft would depend on how long those beside it are; over multiples it is the same to the bit, whatever the length.
"""


class Slots:
    """Which rows are in use and how far each is written; the layers read it.

    `lengths`: positions written in each active row, which stand first. `places`: where the tokens of a step are
    written, (active rows, tokens).
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.lengths: list[int] = []
        self.room = 0
        self.prefilled: slice | None = None
        self.rows = self.places = torch.empty(0, dtype=torch.long)
        self.longest = 0

    def place_step(self, tokens: int, device: torch.device | str) -> None:
        """Say where the next so many tokens of each active row are written."""
        self.prefilled = None
        self.rows = torch.arange(len(self.lengths), device=device)[:, None]
        self.places = torch.tensor(self.lengths, device=device)[:, None] + torch.arange(tokens, device=device)
        self.longest = -(-(max(self.lengths) + tokens) // _LOOKS_BY) * _LOOKS_BY

    def reserve(self, positions: int) -> None:
        """Make room for rows of that many positions."""
        if positions > self.room:
            self.room = -(-positions // _GROWS_BY) * _GROWS_BY


class SlotLayer(CacheLayerMixin):  # type: ignore[misc]
    """One layer's keys and values: [slots, heads, positions, head size]."""

    def __init__(self, slots: Slots) -> None:
        super().__init__()
        self._slots = slots

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Make the buffers once the number of heads and their size are known.

        They begin as zeros: what a mask hides is still multiplied by 0, and 0 times NaN is NaN.
        """
        size, room = self._slots.size, self._slots.room
        self.keys, self.values = (
            states.new_zeros(size, states.shape[1], room, states.shape[3]) for states in (key_states, value_states)
        )
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Write new keys and values, and give those that the step attends to.

        A prefill attends to its own only, a step to the beginning of every active row, as far as the longest goes.
        """
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        slots = self._slots
        if slots.prefilled is not None and self.keys.shape[2] < slots.room:
            self._grow(slots.room)
        if slots.prefilled is not None:
            self.keys[slots.prefilled, :, : key_states.shape[2]] = key_states
            self.values[slots.prefilled, :, : value_states.shape[2]] = value_states
            return key_states, value_states
        self.keys[slots.rows, :, slots.places] = key_states.transpose(1, 2)
        self.values[slots.rows, :, slots.places] = value_states.transpose(1, 2)
        active = len(slots.rows)
        return self.keys[:active, :, : slots.longest], self.values[:active, :, : slots.longest]

    def move(self, source: int, target: int, positions: int) -> None:
        """Copy the beginning of a row into another row."""
        for states in (self.keys, self.values):
            states[target, :, :positions] = states[source, :, :positions]

    def _grow(self, room: int) -> None:
        grown = []
        for before in (self.keys, self.values):
            more = before.new_zeros(*before.shape[:2], room, before.shape[3])
            more[:, :, : before.shape[2]] = before
            grown.append(more)
        self.keys, self.values = grown  # both, or where memory runs out neither

    def get_seq_length(self) -> int:
        """Positions are given with each call; this is the length that a step begins at."""
        return 0 if self._slots.prefilled is not None else self._slots.longest - self._slots.places.shape[1]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """The length of what is attended to, and its offset."""
        return (query_length if self._slots.prefilled is not None else self._slots.longest), 0

    def get_max_length(self) -> int:
        """No bound of its own."""
        return -1
