"""PostgreSQL: how a connection is set up, and how a transaction on it begins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

WRITER = 5_014_001
"""The advisory lock of whoever writes the ledger; any number does, as long as all use the same."""

CLIENT = {
    "application_name": "duban",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
"""What the address may override. A server that has vanished is noticed within a minute."""

UNPREPARED = {"prepare_threshold": None}
"""A prepared statement soon gets one plan for all values, and so reads a whole table to see whether
a moment has come that almost never has."""

SESSION = """
SET lock_timeout = '10s';
SET statement_timeout = '10min';
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
SET default_transaction_isolation = 'read committed';
SET TimeZone = 'UTC'
"""
"""The keepalives: a machine that vanished while it wrote gives the lock back within a minute."""

READS = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""One moment of the database for the whole transaction, and no way to write."""

WRITES = f"DISCARD PLANS; SELECT pg_advisory_xact_lock({WRITER})"
"""One writer at a time, as on SQLite: what it reads stands until it commits.

A session keeps its plans, those of the foreign keys among them, for tables as small as they were
when it first wrote; until statistics are taken anew, each of ten thousand rows would be looked for
by reading all.

Writing transactions stay at READ COMMITTED, whose next statement sees what the last writer left;
REPEATABLE READ would see the moment before the wait.
"""


def make_engine(address: URL) -> Engine:
    """An engine; nothing is connected yet. A connection that died in the pool is replaced."""
    given = {name: value for name, value in CLIENT.items() if name not in address.query}
    whole = address.set(drivername="postgresql+psycopg").update_query_dict(given)
    engine = create_engine(whole, pool_pre_ping=True, connect_args=UNPREPARED)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute(SESSION)
    connection.commit()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql(WRITES if writing else READS)
