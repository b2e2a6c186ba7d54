"""What readers did with each sentence, which errors they found, what checks were shown, and how they read."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Let `reviews` be without a rating, add what schema 3 asks of it, and make the new tables."""
    _rebuild_reviews()
    _make_tables()
    for table in ("reviews", "sentences", "errors", "checks"):
        _refuse(table, "UPDATE", f"{table} are append-only")
        _refuse(table, "DELETE", f"{table} are append-only")
    withdrawn = "EXISTS (SELECT 1 FROM withdrawals WHERE review = {row}.review)"
    for table in ("readings", "reading_sentences"):
        _refuse(table, "UPDATE", f"{table} never change")
        _refuse(table, "DELETE", f"{table} go only when their consent does", f"WHEN NOT {withdrawn.format(row='OLD')}")
        _refuse(table, "INSERT", f"the consent to these {table} was withdrawn", f"WHEN {withdrawn.format(row='NEW')}")


def _refuse(table: str, verb: str, why: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


_REVIEWS_2 = (
    *("number", "id", "replaces", "created", "verdict", "overall", "words_added", "words_removed", "editing_seconds"),
    *("consented", "base", "base_digest", "adapter", "adapter_digest", "precision", "device", "prompt_version"),
    *("radiographs", "seed", "tokens", "seconds", "stopped", "warning_count", "reader", "study"),
)


def _rebuild_reviews() -> None:
    """SQLite takes a NOT NULL from a column only where the table is made anew; its index and triggers go with it."""
    op.create_table(
        "new_reviews",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("replaces", sa.String(), sa.ForeignKey("reviews.id")),
        sa.Column("created", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("overall", sa.Integer(), sa.CheckConstraint("overall BETWEEN 1 AND 5")),
        sa.Column("words_added", sa.Integer(), nullable=False),
        sa.Column("words_removed", sa.Integer(), nullable=False),
        sa.Column("editing_seconds", sa.Float(), nullable=False),
        sa.Column("consented", sa.Boolean(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("base_digest", sa.String(), nullable=False),
        sa.Column("adapter", sa.String()),
        sa.Column("adapter_digest", sa.String()),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("radiographs", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("warning_count", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String()),
        sa.Column("study", sa.String()),
        sa.Column("would_sign", sa.Boolean()),
        sa.Column("style_edits", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("content_edits", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("reading_consented", sa.Boolean(), nullable=False, server_default=sa.text("0")),
    )
    names = ", ".join(_REVIEWS_2)
    op.execute(f"INSERT INTO new_reviews ({names}) SELECT {names} FROM reviews")  # noqa: S608 - the names above
    op.drop_table("reviews")
    op.rename_table("new_reviews", "reviews")
    op.create_index("ix_reviews_replaces", "reviews", ["replaces"])


def _make_tables() -> None:
    op.create_table(
        "sentences",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("start", sa.Integer()),
        sa.Column("end", sa.Integer()),
        sa.Column("fate", sa.String()),
        sa.Column("final_start", sa.Integer()),
        sa.Column("final_end", sa.Integer()),
        sa.Column("decided_by", sa.String()),
    )
    op.create_table(
        "errors",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("significance", sa.String()),
        sa.Column("observation", sa.String()),
        sa.Column("section", sa.String()),
        sa.Column("start", sa.Integer()),
        sa.Column("end", sa.Integer()),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
    )
    op.create_table(
        "checks",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("dismissed", sa.Integer(), nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("saved_seconds", sa.Float(), nullable=False),
        sa.Column("active_seconds", sa.Float(), nullable=False),
        sa.Column("first_word_seconds", sa.Float()),
        sa.Column("draft_ended_seconds", sa.Float()),
        sa.Column("first_action_seconds", sa.Float()),
        sa.Column("reference_opened_seconds", sa.Float()),
        sa.Column("characters_typed", sa.Integer(), nullable=False),
        sa.Column("characters_pasted", sa.Integer(), nullable=False),
        sa.Column("characters_kept", sa.Integer(), nullable=False),
        sa.Column("characters_filled_in", sa.Integer(), nullable=False),
        sa.Column("characters_ticked", sa.Integer(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("zooms", sa.Integer(), nullable=False),
        sa.Column("prior_viewed", sa.Boolean()),
        sa.Column("accepted_faster_than_readable", sa.Boolean(), nullable=False),
        sa.Column("accepted_all_at_once", sa.Boolean(), nullable=False),
        sa.Column("never_zoomed", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "reading_sentences",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("seconds", sa.Float()),
    )
