"""DesignFault: what is wrong with a design, and in which field."""

from dataclasses import dataclass

Place = tuple[str | int, ...]
"""The fields and the numbers of list items, from 0, that lead to a value."""


@dataclass(frozen=True)
class DesignFault:
    """`what` is a clause without a full stop that says what was found and what would be possible."""

    place: Place
    what: str


def field_name(place: Place) -> str:
    """How a field is called to people, list items counted from 1: `arms[2].draft`."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")
