"""The tables that reviews are kept in, in SQLite and in PostgreSQL.

Their rows live differently long. `reviews`, `sentences`, `errors` and `checks` are append-only and hold nobody's words.
`texts` holds the words of those who consented, `readings`, `reading_sentences` and `reading_errors` how those read who
consented to that; their rows are deleted when the consent is withdrawn. `withdrawals` keeps that it was. `triggers.py`
enforces this, whoever writes to them. docs/feedback.md says what each column means.

A change here is a new schema: it gets the next number, and a migration in `migrations/versions` that leads to it.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    false,
    text,
)

from clinicalblip.radiology.report import SLOTS

SCHEMA_VERSION = 5
APPLICATION_ID = 0x43424C50  # "CBLP" in the file's header: whose database this is
VERSION_TABLE = "clinicalblip_schema"  # in PostgreSQL it says whose database this is, and which schema it has

metadata = MetaData()

_WHOLE = Integer().with_variant(BigInteger(), "postgresql")  # SQLite's whole numbers have 64 bits anyway

reviews = Table(
    "reviews",
    metadata,
    Column("number", _WHOLE, primary_key=True, autoincrement=False),  # the order of saving
    Column("id", String, nullable=False, unique=True),
    Column("replaces", String, ForeignKey("reviews.id"), index=True),
    Column("created", String, nullable=False),  # ISO 8601, UTC, microseconds
    Column("verdict", String, nullable=False),
    Column("overall", _WHOLE, CheckConstraint("overall BETWEEN 1 AND 5")),
    Column("words_added", _WHOLE, nullable=False),
    Column("words_removed", _WHOLE, nullable=False),
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
    Column("seed", _WHOLE, nullable=False),
    Column("tokens", _WHOLE, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("warning_count", _WHOLE, nullable=False),
    # Since schema 2: a pseudonym, and of a work list a digest under that list's key.
    Column("reader", String),
    Column("study", String),
    # Since schema 3. What is not NULL has a default, so that an older program that has the file open can write on.
    Column("would_sign", Boolean),
    Column("style_edits", _WHOLE, nullable=False, server_default=text("0")),
    Column("content_edits", _WHOLE, nullable=False, server_default=text("0")),
    Column("reading_consented", Boolean, nullable=False, server_default=false()),
    # Since schema 5: whose it is, as a digest that names nobody.
    Column("reader_key", String, index=True),
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
    Column("number", _WHOLE, primary_key=True, autoincrement=False),  # from 0, in the order of the review
    Column("section", String, nullable=False),
    Column("start", _WHOLE),
    Column("end", _WHOLE),
    Column("fate", String),
    Column("final_start", _WHOLE),
    Column("final_end", _WHOLE),
    Column("decided_by", String),
)

errors = Table(
    "errors",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", _WHOLE, primary_key=True, autoincrement=False),
    Column("category", String, nullable=False),
    Column("significance", String),
    Column("observation", String),
    Column("section", String),
    Column("start", _WHOLE),
    Column("end", _WHOLE),
    Column("origin", String, nullable=False),
    Column("state", String, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", _WHOLE, primary_key=True, autoincrement=False),
    Column("check", String, nullable=False),
    Column("shown", _WHOLE, nullable=False),
    Column("dismissed", _WHOLE, nullable=False),
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
    Column("characters_typed", _WHOLE, nullable=False),
    Column("characters_pasted", _WHOLE, nullable=False),
    Column("characters_kept", _WHOLE, nullable=False),
    Column("characters_filled_in", _WHOLE, nullable=False),
    Column("characters_ticked", _WHOLE, nullable=False),
    Column("windows", _WHOLE, nullable=False),
    Column("zooms", _WHOLE, nullable=False),
    Column("prior_viewed", Boolean),
    Column("accepted_faster_than_readable", Boolean, nullable=False),
    Column("accepted_all_at_once", Boolean, nullable=False),
    Column("never_zoomed", Boolean, nullable=False),
    # Since schema 4. An older program that has the file open writes on, as above.
    Column("verdict_seconds", Float),
    Column("interrupted", Boolean, nullable=False, server_default=false()),
)

reading_sentences = Table(
    "reading_sentences",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", _WHOLE, primary_key=True, autoincrement=False),  # that of the sentence
    Column("seconds", Float),
)

reading_errors = Table(
    "reading_errors",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("number", _WHOLE, primary_key=True, autoincrement=False),  # that of the error
    Column("seconds", Float),
)

APPEND_ONLY = (reviews, withdrawals, sentences, errors, checks)
"""Tables whose rows stay as they were written."""

CONSENTED = (texts, readings, reading_sentences, reading_errors)
"""Tables whose rows rest on a consent, and go with it."""
