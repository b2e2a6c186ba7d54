"""Runs the migrations from a file's schema to the newest."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from clinicalblip.feedback.schema import SCHEMA_VERSION

_SCRIPTS = Path(__file__).parent
_ALONE = threading.Lock()  # Alembic's `op` and `context` are one for the process


def upgrade(connection: Connection, schema: int) -> None:
    """Bring the file from `schema` to the newest, in the connection's transaction, whose end decides whether it was."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    with _ALONE:
        command.stamp(config, str(schema))
        command.upgrade(config, str(SCHEMA_VERSION))
    # The file says its schema in `user_version`, where programs older than these migrations look for it as well; a
    # second place could contradict it.
    connection.exec_driver_sql("DROP TABLE alembic_version")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
