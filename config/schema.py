"""Which migration a database stands at, and whether that is the one this program needs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from config.database import in_memory

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


class SchemaError(Exception):
    """Program and database do not fit; str() is one Chinese sentence that says what to do."""


def head_revision(versions: Path = VERSIONS) -> str | None:
    """The newest migration: files are named NNNN_what.py and NNNN is the revision's id."""
    return max((file.name[:4] for file in versions.glob("[0-9][0-9][0-9][0-9]_*.py")), default=None)


def schema_revision(engine: Engine) -> str | None:
    """The migration the database stands at; None when none has run or there is no database yet."""
    if absent(engine):
        return None
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def check_schema(engine: Engine, versions: Path = VERSIONS) -> None:
    """Raise SchemaError unless the database stands at the newest migration. Creates nothing."""
    have, need = schema_revision(engine), head_revision(versions)
    if have == need:
        return
    if have is None:
        raise SchemaError(f"数据库还没有建好（需要版本 {need}）：请先运行 duban migrate。")
    if need is None or have > need:
        raise SchemaError(
            f"数据库版本 {have} 比本程序认识的 {need or '0000'} 新：请换用更新的程序再运行。"
        )
    raise SchemaError(f"数据库版本是 {have}，本程序需要 {need}：请先运行 duban migrate。")


def absent(engine: Engine) -> bool:
    """Whether it is a SQLite file that is not there yet."""
    # Connecting would create the file, and an empty file is neither there nor missing.
    if engine.dialect.name != "sqlite" or in_memory(engine.url):
        return False
    return not Path(str(engine.url.database)).exists()
