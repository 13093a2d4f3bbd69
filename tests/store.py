"""Where a test keeps its ledger: in SQLite, or on PostgreSQL when pytest has --database postgresql.

`empty`, `copy`, `shared` and `rows` do the same on both, so that a test need not know.
"""

from __future__ import annotations

import sqlite3
import tempfile
import weakref
from collections import deque
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from psycopg.adapt import Loader
from sqlalchemy import Engine

from config.database import Database, make_engine
from migrations import upgrade_engine
from tests.postgresql import name_of, server

SQLITE, POSTGRESQL = "sqlite", "postgresql"

SPARE = 3
"""Places left empty before one is used again: its last connection has time to end."""


class Store(Protocol):
    """One kind of database. A place is an engine; it is filled with what another ledger holds."""

    def place(self) -> Engine: ...
    def fill(self, place: Engine, of: Database) -> None: ...


class Places:
    """The places of a store. One that is left is used again, with the statements it has learned."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._free: deque[Engine] = deque()

    def copy(self, of: Database) -> Database:
        """A ledger of its own with the same rows."""
        place = self._free.popleft() if len(self._free) > SPARE else self.store.place()
        self.store.fill(place, of)
        # What a test hangs on the engine goes with it.
        database = Database(place.execution_options())
        weakref.finalize(database, self._leave, place).atexit = False
        return database

    def _leave(self, place: Engine) -> None:
        place.dispose()
        self._free.append(place)


def empty() -> Database:
    """A fresh ledger as `duban migrate` leaves it."""
    return copy(_empty())


@cache
def _empty() -> Database:
    database = Database(_places.store.place())
    upgrade_engine(database.engine)
    return database


def copy(of: Database) -> Database:
    """A ledger of its own with the same rows; nobody may be reading or writing the first."""
    return _places.copy(of)


def shared(of: Database) -> Database:
    """Such a copy that other threads and processes may open too, by its address."""
    return copy(of) if on_postgresql() else _files.copy(of)


def address(database: Database) -> str:
    """What DUBAN_DATABASE_URL would be."""
    return database.engine.url.render_as_string(hide_password=False)


def rows(database: Database, sql: str, *values: object) -> list[dict[str, Any]]:
    """Rows read past the program's own code, in the form in which SQLite keeps them."""
    with closing(database.engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()
        if database.engine.dialect.name == POSTGRESQL:
            sql = sql.replace("%", "%%").replace("?", "%s")
            for name, loader in AS_IN_SQLITE.items():
                cursor.adapters.register_loader(name, loader)
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


class InMemory:
    """SQLite."""

    def place(self) -> Engine:
        return make_engine("sqlite://")

    def fill(self, place: Engine, of: Database) -> None:
        _driver(of.engine).backup(_driver(place))


def _driver(engine: Engine) -> sqlite3.Connection:
    connection = engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


class InFiles:
    """SQLite, for several processes."""

    def place(self) -> Engine:
        folder = tempfile.TemporaryDirectory(prefix="duban-")
        engine = make_engine(f"sqlite:///{folder.name}/ledger.db")
        weakref.finalize(engine, folder.cleanup)
        return engine

    def fill(self, place: Engine, of: Database) -> None:
        file = Path(str(place.url.database))
        for left in file.parent.iterdir():
            left.unlink()
        with closing(sqlite3.connect(file)) as kept:
            _driver(of.engine).backup(kept)
        place.connect().close()  # the first to come makes it WAL, which bears no company


class OnServer:
    """PostgreSQL: every ledger a database of this process's server."""

    def place(self) -> Engine:
        return make_engine(server().create())

    def fill(self, place: Engine, of: Database) -> None:
        of.engine.dispose()
        server().create(like=name_of(str(of.engine.url)), name=name_of(str(place.url)))


class Text(Loader):
    """A value as the server writes it."""

    def load(self, data: Any) -> Any:
        return bytes(data).decode()


class Moment(Loader):
    """A moment as SQLite keeps it: UTC, without saying so."""

    def load(self, data: Any) -> Any:
        moment = datetime.fromisoformat(bytes(data).decode())
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


class Number(Loader):
    """A truth as 0 or 1."""

    def load(self, data: Any) -> Any:
        return int(bytes(data) == b"t")


AS_IN_SQLITE = {"date": Text, "timestamptz": Moment, "bool": Number}

_places = Places(InMemory())
_files = Places(InFiles())


def choose(kind: str) -> None:
    """Keep ledgers there from now on; said once, before the first."""
    global _places
    _places = Places(OnServer() if kind == POSTGRESQL else InMemory())


def on_postgresql() -> bool:
    """Whether ledgers are kept on PostgreSQL."""
    return isinstance(_places.store, OnServer)
