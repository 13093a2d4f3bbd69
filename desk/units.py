"""duban units: import and list."""

from __future__ import annotations

from pathlib import Path

from desk import roster
from desk.speech import Answer
from desk.speech import table as table_of
from desk.workplace import Desk
from ledger.listing import unit_rows
from ledger.roster import import_units

HEADINGS = {
    "id": "编号",
    "name": "单位名称",
    "unit_class": "类别",
    "parent": "上级",
    "valid_from": "起",
    "valid_until": "止",
}


def take_in(desk: Desk, table: Path) -> Answer:
    """Import units."""
    return roster.take_in(desk, table, import_units)


def show_all(desk: Desk) -> Answer:
    """Every unit."""
    rows = unit_rows(desk.session)
    return Answer(rows, [table_of(rows, HEADINGS), f"共 {len(rows)} 个单位。"])
