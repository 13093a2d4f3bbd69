"""Run by Alembic for every command, with the connection that `migrations` has opened."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from config.schema import SchemaError
from ledger.tables import metadata


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain ones beneath, so that no version imports a model."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def refuse_dangling(connection: Connection) -> None:
    """Foreign keys were off while tables were copied: look once, before anything is committed."""
    if connection.dialect.name != "sqlite":
        return
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if dangling:
        raise SchemaError(
            f"升级已取消，数据库未改动：表 {dangling[0][0]} 有行找不到它所指的行；"
            "请保留数据库文件并联系维护者。"
        )


def run(connection: Connection) -> None:
    """Run the command's migrations in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        refuse_dangling(connection)


run(context.config.attributes["connection"])
