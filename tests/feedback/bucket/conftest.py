"""A store, its spool and a bucket in a folder, as a page would have them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.copies import BucketCopies
from clinicalblip.feedback.bucket.folder_bucket import FolderBucket
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from tests.fixtures.odd_buckets import OddBucket


@dataclass
class Page:
    """What one page has: `bucket.before` may be set to what goes wrong."""

    store: ReviewStore
    spool: Spool
    bucket: OddBucket
    folder: BucketFolder
    copies: BucketCopies


@pytest.fixture
def bucket_path(tmp_path: Path) -> Path:
    """The folder that is the bucket."""
    return tmp_path / "bucket"


@pytest.fixture
def open_page(tmp_path: Path, bucket_path: Path) -> Iterator[Callable[..., Page]]:
    """Start a page on a disk of its own, in the Space and under the prefix that are named."""
    with ExitStack() as opened:

        def open_one(disk: str = "disk", *, space: str = "", prefix: str = "page") -> Page:
            spool = Spool(tmp_path / disk / "bucket-spool")
            store = opened.enter_context(ReviewStore(tmp_path / disk / "reviews.sqlite3", spool.add))
            bucket = OddBucket(FolderBucket(bucket_path))
            folder = BucketFolder(bucket, prefix)
            return Page(store, spool, bucket, folder, BucketCopies(store, spool, folder, space))

        yield open_one


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page whose bucket is empty."""
    return open_page()
