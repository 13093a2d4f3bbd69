from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from config.database import Database, make_engine
from config.settings import SettingsError

processes = multiprocessing.get_context("spawn")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/t.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
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


def test_a_second_writer_waits_for_the_first(database: Database, url: str) -> None:
    holding, release, asking, done = (processes.Event() for _ in range(4))
    first = processes.Process(target=hold, args=(url, holding, release))
    second = processes.Process(target=add, args=(url, asking, done))
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


def test_a_reader_does_not_wait_and_sees_what_was_committed(database: Database, url: str) -> None:
    holding, release = processes.Event(), processes.Event()
    writer = processes.Process(target=hold, args=(url, holding, release))
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


def test_nothing_is_lost_between_two_writers(database: Database, url: str) -> None:
    start = processes.Barrier(2)
    writers = [processes.Process(target=add_many, args=(url, start, 50)) for _ in range(2)]
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
    with pytest.raises(OperationalError, match="readonly"), database.reading() as session:
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


def test_a_file_is_opened_as_promised(database: Database) -> None:
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


@pytest.mark.parametrize("url", ["duban.db", "mysql://localhost/duban", ""])
def test_an_address_of_another_kind_is_refused_in_chinese(url: str) -> None:
    with pytest.raises(SettingsError, match="DUBAN_DATABASE_URL") as refusal:
        make_engine(url)
    assert str(refusal.value).count("。") == 1
