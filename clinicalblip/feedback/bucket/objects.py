"""What lies in a bucket: under which names, and what is in each file."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from clinicalblip.feedback.exports.json_objects import copy_to_json, review_from_json
from clinicalblip.feedback.row_mapping import StoredReview

_FORMAT: Final = 1
_REVIEW: Final = re.compile(r"reviews/([0-9a-f]{16})(-withdrawn)?\.json")
_SNAPSHOT: Final = re.compile(r"snapshots/(\d{6,})-(\d{4}-\d\d-\d\d)-(\d+)-withdrawn-([0-9a-f]{8})\.jsonl\.gz")
_OWNER: Final = re.compile(r"owners/(\d{6,})-([0-9a-f]{16})\.json")


def review_name(review_id: str, *, withdrawn: bool) -> str:
    """A review has one name with its words, and another one once its consents are withdrawn."""
    return f"reviews/{review_id}{'-withdrawn' if withdrawn else ''}.json"


@dataclass(frozen=True)
class SnapshotName:
    """A snapshot: which one, of which day, after how many withdrawals; `mark` tells apart those of two writers."""

    number: int
    day: date
    withdrawals: int
    mark: str

    def __str__(self) -> str:
        return f"snapshots/{self.number:06}-{self.day}-{self.withdrawals}-withdrawn-{self.mark}.jsonl.gz"


@dataclass(frozen=True)
class OwnerName:
    """Who writes under a prefix: the one with the highest number does."""

    number: int
    writer: str

    def __str__(self) -> str:
        return f"owners/{self.number:06}-{self.writer}.json"


@dataclass(frozen=True)
class Listing:
    """What lies under a prefix of a bucket, by kind; names that are none of ours are left alone."""

    kept: frozenset[str]
    withdrawn: frozenset[str]
    snapshots: tuple[SnapshotName, ...]
    owners: tuple[OwnerName, ...]

    @classmethod
    def read(cls, names: Iterable[str]) -> Self:
        """Sort the names, without the prefix; snapshots and owners by their numbers."""
        kept: set[str] = set()
        withdrawn: set[str] = set()
        snapshots: list[SnapshotName] = []
        owners: list[OwnerName] = []
        for name in names:
            if found := _REVIEW.fullmatch(name):
                (withdrawn if found[2] else kept).add(found[1])
            elif found := _SNAPSHOT.fullmatch(name):
                snapshots.append(SnapshotName(int(found[1]), date.fromisoformat(found[2]), int(found[3]), found[4]))
            elif found := _OWNER.fullmatch(name):
                owners.append(OwnerName(int(found[1]), found[2]))
        return cls(
            frozenset(kept),
            frozenset(withdrawn),
            tuple(sorted(snapshots, key=lambda each: (each.number, each.mark))),
            tuple(sorted(owners, key=lambda each: (each.number, each.writer))),
        )


def encode_review(review: StoredReview) -> bytes:
    """One review as JSON, with its place in the order of saving."""
    fields = copy_to_json(review) | {"superseded_by": None}  # which follows from the others
    return json.dumps({"format": _FORMAT, "number": review.number, "review": fields}).encode()


def decode_review(data: bytes) -> StoredReview:
    """The review of a file. Raises ValueError for what is none."""
    try:
        held: dict[str, Any] = json.loads(data)
        if held["format"] != _FORMAT:
            raise ValueError("it has another format")
        return review_from_json({**held["review"], "number": int(held["number"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no review") from error
