"""Compares store and bucket where a page starts: what the disk lost comes back, what the bucket lacks is sent."""

import io
import logging
from collections.abc import Iterator

from clinicalblip.feedback.backup import load_reviews
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.objects import Listing, decode_review, review_name
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.feedback.store import ReviewStore

_log = logging.getLogger(__name__)


def reconcile(folder: BucketFolder, store: ReviewStore, spool: Spool) -> Listing:
    """Bring store and bucket together, and return what lies in the bucket.

    A review of the bucket that the store lacks is put back, once; a consent that was withdrawn in either is withdrawn
    in the store; what the bucket lacks waits in the spool. Raises BucketRefused and ReviewNotSaved.
    """
    listing = folder.listing()
    lacking = (listing.kept | listing.withdrawn) - store.consents().keys()
    if lacking:
        _put_back(folder, store, listing)
    for review_id, withdrawn in store.consents().items():
        if review_id in listing.withdrawn and not withdrawn:
            store.forget(review_id)
    spool.add(_not_in_bucket(store, listing))
    return listing


def _not_in_bucket(store: ReviewStore, listing: Listing) -> Iterator[str]:
    for review_id, withdrawn in store.consents().items():
        kept, erased = review_id in listing.kept, review_id in listing.withdrawn
        if (kept or not erased) if withdrawn else not kept:
            yield review_id


def _put_back(folder: BucketFolder, store: ReviewStore, listing: Listing) -> None:
    """From the newest snapshot, in the order of saving, then from the files of those that are not in it."""
    for snapshot in listing.snapshots[-1:]:
        try:
            held = list(load_reviews(io.BytesIO(folder.get(snapshot))))
        except ValueError:
            _log.warning("The newest snapshot in the bucket is damaged; reviews are put back from their own files.")
            continue
        # Withdrawn since: its own file has no words.
        _put_back_in_order(store, [each for each in held if each.withdrawn or each.id not in listing.withdrawn])
    lacking = (listing.kept | listing.withdrawn) - store.consents().keys()
    found = []
    for review_id in lacking:
        try:
            found.append(decode_review(folder.get(review_name(review_id, withdrawn=review_id in listing.withdrawn))))
        except ValueError:
            _log.warning("The file of review %s in the bucket is damaged and was not put back.", review_id)
    _put_back_in_order(store, sorted(found, key=lambda review: review.number))


def _put_back_in_order(store: ReviewStore, found: list[StoredReview]) -> None:
    """Each after the one that it corrects, else in their order."""
    here = set(store.consents())
    waiting = found
    while waiting:
        ready = [each for each in waiting if each.replaces is None or each.replaces in here]
        if not ready:
            _log.warning("%d reviews correct one that is nowhere, and were not put back.", len(waiting))
            return
        for review in waiting:
            if review.replaces is None or review.replaces in here:
                store.put_back(review)
                here.add(review.id)
        waiting = [each for each in waiting if each.id not in here]
