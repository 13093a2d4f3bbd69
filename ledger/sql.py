"""The few statements whose words differ between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, CursorResult, Executable, Row, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

Rows: TypeAlias = Select[*tuple[Any, ...]]
"""A SELECT of any columns."""

Record: TypeAlias = Row[*tuple[Any, ...]]
"""A row of any columns."""


@dataclass(frozen=True, eq=False)
class Insertion:
    """INSERT … SELECT that leaves rows already there alone; kept, it is built only once.

    With `add_up` the numbers are added to those of a row already there.
    """

    table: type[DeclarativeBase]
    columns: Sequence[InstrumentedAttribute[Any]]
    rows: Rows
    add_up: bool = False

    _built: dict[str, Executable] = field(default_factory=dict)

    def into(self, session: Session, **values: Any) -> int:
        """Run it, `values` for the parameters of `rows`; returns how many rows were new.

        SQLite's driver cannot tell where `rows` has a CTE: -1.
        """
        dialect = session.get_bind().dialect.name
        if dialect not in self._built:
            self._built[dialect] = self._statement(dialect)
        return session.connection().execute(self._built[dialect], values).rowcount

    def _statement(self, dialect: str) -> Executable:
        rows = _insert(dialect, self.table).from_select(
            [column.key for column in self.columns], self.rows
        )
        if self.add_up:
            return _adding(rows)
        # Without being asked, psycopg's cursor is gone before anyone can see the number of rows.
        return rows.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_new(
    session: Session,
    table: type[DeclarativeBase],
    columns: Sequence[InstrumentedAttribute[Any]],
    rows: Rows,
) -> int:
    """An insertion made for this once; returns how many rows were new."""
    return Insertion(table, columns, rows).into(session)


def add_row(
    connection: Connection, table: type[DeclarativeBase], values: Mapping[str, Any]
) -> None:
    """Insert a row, or add its numbers to those of the row already there."""
    connection.execute(_addition(connection.dialect.name, table), values)


@cache
def _addition(dialect: str, table: type[DeclarativeBase]) -> Executable:
    return _adding(_insert(dialect, table))


def _adding(insert: _Insert) -> Executable:
    """Where the key is there, all the other columns are added to what it has."""
    columns = insert.table.columns
    sums = {c.key: c + insert.excluded[c.key] for c in columns if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=insert.table.primary_key, set_=sums)


_Insert: TypeAlias = postgresql.Insert | sqlite.Insert


def _insert(dialect: str, table: type[DeclarativeBase]) -> _Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(cast("Table", table.__table__))


def changed(session: Session, statement: Executable, **values: Any) -> int:
    """Execute, `values` for its parameters, and return the number of rows it touched."""
    result = cast("CursorResult[Any]", session.execute(statement, values))
    return result.rowcount


def number_on(connection: Connection, table: Table) -> None:
    """Rows came with their ids: new ones go on after the largest. SQLite does so by itself."""
    ids = table.autoincrement_column
    if ids is not None and connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, ids.name)
        connection.execute(select(func.setval(sequence, func.max(ids))))
