"""Moving a whole ledger into another database, as from SQLite to PostgreSQL, or back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError

from config.database import in_memory, make_engine
from config.schema import SchemaError, check_schema
from ledger.sql import Rows, number_on
from ledger.tables import metadata
from migrations import opened, prepare, upgrade_connection

BATCH = 5000
"""Rows read and written at once."""


@dataclass(frozen=True)
class Moved:
    """A table and the number of its rows, found equal in both databases."""

    table: str
    rows: int


def relocate(source_url: str, target_url: str) -> list[Moved]:
    """Copy every row into an empty database; its tables are made here. All of it or nothing.

    Nobody can write to either database meanwhile: both transactions wait for the writer's turn.
    Raises SchemaError when the source is not at this program's version, when the target is not
    empty, or when a row does not fit there; OperationalError when a database is busy or away.
    """
    source, target = make_engine(source_url), make_engine(target_url)
    try:
        _refuse_nonsense(source, target)
        check_schema(source)
        prepare(target)
        with _writing(source) as here, opened(target) as there, there.begin():
            _refuse_a_full_one(there)
            upgrade_connection(there)
            return [_move(here, there, table) for table in metadata.sorted_tables]
    finally:
        source.dispose()
        target.dispose()


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    """Nothing is written; but whoever could write has the only turn to."""
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


def _refuse_nonsense(source: Engine, target: Engine) -> None:
    if _place(source) == _place(target):
        raise SchemaError("搬出和搬入的是同一个数据库：请核对两个地址。")
    if in_memory(target.url):
        raise SchemaError("要搬入的数据库在内存里，留不下来：请写成 sqlite:///路径。")


def _place(engine: Engine) -> URL | Path:
    """Where a database lies: one file has many addresses."""
    if engine.dialect.name != "sqlite" or in_memory(engine.url):
        return engine.url
    return Path(str(engine.url.database)).resolve()


def _refuse_a_full_one(there: Connection) -> None:
    names = set(inspect(there).get_table_names())
    strange = sorted(names - metadata.tables.keys() - {"alembic_version"})
    if strange:
        raise SchemaError(f"要搬入的数据库里有别的表（{strange[0]} 等）：请换一个空的数据库。")
    for name in sorted(names & metadata.tables.keys()):
        if there.execute(select(literal(1)).select_from(metadata.tables[name]).limit(1)).scalar():
            raise SchemaError(f"要搬入的数据库不是空的（表 {name} 里有内容）：请换一个空的数据库。")


def _move(here: Connection, there: Connection, table: Table) -> Moved:
    try:
        _copy(here, there, table)
    except (IntegrityError, DataError) as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise SchemaError(
            f"表 {table.name} 有一行放不进要搬入的数据库（{reason}）：什么也没有搬，请联系维护者。"
        ) from error
    number_on(there, table)
    number = select(func.count()).select_from(table)
    before, after = here.scalar(number), there.scalar(number)
    if before != after:
        raise SchemaError(f"表 {table.name} 原有 {before} 行，搬到 {after} 行：已全部撤回。")
    return Moved(table.name, after or 0)


def _copy(here: Connection, there: Connection, table: Table) -> None:
    """All rows; what points to another row of the same table is filled in when all are there."""
    inward = [column for column in table.columns if _points_into(table, column)]
    rows = select(table).order_by(*table.primary_key)
    for batch in _batches(here, rows):
        there.execute(insert(table), [row | {c.name: None for c in inward} for row in batch])
    for column in inward:
        pairs = select(table.c.id.label("row"), column.label("to")).where(column.is_not(null()))
        pointing = (
            update(table).where(table.c.id == bindparam("row")).values({column: bindparam("to")})
        )
        for batch in _batches(here, pairs):
            there.execute(pointing, batch)


def _points_into(table: Table, column: Column[Any]) -> bool:
    return any(key.column.table is table for key in column.foreign_keys)


def _batches(here: Connection, rows: Rows) -> Iterator[list[dict[str, Any]]]:
    found = here.execute(rows, execution_options={"yield_per": BATCH}).mappings()
    for part in found.partitions():
        yield [dict(row) for row in part]
