"""Whose a review is."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add the column to `reviews`, with its index."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_reviews()
    else:
        op.add_column("reviews", sa.Column("reader_key", sa.String()))
    op.create_index("ix_reviews_reader_key", "reviews", ["reader_key"])


def _refuse(verb: str) -> None:
    op.execute(
        f"CREATE TRIGGER reviews_refuse_{verb.lower()} BEFORE {verb} ON reviews  "
        "BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END"
    )


_REVIEWS_4 = (
    *("number", "id", "replaces", "created", "verdict", "overall", "words_added", "words_removed", "editing_seconds"),
    *("consented", "base", "base_digest", "adapter", "adapter_digest", "precision", "device", "prompt_version"),
    *("radiographs", "seed", "tokens", "seconds", "stopped", "warning_count", "reader", "study"),
    *("would_sign", "style_edits", "content_edits", "reading_consented"),
)


def _rebuild_reviews() -> None:
    """A column that SQLite adds stands behind the table's keys, where a new file has it before them.

    The index and the triggers go with the table that is dropped.
    """
    op.create_table(
        "new_reviews",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("replaces", sa.String(), sa.ForeignKey("reviews.id")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("created", "verdict")),
        sa.Column("overall", sa.Integer(), sa.CheckConstraint("overall BETWEEN 1 AND 5")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("words_added", "words_removed")),
        sa.Column("editing_seconds", sa.Float(), nullable=False),
        sa.Column("consented", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("base", "base_digest")),
        *(sa.Column(name, sa.String()) for name in ("adapter", "adapter_digest")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("precision", "device", "prompt_version")),
        sa.Column("radiographs", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("seed", "tokens")),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("warning_count", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("reader", "study")),
        sa.Column("would_sign", sa.Boolean()),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in ("style_edits", "content_edits")
        ),
        sa.Column("reading_consented", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("reader_key", sa.String()),
    )
    names = ", ".join(_REVIEWS_4)
    op.execute(f"INSERT INTO new_reviews ({names}) SELECT {names} FROM reviews")  # noqa: S608 - the names above
    op.drop_table("reviews")
    op.rename_table("new_reviews", "reviews")
    op.create_index("ix_reviews_replaces", "reviews", ["replaces"])
    for verb in ("UPDATE", "DELETE"):
        _refuse(verb)
