"""The tables, version by version. Importing this imports Alembic: do it only where it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from config.database import in_memory, make_engine
from config.schema import SchemaError, check_schema, head_revision, schema_revision

HERE = Path(__file__).parent


def upgrade(url: str) -> str | None:
    """Bring the database to the newest migration, creating it if need be; return its revision.

    All of it or nothing: every step runs in one transaction. Raises SchemaError when the database
    is newer than this program, or when its rows would no longer refer to each other.
    """
    engine = make_engine(url)
    try:
        upgrade_engine(engine)
        return schema_revision(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> None:
    """The same for an open engine, as a rehearsal in memory needs it."""
    prepare(engine)
    with opened(engine) as connection:
        upgrade_connection(connection)


def upgrade_connection(connection: Connection) -> None:
    """The same for one connection of `opened`, in the transaction that is open, if one is."""
    command.upgrade(_config(connection), "head")


def write_version(what: str) -> Path:
    """Write versions/NNNN_what.py: what the models have and the newest migration has not."""
    number = f"{int(head_revision() or 0) + 1:04d}"
    engine = make_engine("sqlite://")
    upgrade_engine(engine)
    with opened(engine) as connection:
        command.revision(_config(connection), message=what, autogenerate=True, rev_id=number)
    engine.dispose()
    return next((HERE / "versions").glob(f"{number}_*.py"))


def prepare(engine: Engine) -> None:
    """Make the folder of a file; raises SchemaError for a database newer than this program."""
    have, need = schema_revision(engine), head_revision()
    if have is not None and (need is None or have > need):
        check_schema(engine)
    if engine.dialect.name != "sqlite" or in_memory(engine.url):
        return
    folder = Path(str(engine.url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SchemaError(
            f"数据库所在的目录 {folder} 建不起来：请核对 DUBAN_HOME 和该处的权限、空间。"
        ) from error


@contextmanager
def opened(engine: Engine) -> Iterator[Connection]:
    """A connection that may change tables."""
    with engine.connect().execution_options(writing=True) as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        # SQLite changes a table by copying and dropping it, which must not cascade to its rows;
        # the switch works only outside a transaction, so it goes past SQLAlchemy to the driver.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF").close()
        try:
            yield connection
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys = ON").close()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
