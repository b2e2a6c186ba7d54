"""FileSchema: what the tables of an SQLite file are, how the file is known again, and how a person is told of it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import MetaData

from clinicalblip.errors import ClinicalBlipError, ReviewNotSaved, SettingsError
from clinicalblip.feedback.schema import APPLICATION_ID, SCHEMA_VERSION, metadata
from clinicalblip.feedback.triggers import sqlite_triggers


@dataclass(frozen=True)
class FileSchema:
    """The schema of one kind of file.

    `name` is what the file is called in sentences, and the three pieces of advice end those on a file that cannot be
    written, is another program's, or has a newer schema. `application_id` stands in its header. `migrations`: the
    module whose `upgrade(connection, version)` leads to `version`, where there was an older one. `made_anew`: a file
    that is removed while it is open is made again, rather than missed. `unusable` is raised where the file cannot be
    opened, `not_saved` where something cannot be written to one that is open.
    """

    name: str
    if_not_writable: str
    if_foreign: str
    if_newer: str
    application_id: int
    version: int
    metadata: MetaData
    triggers: tuple[str, ...]
    migrations: str | None = None
    made_anew: bool = True
    unusable: type[ClinicalBlipError] = SettingsError
    not_saved: type[ClinicalBlipError] = ReviewNotSaved


REVIEWS: Final = FileSchema(
    name="reviews file",
    if_not_writable="name a file in a writable folder as storage.reviews",
    if_foreign="name a new or a ClinicalBLIP file as storage.reviews",
    if_newer="name another file as storage.reviews",
    application_id=APPLICATION_ID,
    version=SCHEMA_VERSION,
    metadata=metadata,
    triggers=tuple(sqlite_triggers()),
    migrations="clinicalblip.feedback.migrations.upgrade",
)
