"""The tables that a reader study is recorded in: rows are added, and neither changed nor taken away.

Of a link the SHA-256 alone is kept. Orders are those of saving (`number`), never those of a clock, which may jump.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from clinicalblip.errors import ReaderStudyError
from clinicalblip.feedback.databases.file_schema import FileSchema

metadata = MetaData()


def _number() -> Column[int]:
    """The order of saving."""
    return Column("number", Integer, primary_key=True)


def _reader(*, primary_key: bool = False) -> Column[str]:
    """Whose row it is: somebody's who is enrolled."""
    return Column("reader", String, ForeignKey("enrolments.reader"), primary_key=primary_key, nullable=False)


enrolments = Table(
    "enrolments",
    metadata,
    Column("reader", String, primary_key=True),
    Column("row", Integer, CheckConstraint('"row" >= 1'), nullable=False, unique=True),
    Column("enrolled", String, nullable=False),  # ISO 8601, UTC, microseconds, as every time here
)

consents = Table("consents", metadata, _reader(primary_key=True), Column("consented", String, nullable=False))

leavings = Table("leavings", metadata, _reader(primary_key=True), Column("left", String, nullable=False))

links = Table(
    "links",
    metadata,
    _number(),
    _reader(),
    Column("digest", String, nullable=False, unique=True),
    Column("made", String, nullable=False),
)

link_uses = Table(
    "link_uses",
    metadata,
    Column("digest", String, ForeignKey("links.digest"), primary_key=True),
    Column("used", String, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    _number(),
    _reader(),
    Column("case", Integer, CheckConstraint('"case" >= 1'), nullable=False),
    Column("arm", String, nullable=False),
    Column("period", Integer, CheckConstraint("period >= 1"), nullable=False),
    Column("position", Integer, CheckConstraint("position >= 1"), nullable=False),
    Column("repeat", Boolean, nullable=False),
    Column("opened", String, nullable=False),
    Column("saved", String, nullable=False),
    Column("final", JSON, nullable=False),
    Column("reading", JSON(none_as_null=True)),
    Column("review", String),
    Column("draft", String),
    Column("first", JSON(none_as_null=True)),
    Column("first_seconds", Float, CheckConstraint("first_seconds >= 0")),
    Column("answers", JSON, nullable=False),
    UniqueConstraint("reader", "period", "case", "repeat"),
)

choices = Table(
    "choices",
    metadata,
    _number(),
    _reader(),
    Column("position", Integer, CheckConstraint("position >= 1"), nullable=False),
    Column("case", Integer, CheckConstraint('"case" >= 1'), nullable=False),
    Column("left", String, nullable=False),
    Column("right", String, nullable=False),
    Column("choice", String, nullable=False),
    Column("why", String, nullable=False),
    Column("seconds", Float, CheckConstraint("seconds >= 0"), nullable=False),
    Column("saved", String, nullable=False),
    UniqueConstraint("reader", "position"),
)

answers = Table(
    "answers",
    metadata,
    _number(),
    _reader(),
    Column("questionnaire", String, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("saved", String, nullable=False),
    UniqueConstraint("reader", "questionnaire"),
)

events = Table(
    "events",
    metadata,
    _number(),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("reader", String),
    Column("detail", String, nullable=False),
)


def _append_only() -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table.name}_refuse_{verb.lower()} BEFORE {verb} ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} are append-only'); END"
        for table in metadata.sorted_tables
        for verb in ("UPDATE", "DELETE")
    )


RECORDS: Final = FileSchema(
    name="study's records file",
    if_not_writable="see that the study's folder can be written to and has room",
    if_foreign="put back the records.sqlite3 of this study",
    if_newer="open the study with the version that made it",
    application_id=0x43425253,  # "CBRS" in the file's header: whose database this is
    version=1,
    metadata=metadata,
    triggers=_append_only(),
    made_anew=False,  # an empty one in its place would look like a study that nobody has read
    unusable=ReaderStudyError,
    not_saved=ReaderStudyError,
)
