"""Runs the migrations from a database's schema to the newest."""

import threading
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from clinicalblip.feedback.schema import SCHEMA_VERSION, VERSION_TABLE

_SCRIPTS: Final = Path(__file__).parent
_ALONE = threading.Lock()  # Alembic's `op` and `context` are one for the process


def upgrade(connection: Connection, schema: int) -> None:
    """Bring a database from `schema` to the newest, in the connection's transaction, whose end decides whether it was.

    Leaves the table VERSION_TABLE, which says the newest schema.
    """
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    with _ALONE:
        command.stamp(config, str(schema))
        command.upgrade(config, str(SCHEMA_VERSION))
