"""What is asked of a bucket: five calls, and two ways in which it may refuse."""

from collections.abc import Iterable
from typing import Protocol


class BucketRefused(Exception):
    """A call failed, and may succeed later; its message is a few words without names, paths and secrets."""


class BucketUnfit(BucketRefused):
    """The bucket as it is set up must not or cannot be used: it is not private, may not be written, is somebody else's.

    Its message is a sentence for whoever set it up.
    """


class Bucket(Protocol):
    """Files under names with slashes, without versions: so a name is given once, to one content.

    Every call raises BucketRefused. None is made from a thread that a reader waits for.
    """

    def put(self, name: str, data: bytes) -> None:
        """Keep the data under a name; it is there whole or not at all."""

    def get(self, name: str) -> bytes:
        """The data under a name."""

    def list(self, prefix: str) -> Iterable[str]:
        """The names that begin with the prefix, which ends with a slash."""

    def delete(self, name: str) -> None:
        """Remove a name for good; one that is not there is no error."""

    def is_private(self) -> bool:
        """Whether nobody but its owner can read it."""
