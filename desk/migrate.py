"""duban migrate, migrate-database: the tables are made or upgraded; a ledger moves house."""

from __future__ import annotations

from sqlalchemy import make_url

from desk.speech import Answer, Table, table
from desk.workplace import Workplace


def migrate(place: Workplace) -> Answer:
    """All of it or nothing."""
    # Alembic takes most of a second to import, which no other command should pay.
    from migrations import upgrade

    revision = upgrade(place.settings.database_url)
    words = f"数据库已就绪，版本 {revision}。"
    return Answer({"revision": revision, "home": str(place.settings.home)}, [words])


def relocate(place: Workplace, source: str, target: str) -> Answer:
    """Every row into an empty database; the files that came with submissions stay where they are.

    `{home}` in an address stands for the home, as in DUBAN_DATABASE_URL.
    """
    from migrations.relocation import relocate as move_all

    home = str(place.settings.home)
    moved = move_all(*(url.replace("{home}", home) for url in (source, target)))
    shown = make_url(target).render_as_string()
    said: list[str | Table] = [
        table(moved, {"table": "表", "rows": "行数（两边相同）"}),
        f"已全部搬到 {shown}，共 {sum(each.rows for each in moved)} 行；原数据库没有改动。",
        "接下来：把 DUBAN_DATABASE_URL 设成新的地址，再启动服务；原数据库留作备份，不要再用。",
        f"附件不在数据库里，仍在 {place.settings.home / 'files'}，不必移动。",
    ]
    return Answer({"tables": moved, "target": shown}, said)
