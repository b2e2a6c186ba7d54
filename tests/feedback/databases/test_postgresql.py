"""A store in PostgreSQL: many writers, lines that break, other people's databases, and a password that stays secret."""

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from clinicalblip.cli import main
from clinicalblip.errors import ReviewNotSaved, SettingsError
from clinicalblip.feedback.databases import postgresql_connection
from clinicalblip.feedback.databases.postgresql import PostgresqlDatabase
from clinicalblip.feedback.schema import SCHEMA_VERSION, metadata
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review
from clinicalblip.settings import read_settings
from tests.fixtures.postgresql_server import PostgresqlServer
from tests.fixtures.relay import Relay
from tests.fixtures.review_places import PostgresqlPlace

pytestmark = pytest.mark.system

Make = Callable[..., Review]


def test_fifty_writers_lose_nothing(postgresql_place: PostgresqlPlace, review: Make) -> None:
    """Each gets an id, two stores have all reviews, and their numbers have no gap."""
    told: list[object] = []
    with postgresql_place.open() as here, postgresql_place.open() as there:

        def save(number: int) -> None:
            try:
                told.append((here, there)[number % 2].add(review(number)))
            except ReviewNotSaved as error:
                told.append(error)

        threads = [threading.Thread(target=save, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = [stored.id for stored in here.reviews()]
    assert sorted(map(str, told)) == sorted(kept)
    assert len(set(kept)) == 50
    assert postgresql_place.execute("SELECT min(number), max(number) FROM reviews") == [(1, 50)]


def test_no_table_is_emptied(postgresql_place: PostgresqlPlace) -> None:
    """TRUNCATE passes triggers by that look at rows; it has triggers of its own."""
    postgresql_place.open().close()
    for table in metadata.tables:
        with pytest.raises(Exception, match="never emptied"):
            postgresql_place.execute(f"TRUNCATE {table} CASCADE")


@contextmanager
def broken_line(place: PostgresqlPlace) -> Iterator[tuple[Relay, ReviewStore]]:
    """A store whose connection goes over a line that can be broken."""
    relay = Relay(place.server.port)
    url = place.url.get_secret_value().replace(f":{place.server.port}/", f":{relay.port}/")
    with closing(relay), ReviewStore(PostgresqlDatabase(SecretStr(url))) as store:
        yield relay, store


@pytest.mark.parametrize("word", ["insert into reviews", "insert into texts", "commit"])
@pytest.mark.parametrize("carries", [False, True])
def test_a_line_that_breaks_in_the_middle_leaves_one_row(
    postgresql_place: PostgresqlPlace, review: Make, word: str, carries: bool
) -> None:
    """Also where the server had committed and nobody heard of it."""
    with broken_line(postgresql_place) as (relay, store):
        store.add(review(0))
        relay.break_at(word.encode(), carries=carries)
        identifier = store.add(review(1))
        assert relay.word == b"", "the line broke"
    assert [kept[0] for kept in postgresql_place.execute("SELECT id FROM reviews ORDER BY number")][1:] == [identifier]
    assert postgresql_place.execute("SELECT count(*) FROM texts") == [(2,)]


@pytest.mark.parametrize("carries", [False, True])
def test_a_line_that_stays_broken_is_said_and_the_review_is_saved_once_later(
    postgresql_place: PostgresqlPlace, review: Make, carries: bool
) -> None:
    """The same review, sent again when the line is back, is one row, whatever the server did."""
    with broken_line(postgresql_place) as (relay, store):
        store.add(review(0))
        relay.break_at(b"commit", carries=carries, for_good=True)
        with pytest.raises(ReviewNotSaved, match="what you wrote is still here, so try again once the database"):
            store.add(review(1))
        relay.for_good = False
        identifier = store.add(review(1))
        assert [kept.id for kept in store.reviews()][1:] == [identifier]


def test_connections_that_the_server_ends_are_made_anew(postgresql_place: PostgresqlPlace, review: Make) -> None:
    """An administrator ends all of them between two saves."""
    with postgresql_place.open() as store:
        store.add(review(0))
        postgresql_place.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        store.add(review(1))
        assert len(list(store.reviews())) == 2


def test_a_server_that_dies_keeps_what_was_acknowledged(
    postgresql_server: PostgresqlServer, postgresql_place: PostgresqlPlace, review: Make
) -> None:
    """It is said while the server is away, and the store goes on when it is back."""
    with postgresql_place.open() as store:
        store.add(review(0))
        postgresql_server.stop()
        try:
            with pytest.raises(ReviewNotSaved, match="cannot be reached"):
                store.add(review(1))
            with pytest.raises(ReviewNotSaved, match=r"cannot be reached.*check the database that storage\.url names"):
                list(store.reviews())
        finally:
            postgresql_server.start()
        store.add(review(1))
        assert [kept.texts for kept in store.reviews()] == [review(0).texts, review(1).texts]


def test_who_holds_the_lock_too_long_is_said(
    postgresql_place: PostgresqlPlace, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that writes costs a sentence, and after it the review is saved."""
    with postgresql_place.open() as store:
        with (
            closing(postgresql_place.server.connect(postgresql_place.name)) as other,
            monkeypatch.context() as impatient,
        ):
            impatient.setattr("clinicalblip.feedback.databases.postgresql.BUSY_SECONDS", 0.2)
            other.cursor().execute(f"SELECT pg_advisory_xact_lock({postgresql_connection.WRITING_LOCK})")
            with pytest.raises(ReviewNotSaved, match="another program holds it locked"):
                store.add(review(0))
        store.add(review(0))  # it waits as long as it always does, for the server may let go of the lock a little later


def test_forget_leaves_the_words_in_no_table_of_the_server(
    postgresql_place: PostgresqlPlace, review: Make, words: tuple[str, ...]
) -> None:
    """Not in free space either; what the server's own log keeps is said."""
    with postgresql_place.open() as store:
        number = store.add(review(0))
        assert _words_in_tables(postgresql_place, words)
        assert "PostgreSQL's own log" in store.forget(number)
    assert _words_in_tables(postgresql_place, words) == set()


def _words_in_tables(place: PostgresqlPlace, words: tuple[str, ...]) -> set[str]:
    place.execute("CHECKPOINT")
    ((number,),) = place.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
    files = [file.read_bytes() for file in (place.server.data / "base" / str(number)).iterdir()]
    return {word for word in words if any(word.encode() in held for held in files)}


def test_forget_says_when_a_reader_hinders_it(
    postgresql_place: PostgresqlPlace, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long reading transaction keeps the old rows; once it ends, forgetting again succeeds."""
    monkeypatch.setattr("clinicalblip.feedback.databases.postgresql.BUSY_SECONDS", 0.2)
    with postgresql_place.open() as store:
        number = store.add(review(0))
        with closing(postgresql_place.server.connect(postgresql_place.name)) as other:
            other.cursor().execute("SELECT count(*) FROM texts")
            with pytest.raises(ReviewNotSaved, match=r"The texts are withdrawn, but .* forget the review again"):
                store.forget(number)
        store.forget(number)


def test_it_is_acknowledged_when_it_is_on_the_servers_disk(postgresql_place: PostgresqlPlace, review: Make) -> None:
    """Whatever the server's own setting is."""
    postgresql_place.execute(f"ALTER DATABASE {postgresql_place.name} SET synchronous_commit = off")
    with postgresql_place.open() as store:
        store.add(review(0))
        read = store._database.read(lambda connection: connection.exec_driver_sql("SHOW synchronous_commit").scalar())
    assert read == "on"


def test_another_programs_database_is_refused_untouched(postgresql_place: PostgresqlPlace) -> None:
    """Its tables stay alone."""
    postgresql_place.execute("CREATE TABLE notes (note TEXT)")
    with pytest.raises(SettingsError, match="tables of another program"):
        postgresql_place.open()
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    assert postgresql_place.execute(tables) == [("notes",)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"UPDATE clinicalblip_schema SET version_num = '{SCHEMA_VERSION + 1}'", "update ClinicalBLIP"),
        ("UPDATE clinicalblip_schema SET version_num = 'other'", "does not say its schema"),
        ("DELETE FROM clinicalblip_schema", "does not say its schema"),
    ],
)
def test_another_schema_is_refused(postgresql_place: PostgresqlPlace, statement: str, said: str) -> None:
    """Of a later version, or of none."""
    postgresql_place.open().close()
    postgresql_place.execute(statement)
    with pytest.raises(SettingsError, match=said):
        postgresql_place.open()


def test_a_database_of_another_encoding_is_refused(postgresql_server: PostgresqlServer) -> None:
    """It could not hold every text."""
    postgresql_server.execute("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(SettingsError, match="not in UTF-8"):
        PostgresqlDatabase(postgresql_server.url("latin"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Planted", "Wrong-Planted"), "refuses this user or password"),
        (("reader:", "nobody:"), "refuses this user or password"),
        (("/reviews_", "/absent_"), "no such database"),
        (("127.0.0.1:", "127.0.0.1:1"), "."),
        (("postgresql://", "mysql://"), "has to look like"),
        (("@127.0.0.1", "@"), "has to look like"),
        (("?", "&"), "has to look like"),
    ],
)
def test_an_address_that_does_not_do_is_one_sentence(
    postgresql_place: PostgresqlPlace, change: tuple[str, str], said: str
) -> None:
    """Which holds neither the address nor the password, and no chain of causes that does."""
    url = postgresql_place.url.get_secret_value().replace(*change)
    if change[0] == "?":
        url = url.split("@")[0]
    elif change[0] == "127.0.0.1:":
        url = url.replace(f":1{postgresql_place.server.port}", ":9")
    with pytest.raises(SettingsError, match=said) as caught:
        PostgresqlDatabase(SecretStr(url))
    told = "".join(traceback.format_exception(caught.value))
    assert "Planted" not in told
    assert "127.0.0.1" not in told


def test_tls_is_spoken_with_other_machines(postgresql_place: PostgresqlPlace) -> None:
    """This server has none: what asks for it is told, and nothing is sent in the open."""
    url = postgresql_place.url.get_secret_value()
    for mode in ("require", "verify-full"):
        with pytest.raises(SettingsError, match="offers no TLS"):
            PostgresqlDatabase(SecretStr(f"{url}?sslmode={mode}"))
    with pytest.raises(SettingsError, match="sslmode=disable"):
        PostgresqlDatabase(SecretStr(f"{url}?sslmode=perhaps"))
    PostgresqlDatabase(SecretStr(f"{url}?sslmode=disable")).close()


def test_commands_work_over_it_and_print_no_password(
    postgresql_place: PostgresqlPlace,
    review: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where the settings name the database; where it is not there either, which is one line."""
    monkeypatch.chdir(tmp_path)
    url = postgresql_place.url.get_secret_value()
    monkeypatch.setenv("CLINICALBLIP_STORAGE_URL", url)
    with postgresql_place.open() as store:
        number = store.add(review(0))
    assert main(["feedback", "show", number]) == 0
    assert main(["feedback", "forget", number]) == 0
    monkeypatch.setenv("CLINICALBLIP_STORAGE_URL", url.replace("/reviews_", "/absent_"))
    assert main(["feedback", "summary"]) == 2
    out, err = capsys.readouterr()
    assert "whoever runs the server has to see to those" in out
    assert err.count("\n") == 1
    assert "no such database" in err
    assert "Planted" not in out + err + repr(read_settings(tmp_path / "none.yaml"))
