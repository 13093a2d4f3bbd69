"""duban doctor's look at the database itself: which one it is, how it is tuned, what is amiss."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from config.database import make_engine
from config.schema import absent
from desk.checks import Check, Verdict

GIGABYTE = 1024 * 1024 * 1024

FEW_CONNECTIONS = 30
"""A service, its worker and some people at the desk hold about so many."""

LITTLE_MEMORY = 128 * 1024 * 1024
"""Bytes of shared_buffers: what PostgreSQL takes by itself, and enough for a city."""

PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")

POSTGRESQL = """
SELECT current_setting('server_version') AS version,
       current_database() AS name,
       current_setting('server_encoding') AS encoding,
       (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone') AS zone,
       CAST(current_setting('max_connections') AS integer) AS connections,
       current_setting('shared_buffers') AS memory,
       pg_size_bytes(current_setting('shared_buffers')) AS bytes,
       current_setting('fsync') AS fsync,
       current_setting('default_transaction_read_only') AS read_only,
       pg_is_in_recovery() AS standby,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS creates
"""

Amiss = Sequence[tuple[bool, Verdict, str]]
"""Whether it is so, how grave that would be, and what would have to be done."""


def tuning(url: str) -> Iterator[Check]:
    """One check of the database behind an address; none where there is none to be looked at."""
    engine = make_engine(url)
    try:
        if not absent(engine):
            with engine.connect() as connection:
                look = _sqlite if engine.dialect.name == "sqlite" else _postgresql
                yield look(connection)
    except DatabaseError:
        return  # the look into the ledger, which comes next, says why
    finally:
        engine.dispose()


def _sqlite(connection: Connection) -> Check:
    set_to = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
    file = Path(str(connection.engine.url.database))
    free = shutil.disk_usage(file.parent).free
    found = (
        f"SQLite {sqlite3.sqlite_version}，{file}，"
        f"{'，'.join(f'{name}={value}' for name, value in set_to.items())}，"
        f"该处可用 {free / GIGABYTE:.1f} GB"
    )
    amiss = (
        (set_to["journal_mode"] != "wal", Verdict.WARNING, "数据库文件放到本机磁盘，不放网络盘"),
        (free < GIGABYTE, Verdict.WARNING, "清理数据库所在的磁盘"),
    )
    return _check(found, amiss)


def _postgresql(connection: Connection) -> Check:
    it = connection.execute(text(POSTGRESQL)).one()
    found = (
        f"PostgreSQL {it.version}，库 {it.name}，编码 {it.encoding}，时区 {it.zone}，"
        f"max_connections={it.connections}，shared_buffers={it.memory}，fsync={it.fsync}，"
        f"default_transaction_read_only={it.read_only}，{'可以' if it.creates else '不可'}建表"
    )
    frozen = it.standby or it.read_only == "on"
    amiss = (
        (it.encoding != "UTF8", Verdict.MISSING, "另建一个编码为 UTF8 的库"),
        (frozen, Verdict.MISSING, "连到主库，或关掉 default_transaction_read_only"),
        (not it.creates, Verdict.MISSING, "请管理员 GRANT CREATE ON SCHEMA public 给这个用户"),
        (it.fsync != "on", Verdict.WARNING, "打开 fsync，否则断电会丢数据"),
        (
            it.connections < FEW_CONNECTIONS,
            Verdict.WARNING,
            f"max_connections 至少 {FEW_CONNECTIONS}",
        ),
        (
            it.bytes < LITTLE_MEMORY,
            Verdict.WARNING,
            "shared_buffers 至少 128MB，省级用四分之一内存",
        ),
    )
    return _check(found, amiss)


def _check(found: str, amiss: Amiss) -> Check:
    wrong = [(verdict, advice) for so, verdict, advice in amiss if so]
    verdicts = [verdict for verdict, _ in wrong]
    worst = next((v for v in (Verdict.MISSING, Verdict.WARNING) if v in verdicts), Verdict.WELL)
    return Check(worst, "数据库种类", found, "；".join(advice for _, advice in wrong))
