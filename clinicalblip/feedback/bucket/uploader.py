"""Brings reviews to the bucket as the database has them now, and erases there what was withdrawn."""

import io
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from clinicalblip.feedback.backup import dump_reviews
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.objects import Listing, SnapshotName, encode_review, review_name
from clinicalblip.feedback.store import ReviewStore

KEPT_SNAPSHOTS: Final = 7


class Uploader:
    """What lies in a bucket's folder, and how it follows the store; for one thread.

    Every call raises BucketRefused and ReviewNotSaved.
    """

    def __init__(self, folder: BucketFolder, store: ReviewStore, listing: Listing) -> None:
        self._folder, self._store = folder, store
        self._there = {review_name(each, withdrawn=False) for each in listing.kept}
        self._there |= {review_name(each, withdrawn=True) for each in listing.withdrawn}

    def bring(self, review_id: str) -> bool:
        """Have the bucket hold the review as it is, and return whether it is withdrawn; one that is gone is none."""
        while (review := self._store.find(review_id)) is not None:
            withdrawn = review.withdrawn is not None
            name, with_words = (review_name(review_id, withdrawn=each) for each in (withdrawn, False))
            if name not in self._there:
                self._folder.put(name, encode_review(review))
                self._there.add(name)
            if withdrawn:
                self._folder.delete(with_words)
                self._there.discard(with_words)
                return True
            if not self._is_withdrawn(review_id):  # while it was on its way
                return False
        return False

    def withdrawn_with_words(self) -> list[str]:
        """The reviews here that were withdrawn meanwhile, by another page or a command over the same database."""
        consents = self._store.consents()
        return [each for each, gone in consents.items() if gone and review_name(each, withdrawn=False) in self._there]

    def bring_snapshot(self) -> None:
        """Put a snapshot where none is of this day, or a consent was withdrawn since; then remove those before."""
        consents = self._store.consents()
        if not consents:
            return
        today, withdrawals = datetime.now(UTC).date(), sum(consents.values())
        there = list(self._folder.listing("snapshots/").snapshots)  # a command may have made one
        newest = there[-1] if there else None
        # Another day, not a later one: a clock that was set back makes a snapshot too many, never one too few.
        if newest is None or newest.day != today or newest.withdrawals < withdrawals:
            number = newest.number + 1 if newest else 1
            made = SnapshotName(number, today, withdrawals, secrets.token_hex(4))
            packed = io.BytesIO()
            dump_reviews(self._store, packed)
            self._folder.put(made, packed.getvalue())
            there.append(made)
        clean = [each for each in there if each.withdrawals >= withdrawals]
        for snapshot in there:
            if snapshot not in clean[-KEPT_SNAPSHOTS:]:
                self._folder.delete(snapshot)

    def erase(self, review_ids: Iterable[str]) -> None:
        """Bring withdrawn reviews, and remove every snapshot from before."""
        for review_id in review_ids:
            self.bring(review_id)
        self.bring_snapshot()

    def _is_withdrawn(self, review_id: str) -> bool:
        review = self._store.find(review_id)
        return review is not None and review.withdrawn is not None
