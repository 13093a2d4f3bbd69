"""A ledger moves house with every row, or not at all."""

from __future__ import annotations

import multiprocessing
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text, update
from sqlalchemy.exc import OperationalError

import migrations
from config.database import Database, make_engine
from config.schema import SchemaError
from desk.refusals import sentence
from ledger.campaigns import Campaign
from ledger.tables import metadata
from ledger.units import Person, Unit
from migrations import relocation
from migrations.relocation import relocate
from tests import store
from tests.ledger.crowded import crowded_ledger
from tests.ledger.naturals import by_nature
from tests.postgresql import server

processes = multiprocessing.get_context("spawn")


@cache
def crowded() -> Database:
    """A ledger with rows in most tables, and units whose superior was imported after them."""
    ledger = crowded_ledger()
    with ledger.writing() as session:
        first, *_, last = session.scalars(select(Unit).order_by(Unit.id)).all()
        first.parent_id = last.id
    return ledger


@pytest.fixture
def source() -> Database:
    return store.shared(crowded())


@pytest.fixture
def empty_server() -> str:
    return server().create()


def nothing_in(url: str) -> bool:
    engine = make_engine(url)
    with engine.connect() as connection:
        return inspect(connection).get_table_names() == []


def test_there_and_back_every_row_is_the_same(
    source: Database, empty_server: str, tmp_path: Path
) -> None:
    back = f"sqlite:///{tmp_path}/new/back.db"
    moved = relocate(store.address(source), empty_server)
    assert relocate(empty_server, back) == moved
    counts = {table.table: table.rows for table in moved}
    assert counts.keys() == metadata.tables.keys()
    assert sum(count > 0 for count in counts.values()) > 20
    before = by_nature(source)
    assert {name: len(rows) for name, rows in before.items()} == counts
    assert by_nature(Database(empty_server)) == before
    assert by_nature(Database(back)) == before


def test_what_comes_after_is_numbered_on(source: Database, empty_server: str) -> None:
    relocate(store.address(source), empty_server)
    database = Database(empty_server)
    with database.writing() as session:
        last = session.scalars(select(Person.id).order_by(Person.id.desc())).first()
        person = Person(name="新人")
        session.add(person)
        session.flush()
        assert (last, person.id) == (14, 15)
    database.close()


def test_a_target_that_is_migrated_but_empty_will_do(source: Database, empty_server: str) -> None:
    migrations.upgrade(empty_server)
    relocate(store.address(source), empty_server)
    assert by_nature(Database(empty_server)) == by_nature(source)


def test_a_target_with_anything_in_it_is_refused(source: Database, empty_server: str) -> None:
    database = Database(empty_server)
    migrations.upgrade(empty_server)
    with database.writing() as session:
        session.execute(insert(Person).values(name="原有的人"))
    with pytest.raises(SchemaError, match=r"不是空的（表 person 里有内容）.*。"):
        relocate(store.address(source), empty_server)
    with database.reading() as session:
        assert session.scalars(select(Person.name)).all() == ["原有的人"]
    database.close()


def test_a_target_with_tables_of_others_is_refused(source: Database, empty_server: str) -> None:
    with Database(empty_server).writing() as session:
        session.execute(text("CREATE TABLE theirs (n integer)"))
    with pytest.raises(SchemaError, match="别的表（theirs"):
        relocate(store.address(source), empty_server)


@pytest.mark.parametrize(
    ("target", "said"), [("{source}", "同一个数据库"), ("sqlite://", "留不下来")]
)
def test_a_target_that_makes_no_sense_is_refused(source: Database, target: str, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        relocate(store.address(source), target.format(source=store.address(source)))


def test_one_file_is_one_database_however_it_is_spelt(
    source: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "duban.db"
    relocate(store.address(source), f"sqlite:///{file}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.db").symlink_to(file)
    for other in ("duban.db", "./duban.db", "link.db"):
        with pytest.raises(SchemaError, match="同一个数据库"):
            relocate(f"sqlite:///{file}", f"sqlite:///{other}")


def test_a_source_of_an_older_version_or_without_tables_is_refused(
    source: Database, empty_server: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaError, match="请先运行 duban migrate"):
        relocate(f"sqlite:///{tmp_path}/none.db", empty_server)
    with source.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(SchemaError, match="请先运行 duban migrate"):
        relocate(store.address(source), empty_server)
    assert nothing_in(empty_server)


def test_a_row_that_does_not_fit_is_named_and_nothing_is_left_half_done(
    source: Database, empty_server: str
) -> None:
    with source.writing() as session:
        session.execute(update(Campaign).values(short="读" * 61))  # SQLite takes any length
    before = by_nature(source)
    with pytest.raises(SchemaError, match=r"表 campaign 有一行放不进要搬入的数据库.*什么也没有搬"):
        relocate(store.address(source), empty_server)
    assert nothing_in(empty_server)
    assert by_nature(source) == before


def move(source: str, target: str, said: multiprocessing.SimpleQueue[str]) -> None:
    try:
        said.put(f"搬了 {len(relocate(source, target))} 张表")
    except (SchemaError, OperationalError) as error:
        said.put(sentence(error))


def test_of_two_at_once_the_second_is_refused_in_one_sentence(
    source: Database, empty_server: str
) -> None:
    said: multiprocessing.SimpleQueue[str] = processes.SimpleQueue()
    both = [
        processes.Process(target=move, args=(store.address(source), empty_server, said))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    first, second = sorted([said.get(), said.get()], key=lambda words: not words.startswith("搬了"))
    assert first == f"搬了 {len(metadata.tables)} 张表"
    assert "不是空的" in second or "正被另一个程序占用" in second
    assert second.count("。") == 1
    assert by_nature(Database(empty_server)) == by_nature(source)


def test_nobody_writes_to_the_source_meanwhile(
    source: Database, empty_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer who comes while the first table is copied is kept waiting, then sent away."""
    other = Database(store.address(source))
    tried: list[str] = []
    copy = relocation._copy

    def intrude(*given: object) -> None:
        if not tried:
            tried.append(refused(other))
        copy(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(relocation, "_copy", intrude)
    relocate(store.address(source), empty_server)
    assert tried == ["数据库正被另一个程序占用，这次没有写入任何内容；请稍后重试。"]
    assert refused(other) == ""


def refused(database: Database) -> str:
    with database.engine.connect().execution_options(writing=True) as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
        try:
            connection.execute(text("DELETE FROM post_unit"))
            connection.commit()
        except OperationalError as error:
            return sentence(error)
    return ""
