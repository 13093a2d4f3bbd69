"""The database: one engine, short reading transactions, writing ones that wait their turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InternalError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from config import postgresql
from config.settings import SettingsError

BUSY_TIMEOUT_MS = 10_000

BUSY_OR_AWAY = (OperationalError, InternalError)
"""What passes by itself: locked, full, stopped, or a standby that may only be read for now."""

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


class Database:
    """The sessions of one database. Hold one for the life of the process and close it.

    Made from its address, or from an engine that `make_engine` made.
    """

    def __init__(self, url: str | Engine) -> None:
        self.engine = make_engine(url) if isinstance(url, str) else url
        self._writing = self.engine.execution_options(writing=True)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that may write: committed at the end, rolled back on any error.

        The caller may commit in between; what follows is then a new transaction. There is one
        writer at a time: each transaction waits up to 10 seconds for its turn, and what it reads
        stands until it commits.
        """
        with Session(self._writing, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database, never blocks a writer, cannot write."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def make_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL; nothing is connected or created yet.

    Transactions read only, unless the execution option `writing` is true. `sqlite://` is a
    database in memory, of one connection, for one thread at a time. Raises SettingsError for an
    address that is none.
    """
    try:
        return _make_engine(url)
    except (ArgumentError, ValueError):
        # A port or an option that is no number is a bare ValueError.
        raise SettingsError(
            "数据库的地址不对（DUBAN_DATABASE_URL，或命令里写的）：应是 sqlite:///路径 "
            "或 postgresql:// 开头的地址，端口和选项也要写对；请改正后重试。"
        ) from None


def _make_engine(url: str) -> Engine:
    address = make_url(url)
    if address.drivername not in DRIVERS:
        raise SettingsError(
            "数据库的地址不对（DUBAN_DATABASE_URL，或命令里写的）：只支持 SQLite，"
            "和经 psycopg 的 PostgreSQL；请改正后重试。"
        )
    if address.get_backend_name() == "postgresql":
        return postgresql.make_engine(address)
    if in_memory(address):
        engine = create_engine(address, poolclass=StaticPool)
    else:
        engine = create_engine(address)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def in_memory(address: URL) -> bool:
    """Whether the address names a SQLite database that lives in memory only."""
    return address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:")


def _prepare(connection: SqliteConnection, _record: Any) -> None:
    # The driver's own habit of beginning transactions late is switched off; `_begin` does it.
    connection.isolation_level = None
    # The timeout comes first: switching to WAL may itself have to wait for another process.
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the writer's turn at once, not at the first write, when it may be too late.
    writing = bool(connection.get_execution_options().get("writing"))
    if connection.info.get("writing") is not writing:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
        connection.info["writing"] = writing
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
