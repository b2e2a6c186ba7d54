"""Who read which study of a work list."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add `reader` and `study` to `reviews`."""
    for name in ("reader", "study"):
        op.add_column("reviews", sa.Column(name, sa.String()))
