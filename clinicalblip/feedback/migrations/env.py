"""What Alembic runs its commands in: the connection that `upgrade` hands over, with the transaction that it is in."""

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], version_table=given["version_table"])
context.run_migrations()
