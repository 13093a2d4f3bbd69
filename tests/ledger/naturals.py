"""A whole ledger as data without ids: two ledgers are equal when these are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger import tables

ALREADY_IN_THE_ROW = {"message": ("key",), "message_item": ("key",)}
"""Keys built from ids; what the ids stand for is in other columns."""

Row = tuple[tuple[str, Any], ...]


def by_nature(path: Path) -> dict[str, list[Row]]:
    """Every row of every table, ids replaced by what they stand for, in an order of their own."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    stored = {
        table.name: connection.execute(f'SELECT * FROM "{table.name}"').fetchall()
        for table in tables.metadata.sorted_tables
    }
    connection.close()
    names: dict[tuple[str, int], Row] = {}
    nature = _nature(stored, names)
    return {
        name: sorted((nature(name, row) for row in rows), key=repr) for name, rows in stored.items()
    }


def _nature(
    stored: dict[str, list[sqlite3.Row]], names: dict[tuple[str, int], Row]
) -> Callable[[str, sqlite3.Row], Row]:
    by_id = {
        (name, row["id"]): row
        for name, rows in stored.items()
        for row in rows
        if "id" in row.keys()  # noqa: SIM118 -- a Row iterates over values
    }
    targets = {
        (table.name, key.parent.name): key.column.table.name
        for table in tables.metadata.sorted_tables
        for key in table.foreign_keys
    }

    def of(table: str, row: sqlite3.Row) -> Row:
        left_out = ("id", *ALREADY_IN_THE_ROW.get(table, ()))
        columns = [name for name in row.keys() if name not in left_out]  # noqa: SIM118
        return tuple((name, value(table, name, row)) for name in columns)

    def value(table: str, column: str, row: sqlite3.Row) -> Any:
        target = targets.get((table, column))
        if target is None or row[column] is None:
            return row[column]
        key = (target, row[column])
        if key not in names:
            names[key] = of(target, by_id[key])
        return names[key]

    return of
