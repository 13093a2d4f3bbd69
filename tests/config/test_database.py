from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from config.database import Database, make_engine
from config.settings import SettingsError
from tests.postgresql import server

processes = multiprocessing.get_context("spawn")


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    database = Database(address)
    with database.writing() as session:
        session.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"))
        session.execute(text("CREATE TABLE mark (counter_id INTEGER REFERENCES counter (id))"))
        session.execute(text("INSERT INTO counter VALUES (1, 0)"))
    yield database
    database.close()


def count(session: Session) -> int:
    return int(session.execute(text("SELECT n FROM counter")).scalar_one())


def add_one(session: Session) -> None:
    """Read, then write what was read: right only if nobody writes in between."""
    session.execute(text("UPDATE counter SET n = :n"), {"n": count(session) + 1})


def hold(url: str, holding: Event, release: Event) -> None:
    database = Database(url)
    with database.writing() as session:
        add_one(session)
        holding.set()
        release.wait(30)
    database.close()


def add(url: str, asking: Event, done: Event) -> None:
    database = Database(url)
    asking.set()
    with database.writing() as session:
        add_one(session)
    done.set()
    database.close()


def add_many(url: str, start: Barrier, times: int) -> None:
    database = Database(url)
    start.wait(30)
    for _ in range(times):
        with database.writing() as session:
            add_one(session)
    database.close()


def test_a_second_writer_waits_for_the_first(database: Database, address: str) -> None:
    holding, release, asking, done = (processes.Event() for _ in range(4))
    first = processes.Process(target=hold, args=(address, holding, release))
    second = processes.Process(target=add, args=(address, asking, done))
    first.start()
    assert holding.wait(30)
    second.start()
    assert asking.wait(30)
    assert not done.wait(0.5)
    release.set()
    assert done.wait(10)
    first.join(10)
    second.join(10)
    with database.reading() as session:
        assert count(session) == 2


def test_a_reader_does_not_wait_and_sees_what_was_committed(
    database: Database, address: str
) -> None:
    holding, release = processes.Event(), processes.Event()
    writer = processes.Process(target=hold, args=(address, holding, release))
    writer.start()
    assert holding.wait(30)
    with database.reading() as session:
        assert count(session) == 0
        release.set()
        writer.join(10)
        assert writer.exitcode == 0, "a reader must not hold up a commit"
        assert count(session) == 0, "one reading transaction sees one moment"
    with database.reading() as session:
        assert count(session) == 1


def test_nothing_is_lost_between_two_writers(database: Database, address: str) -> None:
    start = processes.Barrier(2)
    writers = [processes.Process(target=add_many, args=(address, start, 50)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert [writer.exitcode for writer in writers] == [0, 0]
    with database.reading() as session:
        assert count(session) == 100


def test_an_error_rolls_back_what_was_not_committed(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        add_one(session)
        session.commit()
        add_one(session)
        raise ZeroDivisionError
    with database.reading() as session:
        assert count(session) == 1


def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"read-?only"), database.reading() as session:
        add_one(session)
    with database.writing() as session:
        add_one(session)
    with database.reading() as session:
        assert count(session) == 1


def test_a_row_must_refer_to_a_row_that_exists(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text("INSERT INTO mark VALUES (99)"))


def test_a_savepoint_gives_up_one_row_and_keeps_the_rest(database: Database) -> None:
    with database.writing() as session:
        add_one(session)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text("INSERT INTO counter VALUES (1, 7)"))
        add_one(session)
    with database.reading() as session:
        assert count(session) == 2


def test_a_file_is_opened_as_promised(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/t.db")
    with database.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "synchronous": 1,
    }


def test_a_database_in_memory_lives_as_long_as_its_engine() -> None:
    database = Database("sqlite://")
    with database.writing() as session:
        session.execute(text("CREATE TABLE counter (n INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (3)"))
    with database.reading() as session:
        assert count(session) == 3
    database.close()


def test_opening_an_engine_creates_nothing(tmp_path: Path) -> None:
    make_engine(f"sqlite:///{tmp_path}/t.db").dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_server_is_spoken_to_as_promised() -> None:
    database = Database(server().create())
    with database.reading() as session:
        settings = {
            name: session.execute(text(f"SHOW {name}")).scalar_one()
            for name in (
                *("lock_timeout", "statement_timeout", "TimeZone", "application_name"),
                *("default_transaction_isolation", "transaction_isolation"),
            )
        }
    database.close()
    assert settings == {
        "default_transaction_isolation": "read committed",
        "transaction_isolation": "repeatable read",
        "lock_timeout": "10s",
        "statement_timeout": "10min",
        "TimeZone": "UTC",
        "application_name": "duban",
    }


def test_a_writer_who_waits_too_long_gives_up(database: Database) -> None:
    impatient = Database(database.engine.url.render_as_string(hide_password=False))
    words = {"sqlite": "PRAGMA busy_timeout = 50", "postgresql": "SET lock_timeout = 50"}

    def at_first(connection: Any, _record: object) -> None:
        connection.execute(words[impatient.engine.dialect.name])
        connection.commit()

    event.listen(impatient.engine, "connect", at_first)
    with database.writing() as session:
        add_one(session)
        with pytest.raises(OperationalError), impatient.writing() as late:
            add_one(late)
    impatient.close()


def test_both_ways_to_write_the_address_of_a_server_are_taken() -> None:
    for scheme in ("postgresql", "postgresql+psycopg"):
        assert make_engine(f"{scheme}://u@h/d").driver == "psycopg"


@pytest.mark.parametrize(
    "url", ["duban.db", "mysql://localhost/duban", "", "postgresql+psycopg2://u@h/d"]
)
def test_an_address_of_another_kind_is_refused_in_chinese(url: str) -> None:
    with pytest.raises(SettingsError, match="DUBAN_DATABASE_URL") as refusal:
        make_engine(url)
    assert str(refusal.value).count("。") == 1
