"""The store of reviews that the settings describe, and its copies in a bucket."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from clinicalblip.feedback.bucket.bucket import Bucket
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.databases.review_database import ReviewDatabase
from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import Settings

_SPOOL: Final = "bucket-spool"
_FILE: Final = "file://"
_PREFIX: Final = "page"


def open_store(settings: Settings, location: StoragePath, spool: Spool | None = None) -> ReviewStore:
    """Open the store in the database of `storage.url`, else in the file at the location.

    With `storage.bucket` what is saved or withdrawn waits in the `spool`, of which one process needs one. Raises
    SettingsError as the databases do.
    """
    database: ReviewDatabase | Path = location.path
    if settings.storage.url is not None:
        from clinicalblip.feedback.databases.postgresql import PostgresqlDatabase

        database = PostgresqlDatabase(settings.storage.url)
    if settings.storage.bucket is None:
        return ReviewStore(database)
    return ReviewStore(database, (spool or open_spool(location)).add)


def open_spool(location: StoragePath) -> Spool:
    """What is not in the bucket yet, beside the reviews file."""
    return Spool(location.path.parent / _SPOOL)


def open_bucket(settings: Settings, environment: Mapping[str, str] = os.environ) -> BucketFolder | None:
    """This page's folder of the bucket, None where none is named. Nothing is asked of the bucket yet.

    Raises SettingsError where it is the hub's and no token is set.
    """
    named = settings.storage.bucket
    if named is None:
        return None
    bucket: Bucket
    if named.startswith(_FILE):
        from clinicalblip.feedback.bucket.folder_bucket import FolderBucket

        bucket = FolderBucket(Path(unquote(named.removeprefix(_FILE))))
    else:
        from clinicalblip.feedback.bucket.hub_bucket import HubBucket

        bucket = HubBucket(named)
    return BucketFolder(bucket, settings.storage.prefix or space_name(environment).replace("/", "--") or _PREFIX)


def space_name(environment: Mapping[str, str] = os.environ) -> str:
    """The Space that this is, empty elsewhere."""
    return environment.get("SPACE_ID", "")
