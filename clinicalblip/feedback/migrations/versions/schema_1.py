"""The schema of the first files, which are older than these migrations: nothing leads to it."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """Nothing: a file that has this schema is there."""
