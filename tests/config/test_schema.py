from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.database import make_engine
from config.schema import SchemaError, check_schema, head_revision, schema_revision


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    for name in ("0001_first.py", "0003_third.py", "0002_second.py", "notes.py"):
        (folder / name).touch()
    return folder


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path}/t.db")
    yield engine
    engine.dispose()


def stand_at(engine: Engine, revision: str) -> None:
    with engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})
        connection.commit()


def test_the_head_is_the_highest_number_among_the_files(versions: Path, tmp_path: Path) -> None:
    assert head_revision(versions) == "0003"
    assert head_revision(tmp_path) is None


def test_a_database_at_the_head_passes(engine: Engine, versions: Path) -> None:
    stand_at(engine, "0003")
    assert schema_revision(engine) == "0003"
    check_schema(engine, versions)


def test_an_older_database_is_sent_to_migrate(engine: Engine, versions: Path) -> None:
    stand_at(engine, "0002")
    with pytest.raises(SchemaError, match=r"数据库版本是 0002.*0003.*请先运行 duban migrate。"):
        check_schema(engine, versions)


def test_a_newer_database_asks_for_a_newer_program(engine: Engine, versions: Path) -> None:
    stand_at(engine, "0004")
    with pytest.raises(SchemaError, match=r"0004.*更新的程序"):
        check_schema(engine, versions)


def test_a_database_that_is_not_there_is_not_created_by_looking(
    engine: Engine, versions: Path, tmp_path: Path
) -> None:
    with pytest.raises(SchemaError, match=r"还没有建好.*请先运行 duban migrate"):
        check_schema(engine, versions)
    assert not (tmp_path / "t.db").exists()


def test_an_empty_database_has_no_revision(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "t.db").touch()
    assert schema_revision(engine) is None
