"""A rehearsal told to people: month by month, who hears how often, what stayed open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from desk.speech import Table
from ledger.comparison import Difference, Side
from ledger.events import Event
from ledger.standings import Tally

MILESTONES = {
    "launched": "活动启动",
    "stage_opened": "阶段启动",
    "stage_due": "阶段到期",
    "stage_waiting": "等候转段",
    "stage_moved": "转段",
    "stage_extended": "阶段延期",
    "paused": "暂停",
    "resumed": "恢复",
    "campaign_closed": "活动结束",
}
SHOWN = 60
LADDERS = {"submission": "报送", "rectification": "整改"}
COUNTED = {
    "obligation_opened": "开立",
    "received": "收到",
    "sent_back": "退回",
    "locked": "未报",
    "registered": "立项",
    "closed": "销号",
    "rung": "逐级提醒",
    "superseded": "并入上级",
    "weekly_list": "周清单",
    "message": "消息",
}


KINDS = {**MILESTONES, **COUNTED}


def tell(events: Sequence[Event], left: Sequence[Tally]) -> list[Table]:
    """The tables, in the order of reading."""
    return [_milestones(events), _months(events), _messages(events), _rungs(events), _open(left)]


def tell_difference(found: Sequence[Difference]) -> list[Table]:
    """What one rehearsal has and the other has not: counted, then the first of them."""
    counts = Counter((one.event.kind, one.side) for one in found)
    kinds = dict.fromkeys(one.event.kind for one in found)
    sums = [
        (KINDS.get(kind, kind), counts[kind, Side.GONE], counts[kind, Side.NEW]) for kind in kinds
    ]
    rows = [_different(one) for one in found[:SHOWN]]
    rest = f"（共 {len(found)} 件，只列前 {SHOWN} 件；全部用 --json）" if len(found) > SHOWN else ""
    return [
        Table(("事", "减少", "增加"), sums, "按种类："),
        Table(("", "日期", "事", "谁", "什么", "期限"), rows, f"逐件{rest}："),
    ]


def _different(one: Difference) -> tuple[object, ...]:
    event = one.event
    what = "；".join(dict.fromkeys(item.what for item in event.items))
    due = next((item.due for item in event.items if item.due), "")
    who = event.to.name if event.to else next((item.unit for item in event.items), "")
    kind = KINDS.get(event.kind, event.kind)
    return (one.side, event.at.date(), kind, who, what or event.stage or "", due)


def _milestones(events: Sequence[Event]) -> Table:
    rows = [
        (event.at, MILESTONES[event.kind], event.stage, event.why)
        for event in events
        if event.kind in MILESTONES
    ]
    return Table(("时间", "事", "阶段", "说明"), rows, "经过：")


def _months(events: Sequence[Event]) -> Table:
    counts = Counter((_month(event), event.kind) for event in events)
    rows = [
        (month, *(counts[month, kind] or "" for kind in COUNTED))
        for month in sorted({month for month, _ in counts})
    ]
    return Table(("月份", *COUNTED.values()), rows, "逐月：")


def _messages(events: Sequence[Event]) -> Table:
    """Messages by the office in which people get them."""
    sent = [(event, event.to) for event in events if event.kind == "message" and event.to]
    counts = Counter((_month(event), to.post) for event, to in sent)
    totals = Counter(to.post for _, to in sent)
    persons: dict[str, set[tuple[str | None, str]]] = {role: set() for role in totals}
    for _, to in sent:
        persons[to.post].add((to.unit, to.name))
    rows: list[tuple[object, ...]] = [
        (month, *(counts[month, role] or "" for role in totals))
        for month in sorted({month for month, _ in counts})
    ]
    rows.append(("合计", *totals.values()))
    means = (f"{number / len(persons[role]):.1f}" for role, number in totals.items())
    rows.append(("每人", *means))
    headings = ("月份", *(f"{role}（{len(persons[role])}人）" for role in totals))
    return Table(headings, rows, "各岗位收到的消息：")


def _rungs(events: Sequence[Event]) -> Table:
    """How often each rung was reached, and by how many people it was heard."""
    heard = Counter(_rung(event) for event in events if event.kind == "rung")
    cases = Counter(
        rung
        for rung, _, _ in {
            (_rung(event), event.at, event.items[0]) for event in events if event.kind == "rung"
        }
    )
    offices: dict[tuple[str, int], list[str]] = {}
    for event in events:
        if event.kind == "rung" and event.to:
            told = offices.setdefault(_rung(event), [])
            told += [event.to.post] if event.to.post not in told else []
    rows = [
        (LADDERS.get(name, name), rung, cases[name, rung], heard[name, rung], "、".join(told))
        for (name, rung), told in sorted(offices.items())
    ]
    return Table(("逐级提醒", "层级", "件次", "人次", "告知"), rows, "逐级提醒：")


def _open(left: Sequence[Tally]) -> Table:
    rows = [
        (row.what, *(counts.owed, counts.received, counts.on_time, counts.missed, counts.unsettled))
        for row in left
        if (counts := row.counts).owed > counts.received
    ]
    headings = ("内容", "应报", "已报", "按时", "未报", "仍待报")
    return Table(headings, rows, "没有报齐的事项：")


def _rung(event: Event) -> tuple[str, int]:
    return event.ladder or "", event.rung or 0


def _month(event: Event) -> str:
    return f"{event.at:%Y-%m}"
