"""The tables of the reviews file.

Their rows live differently long. `reviews`, `sentences`, `errors` and `checks` are append-only and hold nobody's words.
`texts` holds the words of those who consented, `readings`, `reading_sentences` and `reading_errors` how those read who
consented to that; their rows are deleted when the consent is withdrawn. `withdrawals` keeps that it was. Triggers
enforce this, whoever writes to the file. docs/feedback.md says what each column means.

A change here is a new schema: it gets the next number, and a migration in `migrations/versions` that leads to it.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    text,
)

from clinicalblip.radiology.report import SLOTS

SCHEMA_VERSION = 4
APPLICATION_ID = 0x43424C50  # "CBLP" in the file's header: whose database this is

metadata = MetaData()

reviews = Table(
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True),  # the order of saving
    Column("id", String, nullable=False, unique=True),
    Column("replaces", String, ForeignKey("reviews.id"), index=True),
    Column("created", String, nullable=False),  # ISO 8601, UTC, microseconds
    Column("verdict", String, nullable=False),
    Column("overall", Integer, CheckConstraint("overall BETWEEN 1 AND 5")),
    Column("words_added", Integer, nullable=False),
    Column("words_removed", Integer, nullable=False),
    Column("editing_seconds", Float, nullable=False),
    Column("consented", Boolean, nullable=False),
    Column("base", String, nullable=False),
    Column("base_digest", String, nullable=False),
    Column("adapter", String),
    Column("adapter_digest", String),
    Column("precision", String, nullable=False),
    Column("device", String, nullable=False),
    Column("prompt_version", String, nullable=False),
    Column("radiographs", JSON, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("warning_count", Integer, nullable=False),
    # Since schema 2: a pseudonym, and of a work list a digest under that list's key.
    Column("reader", String),
    Column("study", String),
    # Since schema 3. What is not NULL has a default, so that an older program that has the file open can write on.
    Column("would_sign", Boolean),
    Column("style_edits", Integer, nullable=False, server_default=text("0")),
    Column("content_edits", Integer, nullable=False, server_default=text("0")),
    Column("reading_consented", Boolean, nullable=False, server_default=text("0")),
)

texts = Table(
    "texts",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    *(
        Column(name, String, nullable=False)
        for name in (
            *SLOTS,
            *("draft_findings", "draft_impression", "final_findings", "final_impression"),
            *("reference_findings", "reference_impression", "comment", "prompt", "prompt_digest"),
        )
    ),
    Column("warnings", JSON, nullable=False),
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("withdrawn", String, nullable=False),
)

sentences = Table(
    "sentences",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 0, in the order of the review
    Column("section", String, nullable=False),
    Column("start", Integer),
    Column("end", Integer),
    Column("fate", String),
    Column("final_start", Integer),
    Column("final_end", Integer),
    Column("decided_by", String),
)

errors = Table(
    "errors",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("category", String, nullable=False),
    Column("significance", String),
    Column("observation", String),
    Column("section", String),
    Column("start", Integer),
    Column("end", Integer),
    Column("origin", String, nullable=False),
    Column("state", String, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("check", String, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("dismissed", Integer, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("saved_seconds", Float, nullable=False),
    Column("active_seconds", Float, nullable=False),
    Column("first_word_seconds", Float),
    Column("draft_ended_seconds", Float),
    Column("first_action_seconds", Float),
    Column("reference_opened_seconds", Float),
    Column("characters_typed", Integer, nullable=False),
    Column("characters_pasted", Integer, nullable=False),
    Column("characters_kept", Integer, nullable=False),
    Column("characters_filled_in", Integer, nullable=False),
    Column("characters_ticked", Integer, nullable=False),
    Column("windows", Integer, nullable=False),
    Column("zooms", Integer, nullable=False),
    Column("prior_viewed", Boolean),
    Column("accepted_faster_than_readable", Boolean, nullable=False),
    Column("accepted_all_at_once", Boolean, nullable=False),
    Column("never_zoomed", Boolean, nullable=False),
    # Since schema 4. An older program that has the file open writes on, as above.
    Column("verdict_seconds", Float),
    Column("interrupted", Boolean, nullable=False, server_default=text("0")),
)

reading_sentences = Table(
    "reading_sentences",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # that of the sentence
    Column("seconds", Float),
)

reading_errors = Table(
    "reading_errors",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # that of the error
    Column("seconds", Float),
)

APPEND_ONLY = (reviews, withdrawals, sentences, errors, checks)
"""Tables whose rows stay as they were written."""

CONSENTED = (texts, readings, reading_sentences, reading_errors)
"""Tables whose rows rest on a consent, and go with it."""


def create_schema(connection: Connection) -> None:
    """Make every table, index and trigger in an empty file, and say whose it is and which schema it has."""
    metadata.create_all(connection)
    for trigger in _triggers():
        connection.exec_driver_sql(trigger)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _triggers() -> list[str]:
    withdrawn = "EXISTS (SELECT 1 FROM withdrawals WHERE review = {row}.review)"
    refusals = [
        *((table, verb, "", "{} are append-only") for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")),
        *(
            (table, *refusal)
            for table in CONSENTED
            for refusal in (
                ("UPDATE", "", "{} never change"),
                ("DELETE", f"WHEN NOT {withdrawn.format(row='OLD')}", "{} go only when their consent does"),
                ("INSERT", f"WHEN {withdrawn.format(row='NEW')}", "the consent to these {} was withdrawn"),
            )
        ),
    ]
    return [
        f"CREATE TRIGGER {table.name}_refuse_{verb.lower()} BEFORE {verb} ON {table.name} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{why.format(table.name)}'); END"
        for table, verb, when, why in refusals
    ]
