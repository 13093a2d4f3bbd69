"""What a plan says beside its dates, in sentences: whatever no table of due dates can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ledger.periods import BEGIN_WITH_A_ROW, Cycle
from ledger.plan_dates import CAMPAIGN_END, STAGE_END
from ledger.plan_faults import listed
from ledger.plan_items import Item
from ledger.plan_model import Plan
from ledger.plan_parts import Scheme

SHOWN = 8
"""How many items a sentence names."""

CYCLE_NAMES = {
    Cycle.ONCE: "一次",
    Cycle.DAILY: "每天",
    Cycle.WEEKLY: "每周",
    Cycle.TEN_DAYS: "每旬",
    Cycle.MONTHLY: "每月",
    Cycle.QUARTERLY: "每季",
    Cycle.HALF_YEARLY: "每半年",
    Cycle.YEARLY: "每年",
    Cycle.PERIODIC: "定期",
    Cycle.IRREGULAR: "不定期",
    Cycle.PER_EVENT: "随事",
}


def outline(plan: Plan) -> list[str]:
    """The sentences, the campaign's own first; one with nothing to say is left out."""
    return [*_of_campaign(plan), *_of_kinds(plan), *_of_items(plan)]


def is_undated(plan: Plan, item: Item) -> bool:
    """Whether its row waits for the office to set a date (待定)."""
    if item.reporting not in BEGIN_WITH_A_ROW:
        return False
    rule = item.due if item.reporting is Cycle.PERIODIC else item.due_rule
    if rule is CAMPAIGN_END:
        return plan.ends is None
    if rule is STAGE_END and item.stage:
        return plan.stage(item.stage).last is None
    return rule is None


def _of_campaign(plan: Plan) -> Iterator[str]:
    if plan.follows:
        yield f"接续活动 {plan.follows}：那里没有销号的问题，继续跟踪到销号。"
    for scheme in plan.schemes:
        yield f"要对照迎检的细则：{_titled(scheme)}。"
    if plan.workstreams:
        items = Counter(item.workstream for item in plan.items)
        lines = [f"{name} {items[key]} 项" for key, name in plan.workstreams.items()]
        yield f"{len(lines)} 条工作线同时推进：{'、'.join(lines)}。"


def _titled(scheme: Scheme) -> str:
    parts = [f"《{scheme.title}》"]
    parts += [f"（{scheme.issuer}）"] if scheme.issuer else []
    return "".join(parts) + (f"；{scheme.note}" if scheme.note else "")


def _of_kinds(plan: Plan) -> Iterator[str]:
    """The items that no date of the plan will bring up."""
    own = [item for item in plan.items if not plan.is_external(item)]
    kinds: dict[str, Iterable[Item]] = {
        "是上级单位的事，只记在日历上": [item for item in plan.items if plan.is_external(item)],
        "没有期限，每周列给活动办，等活动办定期": [i for i in own if is_undated(plan, i)],
        "由活动办逐次开立（duban submission open）": [
            item for item in own if item.cycle in (Cycle.IRREGULAR, Cycle.PER_EVENT)
        ],
        "做得密、汇总起来报": [item for item in own if item.reporting is not item.cycle],
    }
    for kind, items in kinds.items():
        names = [_said(item) for item in items]
        if names:
            yield f"{len(names)} 项{kind}：{listed(names, SHOWN)}。"


def _said(item: Item) -> str:
    if item.cycle is Cycle.ONCE:
        return item.what
    rhythm = CYCLE_NAMES[item.cycle]
    if item.reporting is not item.cycle:
        rhythm += f"做，{CYCLE_NAMES[item.reporting]}报"
    return f"{item.what}（{rhythm}）"


def _of_items(plan: Plan) -> Iterator[str]:
    for item in plan.items:
        for said in _details(item):
            yield f"“{item.what}”{said}。"


def _details(item: Item) -> Iterator[str]:
    if item.parts:
        yield f"一期分 {len(item.parts)} 件，报齐才算：{'、'.join(item.parts)}"
    if item.steps:
        yield f"先后 {len(item.steps)} 步：{' → '.join(item.steps)}"
    if item.reporter:
        yield f"由{'、'.join(item.reporter)}汇报"
    if item.min_length:
        yield f"每件不少于 {item.min_length} 字"
