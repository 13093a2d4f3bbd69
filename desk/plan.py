"""duban plan: what is wrong with a plan, line by line, or the load it puts on the units; and how
a plan is written.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from config.tables import read_table
from desk.reading import BUREAU, read_text
from desk.speech import Answer, Table
from desk.workplace import Workplace
from ledger.burden import Burden, burden
from ledger.plan import Plan, PlanError, check_against, read_plan
from ledger.plan_outline import outline
from ledger.plan_schema import plan_schema
from ledger.rehearsal import Script


def check(place: Workplace, plan: Path, units: Path | None) -> Answer:
    """Every fault, one a line; a sound plan's load per class of units and week."""
    rows = read_table(units or BUREAU / "units.csv")
    classes = Counter(row.cells.get("类别", "") for row in rows)
    text = read_text(plan)
    try:
        read = read_plan(text, str(plan))
        if faults := check_against(read, classes, {row.cells.get("单位名称", "") for row in rows}):
            raise PlanError(faults)
    except PlanError as error:
        return Answer({"ok": False, "faults": error.faults}, [str(error)], 1, complains=True)
    script = Script(read, text)
    start, end = script.starts_on, script.ends_on(place.calendar)
    load = burden(read, classes, place.calendar, start, end)
    missing = missing_files(read, plan, AT_LAUNCH)
    notes = outline(read)
    whose = str(units) if units else "自带的虚构单位表"
    said: list[str | Table] = [
        f"方案“{read.name}”没有错误：{len(read.stages)} 个阶段，{len(read.items)} 项。",
        *missing,
        *notes,
        _table(load, classes),
        f"按{whose}里的 {len(rows)} 个单位计算，{start} 至 {end}；不计随事报送和未定期的事项。",
    ]
    data = {
        "ok": True,
        "faults": [],
        "missing": missing,
        "notes": notes,
        "from": start,
        "until": end,
    }
    return Answer({**data, "burden": load}, said)


def schema(place: Workplace) -> Answer:
    """The keys of a plan as a JSON Schema, for editors that complete and check what is typed."""
    said = plan_schema()
    return Answer(said, [json.dumps(said, ensure_ascii=False, indent=2)])


AT_LAUNCH = "启动消息将不带它"


def missing_files(read: Plan, plan: Path, so: str) -> list[str]:
    """Notices and blank forms the plan names that are not beside it, and what comes of that."""
    documents = (read.document, *read.parents)
    files = [document.file for document in documents if document.file]
    lost = [file for file in files if not (plan.parent / file).is_file()]
    forms = [
        f"“{item.what}”的空白表格 {file} 不在方案旁边，{so}；请放到 {plan.parent}。"
        for item in read.items
        for file in item.forms
        if not (plan.parent / file).is_file()
    ]
    return forms + [f"通知原文 {file} 不在方案旁边，{so}；请放到 {plan.parent}。" for file in lost]


def _table(load: Burden, classes: Counter[str]) -> Table:
    """Weeks down, respondents across; what one of each kind hands in."""
    whom = sorted(load.per_unit, key=lambda name: -load.per_unit[name])
    cells = {(row.week, row.whom): row.hand_ins for row in load.rows}
    weeks = sorted({row.week for row in load.rows})
    rows: list[tuple[object, ...]] = [
        (week, *(cells.get((week, name), "") for name in whom)) for week in weeks
    ]
    rows.append(("每家合计", *(load.per_unit[name] for name in whom)))
    rows.append(("全部合计", *(load.in_all[name] for name in whom)))
    headings = [f"{name}（{classes[name]}家）" if classes[name] else name for name in whom]
    return Table(("周", *headings), rows, "每家每周要报的件数：")
