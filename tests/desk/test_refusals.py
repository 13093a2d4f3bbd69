from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from config.database import Database
from config.schema import head_revision
from desk.refusals import sentence
from ledger.units import Unit
from tests.conftest import PLAN, Someone
from tests.desk.conftest import Terminal


def test_without_a_database_it_says_how_to_make_one(bare: Terminal) -> None:
    said = bare.refused("campaign", "status")
    assert said == f"数据库还没有建好（需要版本 {head_revision()}）：请先运行 duban migrate。"
    assert not bare.home.exists()


def test_migrate_makes_the_ledger_and_may_be_repeated(bare: Terminal) -> None:
    assert bare.ask("migrate")["revision"] == bare.ask("migrate")["revision"]
    assert bare.ask("campaign", "status") == []


@pytest.mark.parametrize(
    ("version", "said"),
    [("0000", "请先运行 duban migrate。"), ("9999", "请换用更新的程序再运行。")],
)
def test_a_database_of_another_version_is_not_touched(
    desk: Terminal, office: Someone, version: str, said: str
) -> None:
    database = desk.database()
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    database.close()
    assert desk.refused("campaign", "launch", PLAN, as_=office).endswith(said)
    assert desk.refused("tick").endswith(said)


def test_settings_and_clock_are_said_by_name(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_NOW", "昨天")
    assert bare.refused("doctor").startswith("DUBAN_NOW 的值“昨天”不是时刻")
    monkeypatch.setenv("DUBAN_PREFECT_PORT", "0")
    assert bare.refused("doctor").startswith("设置 DUBAN_PREFECT_PORT 不对")


@pytest.mark.parametrize(
    "address",
    ["postgresql://h:abc/x", "postgresql://[::1/x", "sqlite:////x?timeout=abc", "sqlite://host/x"],
)
def test_an_address_that_is_none_is_said(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    said = "数据库的地址不对（DUBAN_DATABASE_URL，或命令里写的）"
    own = "sqlite:///{home}/duban.db"
    assert desk.refused("migrate-database", own, address).startswith(said)
    assert desk.refused("migrate-database", address, own).startswith(said)
    monkeypatch.setenv("DUBAN_DATABASE_URL", address)
    for command in (("campaign", "status"), ("doctor",), ("migrate",), ("tick",)):
        assert desk.refused(*command).startswith(said)


def test_a_file_that_is_no_database_is_said(desk: Terminal) -> None:
    (desk.home / "duban.db").write_text("不是数据库" * 100, encoding="utf-8")
    said = desk.refused("campaign", "status")
    assert said.startswith("DUBAN_DATABASE_URL 所指的文件不是数据库")


def read_only(file: Path) -> None:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        connection.execute("DELETE FROM post_unit")
    finally:
        connection.close()


def unopened(file: Path) -> None:
    sqlite3.connect(file / "below" / "a.db")


def without_table(file: Path) -> None:
    connection = sqlite3.connect(file)
    try:
        connection.execute("SELECT * FROM gone")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (read_only, "数据库只能读、不能写"),
        (unopened, "数据库文件打不开"),
        (without_table, "数据库与本程序的版本不符"),
    ],
)
def test_what_the_database_says_is_said_in_chinese(
    bureau: Path, tmp_path: Path, act: Callable[[Path], None], said: str
) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(bureau.read_bytes())
    with pytest.raises(sqlite3.OperationalError) as caught:
        act(file)
    wrapped = OperationalError("…", {}, caught.value)
    assert sentence(wrapped).startswith(said)
    assert sentence(wrapped).endswith("。")


def test_what_is_a_fault_of_the_program_is_not_dressed_up(empty_database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, empty_database.writing() as session:
        session.add_all(
            [Unit(name="一中", unit_class="学校"), Unit(name="一中", unit_class="学校")]
        )
    with pytest.raises(IntegrityError):
        sentence(caught.value)
    assert isinstance(caught.value, DatabaseError)
    with empty_database.reading() as session:
        assert session.scalars(select(Unit)).all() == []
