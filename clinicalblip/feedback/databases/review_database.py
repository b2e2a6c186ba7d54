"""What the store asks of a database, whichever it is."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy.engine import Connection

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
"""What is done in one transaction; it is done again where the transaction was lost, and has to bear that."""


class ReviewDatabase(Protocol):
    """A database of reviews; safe to use from several threads.

    Each call raises what `refusals` turns into a sentence, or a ReviewNotSaved of its own.
    """

    @property
    def writable(self) -> str:
        """When a write that was refused can be tried again: "there is room"."""

    @property
    def place(self) -> str:
        """What is to be looked after where reading fails: "the reviews file and its disk"."""

    @property
    def unreached(self) -> str:
        """A sentence on the copies of erased words that this database cannot reach, empty where there are none."""

    def write(self, work: Work[Result]) -> Result:
        """Do the work as the only writer; once it returns the data is on disk, where the database is looked for."""

    def read(self, work: Work[Result]) -> Result:
        """Do work that only reads, all of it in one state of the database."""

    def erase(self, work: Work[Result]) -> Result:
        """Write, then clear what was deleted from whatever else the database keeps of it.

        Raises ReviewNotSaved where the work is done and another program hinders the clearing.
        """

    def close(self) -> None:
        """Close its connections."""
