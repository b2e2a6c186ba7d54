"""The part of a bucket that one page writes: everything under its prefix, and who that page is."""

import json
from datetime import UTC, datetime

from clinicalblip.feedback.bucket.bucket import Bucket, BucketUnfit
from clinicalblip.feedback.bucket.objects import Listing, OwnerName


class BucketFolder:
    """The names below a prefix. Every call raises BucketRefused."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/"

    def put(self, name: object, data: bytes) -> None:
        """Keep the data under a name."""
        self._bucket.put(f"{self._prefix}{name}", data)

    def get(self, name: object) -> bytes:
        """The data under a name."""
        return self._bucket.get(f"{self._prefix}{name}")

    def delete(self, name: object) -> None:
        """Remove a name."""
        self._bucket.delete(f"{self._prefix}{name}")

    def listing(self, kind: str = "") -> Listing:
        """What lies here, or of one kind only ("owners/")."""
        names = self._bucket.list(self._prefix + kind)
        return Listing.read(name.removeprefix(self._prefix) for name in names)

    def refuse_public(self) -> None:
        """Raise BucketUnfit where others can read the bucket."""
        if not self._bucket.is_private():
            raise BucketUnfit(
                "The bucket of storage.bucket can be read by others, and reviews may hold readers' words; make it "
                "private."
            )

    def claim(self, writer: str, space: str) -> OwnerName:
        """Write down that this writer writes here from now on; the one before is told by that.

        Raises BucketUnfit where another Space does.
        """
        owners = self.listing("owners/").owners
        if owners and owners[-1].writer == writer:
            return owners[-1]
        before = self.owner_space(owners[-1]) if owners else ""
        if before and space and before != space:
            raise BucketUnfit(
                f"The folder {self._prefix[:-1]} of the bucket is written by the Space {before}; name another folder "
                "as storage.prefix, so that each has its own."
            )
        mine = OwnerName(owners[-1].number + 1 if owners else 1, writer)
        self.put(mine, json.dumps({"space": space, "since": datetime.now(UTC).isoformat(timespec="seconds")}).encode())
        for owner in owners:
            self.delete(owner)
        return mine

    def refuse_others(self, mine: OwnerName) -> None:
        """Raise BucketUnfit where another writer has taken this folder over since."""
        owners = self.listing("owners/").owners
        if not owners or owners[-1] != mine:
            raise BucketUnfit(
                f"The folder {self._prefix[:-1]} of the bucket is written by another page now; name another folder as "
                "storage.prefix for one of them, and start it again. Until then its reviews wait on this machine."
            )

    def owner_space(self, owner: OwnerName) -> str:
        """The Space that an owner wrote down, empty where it was none."""
        try:
            held = json.loads(self.get(owner))
        except ValueError:
            return ""
        return str(held.get("space", "")) if isinstance(held, dict) else ""
