"""duban posts: import and list."""

from __future__ import annotations

from pathlib import Path

from desk import roster
from desk.speech import Answer, Table
from desk.workplace import Desk
from ledger.finding import find_unit
from ledger.listing import PostRow, post_rows
from ledger.roster import import_posts
from ledger.units import Post

HEADINGS = (
    "编号",
    "姓名",
    "职务",
    "角色",
    "单位",
    "分管单位",
    "邮箱",
    "代理人",
    "外出",
    "起",
    "止",
)


def take_in(desk: Desk, table: Path) -> Answer:
    """Import posts."""
    return roster.take_in(desk, table, import_posts)


def show_all(desk: Desk, unit: str | None) -> Answer:
    """The posts held today."""
    where = [Post.unit_id == find_unit(desk.session, unit).id] if unit else []
    rows = post_rows(desk.session, desk.today, where)
    cells = [
        (
            *(row.id, row.name, row.title, row.role, row.unit, "、".join(row.covers)),
            *(_mailbox(row), row.deputy, row.away, row.valid_from, row.valid_until),
        )
        for row in rows
    ]
    return Answer(rows, [Table(HEADINGS, cells), f"共 {len(rows)} 个岗位。"])


def _mailbox(row: PostRow) -> str | None:
    return f"{row.email}（已停用：{row.email_disabled}）" if row.email_disabled else row.email
