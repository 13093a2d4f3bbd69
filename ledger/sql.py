"""The few statements whose words differ between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import CursorResult, Executable, Row, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

Rows: TypeAlias = Select[*tuple[Any, ...]]
"""A SELECT of any columns."""

Record: TypeAlias = Row[*tuple[Any, ...]]
"""A row of any columns."""


def insert_new(
    session: Session,
    table: type[DeclarativeBase],
    columns: Sequence[InstrumentedAttribute[Any]],
    rows: Rows,
    **parameters: Any,
) -> int:
    """INSERT … SELECT that leaves rows already there alone; returns how many were new."""
    insert = postgresql.insert if _dialect(session) == "postgresql" else sqlite.insert
    chosen = rows.params(parameters) if parameters else rows
    statement = insert(table).from_select([c.key for c in columns], chosen)
    return changed(session, statement.on_conflict_do_nothing())


def changed(session: Session, statement: Executable) -> int:
    """Execute and return the number of rows it touched."""
    result = cast("CursorResult[Any]", session.execute(statement))
    return result.rowcount


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
