"""The processes that torchrun started to work together, as it says in their environment."""

import os


def rank() -> int:
    """The number of this process, 0 for the first and for one that works alone."""
    return int(os.environ.get("RANK", "0"))


def processes() -> int:
    """How many there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))
