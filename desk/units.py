"""duban units: import, list, and what becomes of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from desk import roster
from desk.speech import Answer
from desk.speech import table as table_of
from desk.workplace import Desk
from ledger.finding import find_unit
from ledger.listing import unit_rows
from ledger.roster import import_units
from ledger.unit_fates import Parting, close_unit, merge_unit, rename_unit

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


def rename(desk: Desk, unit: str, name: str, on: date | None, reason: str) -> Answer:
    """Another name for a unit."""
    found = find_unit(desk.session, unit)
    old, day = found.name, on or desk.today
    rename_unit(desk.session, found, name, day, desk.actor, reason, desk.now, desk.calendar)
    said = f"“{old}”自 {day} 起更名为“{found.name}”；以前的报送和比率不变。"
    return Answer({"id": found.id, "old": old, "new": found.name, "on": day}, [said])


def merge(desk: Desk, unit: str, into: str, on: date | None, reason: str) -> Answer:
    """A unit that goes on in another."""
    found, heir = find_unit(desk.session, unit), find_unit(desk.session, into)
    day = on or desk.today
    left = merge_unit(desk.session, found, heir, day, desk.actor, reason, desk.now, desk.calendar)
    said = [f"“{found.name}”自 {day} 起并入“{heir.name}”：{left.released} 件应报免报。"]
    if left.problems:
        said.append(f"{len(left.problems)} 个问题转由“{heir.name}”整改：{'；'.join(left.problems)}")
    return _parted(found.id, day, left, said)


def close(desk: Desk, unit: str, on: date | None, reason: str) -> Answer:
    """A unit that is no more."""
    found, day = find_unit(desk.session, unit), on or desk.today
    left = close_unit(desk.session, found, day, desk.actor, reason, desk.now, desk.calendar)
    said = [f"“{found.name}”自 {day} 起撤销：{left.released} 件应报免报。"]
    if left.problems:
        said.append(f"还有 {len(left.problems)} 个问题没有销号，请处理：{'；'.join(left.problems)}")
    return _parted(found.id, day, left, said)


def _parted(unit_id: int, day: date, left: Parting, said: list[str]) -> Answer:
    return Answer({"id": unit_id, "on": day, **vars(left)}, said)


def show_all(desk: Desk) -> Answer:
    """Every unit."""
    rows = unit_rows(desk.session)
    return Answer(rows, [table_of(rows, HEADINGS), f"共 {len(rows)} 个单位。"])
