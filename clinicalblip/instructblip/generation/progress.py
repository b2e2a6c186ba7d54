"""How far a generation is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GenerationProgress:
    """How far a generation is: the tokens written so far, and, once it is `finished`, how it ended.

    `stopped`: the reader ended it; `looping`: it wrote the same over and over; `seconds` since the model began.
    """

    token_ids: tuple[int, ...] = ()
    finished: bool = False
    stopped: bool = False
    looping: bool = False
    seconds: float = 0.0
