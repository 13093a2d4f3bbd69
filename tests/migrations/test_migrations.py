from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, column, insert, inspect, select, text
from sqlalchemy import table as clause
from sqlalchemy.exc import IntegrityError

import migrations
from config.clock import SHANGHAI
from config.database import Database, make_engine
from config.schema import VERSIONS, SchemaError, check_schema, head_revision, schema_revision
from ledger.addresses import Address
from ledger.obligations import Obligation
from ledger.tables import metadata
from tests.ledger.crowded import crowded_ledger
from tests.ledger.naturals import by_nature

BROKEN = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = {head!r}
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer()))
    {fault}
"""
ORPHAN = """
    op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    op.execute("CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))")
    op.execute("INSERT INTO child VALUES (5)")
""".strip()


@pytest.fixture
def url(address: str) -> str:
    return address.replace("/t.db", "/var/t.db")  # a folder that is not there yet, either


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


def break_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(migrations.HERE, copy)
    text = BROKEN.format(head=head_revision(), fault=fault)
    (copy / "versions" / "9999_broken.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(migrations, "HERE", copy)


def test_an_upgraded_database_is_what_the_models_say(url: str, engine: Engine) -> None:
    assert migrations.upgrade(url) == head_revision()
    check_schema(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def stop_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, revision: str) -> None:
    copy = tmp_path / "old" / "migrations"
    shutil.copytree(migrations.HERE, copy)
    for file in (copy / "versions").glob("[0-9]*.py"):
        if file.name[:4] >= revision:
            file.unlink()
    monkeypatch.setattr(migrations, "HERE", copy)


def fill(engine: Engine, ledger: Database) -> None:
    """The ledger's rows, as far as the tables and columns of this engine go."""
    seen = inspect(engine)
    there = set(seen.get_table_names())
    with (
        engine.connect().execution_options(writing=True) as target,
        ledger.reading() as source,
    ):
        for table in (t for t in metadata.sorted_tables if t.name in there):
            known = [found["name"] for found in seen.get_columns(table.name)]
            columns = [table.c[name] for name in known if name in table.c]
            rows = source.execute(select(*columns).order_by(*table.primary_key)).mappings()
            plain = clause(table.name, *(column(c.name, c.type) for c in columns))
            for row in rows:
                target.execute(insert(plain).values(**row))
        if "address" not in there:
            for address in source.scalars(select(Address)):
                known = text(f"UPDATE person SET {address.channel} = :value WHERE id = :id")
                target.execute(known, {"value": address.value, "id": address.person_id})
        target.commit()


def release_two(ledger: Database) -> None:
    """One before its due date, one after: only the first no longer counts as having owed."""
    with ledger.writing() as session:
        early, late = session.scalars(select(Obligation).order_by(Obligation.id).limit(2))
        early.exempted_at = early.opened_at
        late.exempted_at = datetime(2017, 6, 1, tzinfo=SHANGHAI)


LATER = sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))[1:]


@pytest.mark.parametrize("revision", LATER)
def test_a_ledger_in_use_is_upgraded_with_all_its_rows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, engine: Engine, revision: str
) -> None:
    ledger = crowded_ledger()
    release_two(ledger)
    with monkeypatch.context() as before:
        stop_before(before, tmp_path, revision)
        migrations.upgrade(url)
    fill(engine, ledger)
    assert schema_revision(engine) < revision
    migrations.upgrade(url)
    check_schema(engine)
    assert by_nature(Database(engine)) == by_nature(ledger)


def test_upgrading_twice_changes_nothing(url: str, engine: Engine) -> None:
    migrations.upgrade(url)
    before = inspect(engine).get_table_names()
    assert migrations.upgrade(url) == head_revision()
    assert inspect(engine).get_table_names() == before


def test_a_database_in_memory_can_be_upgraded() -> None:
    engine = make_engine("sqlite://")
    migrations.upgrade_engine(engine)
    check_schema(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_each_version_bears_its_number_as_its_revision() -> None:
    files = sorted(VERSIONS.glob("[0-9]*.py"))
    found = [re.search(r'^revision = "(\d+)"', f.read_text("utf-8"), re.M) for f in files]
    assert [match and match.group(1) for match in found] == [file.name[:4] for file in files]
    assert [file.name[:4] for file in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]


def test_a_migration_that_fails_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, engine: Engine
) -> None:
    break_next(monkeypatch, tmp_path, "1 / 0")
    with pytest.raises(ZeroDivisionError):
        migrations.upgrade(url)
    assert inspect(engine).get_table_names() == []


def test_a_migration_that_orphans_rows_is_undone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, engine: Engine
) -> None:
    break_next(monkeypatch, tmp_path, ORPHAN)
    with pytest.raises((SchemaError, IntegrityError), match=r"升级已取消|foreign key"):
        migrations.upgrade(url)
    assert inspect(engine).get_table_names() == []


def test_a_newer_database_is_left_alone(url: str, engine: Engine) -> None:
    migrations.upgrade(url)
    with engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        connection.commit()
    with pytest.raises(SchemaError, match="更新的程序"):
        migrations.upgrade(url)
    assert schema_revision(engine) == "9998"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SchemaError, match="DUBAN_HOME"):
        migrations.upgrade(f"sqlite:///{tmp_path}/file/t.db")
