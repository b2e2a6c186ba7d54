"""When a review's decision and errors were answered, and whether its reading was interrupted."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Make `readings` anew with two more columns, and add the table of when each error was answered."""
    _rebuild_readings()
    op.create_table(
        "reading_errors",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("seconds", sa.Float()),
    )
    withdrawn = "EXISTS (SELECT 1 FROM withdrawals WHERE review = {row}.review)"
    for table in ("readings", "reading_errors"):
        _refuse(table, "UPDATE", f"{table} never change")
        _refuse(table, "DELETE", f"{table} go only when their consent does", f"WHEN NOT {withdrawn.format(row='OLD')}")
        _refuse(table, "INSERT", f"the consent to these {table} was withdrawn", f"WHEN {withdrawn.format(row='NEW')}")


def _refuse(table: str, verb: str, why: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


_TIMES = ("first_word_seconds", "draft_ended_seconds", "first_action_seconds", "reference_opened_seconds")
_COUNTS = (
    *("characters_typed", "characters_pasted", "characters_kept", "characters_filled_in", "characters_ticked"),
    *("windows", "zooms"),
)
_FLAGS = ("accepted_faster_than_readable", "accepted_all_at_once", "never_zoomed")
_READINGS_3 = ("review", "saved_seconds", "active_seconds", *_TIMES, *_COUNTS, "prior_viewed", *_FLAGS)


def _rebuild_readings() -> None:
    """A column that SQLite adds stands behind the table's keys, where a new file has it before them."""
    op.create_table(
        "new_readings",
        sa.Column("review", sa.String(), sa.ForeignKey("reviews.id"), primary_key=True),
        sa.Column("saved_seconds", sa.Float(), nullable=False),
        sa.Column("active_seconds", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Float()) for name in _TIMES),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("prior_viewed", sa.Boolean()),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in _FLAGS),
        sa.Column("verdict_seconds", sa.Float()),
        sa.Column("interrupted", sa.Boolean(), nullable=False, server_default=sa.text("0")),
    )
    names = ", ".join(_READINGS_3)
    op.execute(f"INSERT INTO new_readings ({names}) SELECT {names} FROM readings")  # noqa: S608 - the names above
    op.drop_table("readings")
    op.rename_table("new_readings", "readings")
