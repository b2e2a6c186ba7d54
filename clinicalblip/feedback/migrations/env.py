"""What Alembic runs its commands in: the connection that `upgrade` hands over, with the transaction that it is in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
