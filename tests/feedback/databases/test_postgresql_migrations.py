"""How a PostgreSQL database gets its tables, and those of a later schema: once, whole or not at all."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pg8000
import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.schema import SCHEMA_VERSION, metadata
from clinicalblip.radiology.review import Review
from tests.fixtures.review_places import PostgresqlPlace

pytestmark = pytest.mark.system

Make = Callable[..., Review]

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"


def upgrade():
    op.add_column("reviews", sa.Column("later", sa.Integer()))
    if "{stops}":
        print("half", flush=True)
        import time
        time.sleep(60)
"""


def later_version(folder: Path, *, stops: bool = False) -> str:
    """Code that gives this program one more schema, with a migration to it."""
    names = {"number": SCHEMA_VERSION + 1, "before": SCHEMA_VERSION, "stops": "yes" if stops else ""}
    (folder / "later.py").write_text(LATER.format(**names))
    return f"""
import sys
import alembic.config
from pydantic import SecretStr
from clinicalblip.feedback.databases import postgresql_connection
from clinicalblip.feedback.migrations import upgrade
own = upgrade._SCRIPTS / "versions"
class Wider(alembic.config.Config):
    def set_main_option(self, name, value):
        super().set_main_option(name, value)
        super().set_main_option("path_separator", "newline")
        super().set_main_option("version_locations", str(own) + chr(10) + {str(folder)!r})
upgrade.Config = Wider
upgrade.SCHEMA_VERSION = postgresql_connection.SCHEMA_VERSION = {SCHEMA_VERSION + 1}
engine = postgresql_connection.open_database(SecretStr(sys.argv[1]))
engine.dispose()
print("done")
"""


def start(program: str, place: PostgresqlPlace) -> subprocess.Popen[str]:
    """A program in a process of its own, with the address as its argument."""
    return subprocess.Popen(
        [sys.executable, "-c", program, place.url.get_secret_value()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )


def test_a_later_migration_runs_here_once_and_keeps_every_review(
    postgresql_place: PostgresqlPlace, review: Make, tmp_path: Path
) -> None:
    """Programs of the later version that start at once wait for one another; one of this version then refuses."""
    with postgresql_place.open() as store:
        store.add(review(0))
    program = later_version(tmp_path)
    started = [start(program, postgresql_place) for _ in range(3)]
    assert [process.communicate(timeout=100) for process in started] == [("done\n", "")] * 3
    assert postgresql_place.execute("SELECT count(*), max(later) FROM reviews") == [(1, None)]
    assert postgresql_place.execute("SELECT * FROM clinicalblip_schema") == [(str(SCHEMA_VERSION + 1),)]
    with pytest.raises(SettingsError, match="update ClinicalBLIP"):
        postgresql_place.open()


def test_a_database_of_schema_4_becomes_one_of_the_present(
    postgresql_place: PostgresqlPlace, review: Make, parts: dict[str, Any]
) -> None:
    """Its reviews are nobody's, those after it have a reader, and both are append-only."""
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    with postgresql_place.open() as store:
        before = store.add(review(0, **parts))
    made = postgresql_place.execute(indexes)
    postgresql_place.execute("ALTER TABLE reviews DROP COLUMN reader_key")
    postgresql_place.execute("UPDATE clinicalblip_schema SET version_num = '4'")
    with postgresql_place.open() as store:
        after = store.add(review(1, reader_key="a" * 64))
        assert [(kept.id, kept.reader_key) for kept in store.reviews()] == [(before, None), (after, "a" * 64)]
        assert [kept.id for kept in store.reviews(reader_key="a" * 64)] == [after]
    assert postgresql_place.execute(indexes) == made
    assert postgresql_place.execute("SELECT * FROM clinicalblip_schema") == [(str(SCHEMA_VERSION),)]
    with pytest.raises(pg8000.DatabaseError, match="append-only"):
        postgresql_place.execute("UPDATE reviews SET reader_key = NULL")


def test_a_migration_that_is_killed_leaves_the_old_schema(
    postgresql_place: PostgresqlPlace, review: Make, tmp_path: Path
) -> None:
    """SIGKILL with the new column there and nothing committed: the database is as it was."""
    with postgresql_place.open() as store:
        store.add(review(0))
    with start(later_version(tmp_path, stops=True), postgresql_place) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    with postgresql_place.open() as store:
        assert len(list(store.reviews())) == 1
    assert postgresql_place.execute("SELECT * FROM clinicalblip_schema") == [(str(SCHEMA_VERSION),)]


def test_processes_may_make_the_tables_together(postgresql_place: PostgresqlPlace) -> None:
    """One makes them, the others wait."""
    program = (
        "import sys; from pydantic import SecretStr\n"
        "from clinicalblip.feedback.databases.postgresql import PostgresqlDatabase\n"
        "PostgresqlDatabase(SecretStr(sys.argv[1])).close()"
    )
    started = [start(program, postgresql_place) for _ in range(3)]
    assert [process.communicate(timeout=100) for process in started] == [("", "")] * 3
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert postgresql_place.execute(tables) == [(len(metadata.tables) + 1,)]
