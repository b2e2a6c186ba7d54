"""Where the reviews are, and how far the bucket is behind, in plain lines."""

from collections.abc import Iterator

from clinicalblip.feedback.bucket.bucket import BucketRefused
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import StorageSettings


def status_lines(
    store: ReviewStore, storage: StorageSettings, spool: Spool | None, folder: BucketFolder | None
) -> Iterator[str]:
    """Counts alone, in the order in which they matter. Raises ReviewNotSaved where the store cannot be read."""
    where = "the reviews file" if storage.url is None else "the PostgreSQL database of storage.url"
    consents = store.consents()
    yield f"{len(consents)} reviews in {where}; {sum(consents.values())} of them withdrawn."
    if folder is None or spool is None:
        yield "No copy elsewhere: storage.bucket names no bucket."
        return
    yield f"{len(spool.waiting())} wait for the bucket."
    try:
        folder.refuse_public()
        listing = folder.listing()
        there = (listing.kept | listing.withdrawn) & consents.keys()
        yield f"{len(there)} of these reviews are in the bucket, {len(listing.snapshots)} snapshots too."
        if listing.snapshots:
            yield f"The newest snapshot is of {listing.snapshots[-1].day}."
        if listing.owners:
            space = folder.owner_space(listing.owners[-1])
            mine = listing.owners[-1].writer == spool.writer
            yield f"Written by {'this page' if mine else 'another page'}{f', the Space {space}' if space else ''}."
    except BucketRefused as error:
        yield f"The bucket cannot be used now: {error}"
