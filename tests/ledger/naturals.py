"""A whole ledger as data without ids: two ledgers are equal when these are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config.database import Database
from ledger import tables
from tests.store import rows

ALREADY_IN_THE_ROW = {"message": ("key",), "message_item": ("key",), "attempt": ("said",)}
"""Keys and names of files built from ids; what the ids stand for is in other columns."""

Stored = dict[str, Any]
Row = tuple[tuple[str, Any], ...]


def by_nature(database: Database) -> dict[str, list[Row]]:
    """Every row of every table, ids replaced by what they stand for, in an order of their own."""
    stored = {
        table.name: rows(database, f'SELECT * FROM "{table.name}"')
        for table in tables.metadata.sorted_tables
    }
    names: dict[tuple[str, int], Row] = {}
    nature = _nature(stored, names)
    return {
        name: sorted((nature(name, row) for row in rows), key=repr) for name, rows in stored.items()
    }


def _nature(
    stored: dict[str, list[Stored]], names: dict[tuple[str, int], Row]
) -> Callable[[str, Stored], Row]:
    by_id = {(name, row["id"]): row for name, rows in stored.items() for row in rows if "id" in row}
    targets = {
        (table.name, key.parent.name): key.column.table.name
        for table in tables.metadata.sorted_tables
        for key in table.foreign_keys
    }

    def of(table: str, row: Stored) -> Row:
        left_out = ("id", *ALREADY_IN_THE_ROW.get(table, ()))
        columns = [name for name in row if name not in left_out]
        return tuple((name, value(table, name, row)) for name in columns)

    def value(table: str, column: str, row: Stored) -> Any:
        target = targets.get((table, column))
        if target is None or row[column] is None:
            return row[column]
        key = (target, row[column])
        if key not in names:
            names[key] = of(target, by_id[key])
        return names[key]

    return of
