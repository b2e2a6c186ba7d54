"""Erases in the bucket what was just withdrawn, for a command that does not wait for the page."""

from clinicalblip.feedback.bucket.bucket import BucketRefused
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.bucket.uploader import Uploader
from clinicalblip.feedback.store import ReviewStore


def erase_in_bucket(folder: BucketFolder, store: ReviewStore, spool: Spool) -> str:
    """Erase the copies of every withdrawn review that has them, and the snapshots from before; say what was reached.

    What was not waits in the spool for the page. Nobody has to be the folder's writer for that: names are given once,
    and a page that was just uploading a review looks again whether it was withdrawn.
    """
    try:
        listing = folder.listing()
        withdrawn = [review_id for review_id, gone in store.consents().items() if gone]
        uploader = Uploader(folder, store, listing)
        uploader.erase(each for each in withdrawn if each in listing.kept or each not in listing.withdrawn)
        for review_id in set(spool.waiting()).intersection(withdrawn):
            spool.done(review_id)
    except BucketRefused as error:
        return (
            f"The bucket was not reached ({error}): its copies and its snapshots are erased when the page next reaches "
            "it, or by forgetting the review again."
        )
    return "The copies in the bucket and its snapshots from before are erased."
