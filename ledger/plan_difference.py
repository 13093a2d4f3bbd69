"""How two versions of a plan differ, item by item, in the words people read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.plan import Item, Plan, Stage

WINDOW = ("期限", "时间", "频次", "遇休息日")
"""The facts that decide which periods there are and when each is due."""

WHOM = ("报送对象", "按人填报")

FORMS = "空白表格"

HEARD = (
    *("事项", "报送给", "每件字数", "一期几件", "先后几步", "由谁汇报", "触发情形"),
    *(FORMS, "按人填报"),
)
"""Facts of which whoever still owes hears; a number or a date is told where a row's changes."""

ALL_ASKED = ("阶段", "审核", "补正天数", "逐级提醒")
"""Facts that concern all who are asked, though no row of theirs changes."""

OTHERWISE = "写法"
"""What differs where no fact does: the same said in other words."""

FACTS: Mapping[str, Callable[[Plan, Item], Any]] = {
    "事项": lambda plan, item: item.what,
    "报送给": lambda plan, item: item.to,
    "阶段": lambda plan, item: item.stage,
    "工作线": lambda plan, item: item.workstream,
    "期限": lambda plan, item: item.due,
    "时间": lambda plan, item: plan.window_of(item),
    "频次": lambda plan, item: (item.cycle, item.reporting),
    "遇休息日": lambda plan, item: plan.roll_of(item),
    "数量": lambda plan, item: (item.required, item.counted),
    "每件字数": lambda plan, item: item.min_length,
    "一期几件": lambda plan, item: item.parts,
    "先后几步": lambda plan, item: item.steps,
    "由谁汇报": lambda plan, item: item.reporter,
    "触发情形": lambda plan, item: item.trigger,
    "审核": lambda plan, item: item.review,
    "补正天数": lambda plan, item: item.correction_days,
    "逐级提醒": lambda plan, item: plan.ladder_of(item),
    "报送对象": lambda plan, item: frozenset(plan.targets(item)),
    "同一件事": lambda plan, item: item.matter,
    FORMS: lambda plan, item: item.forms,
    "按人填报": lambda plan, item: item.per_person,
    "已过期限的处理": lambda plan, item: item.passed,
    "备注": lambda plan, item: item.note,
    "核对编号": lambda plan, item: item.gold,
}
"""What of an item can be amended, by the name of the fact."""

HEAD: Mapping[str, str] = {
    "name": "全称",
    "short": "简称",
    "document": "通知",
    "parents": "上级文件",
    "schemes": "考核细则",
    "follows": "接续的活动",
    "timezone": "时区",
    "launched": "启动日期",
    "ends": "结束日期",
    "roll": "遇休息日",
    "addressees": "称呼",
    "ladders": "逐级提醒",
    "stop_reasons": "停表理由",
    "sign": "签收",
    "workstreams": "工作线",
}
"""What of the plan beside its stages and items can be amended."""


@dataclass(frozen=True)
class Changed:
    """An item whose facts differ; `facts` are their names."""

    item: Item
    facts: tuple[str, ...]

    def touches(self, names: tuple[str, ...]) -> bool:
        """Whether one of these facts differs."""
        return not set(self.facts).isdisjoint(names)


@dataclass(frozen=True)
class PlanDifference:
    """What a new version adds, takes away and changes; each in the order of its plan.

    `head` are the names of what differs of the plan itself, `external` the items of superior
    organs: they stand in the calendar and are never owed.
    """

    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[Changed, ...]
    stages_added: tuple[Stage, ...]
    stages_removed: tuple[Stage, ...]
    stages_changed: tuple[Stage, ...]
    head: tuple[str, ...]
    external: tuple[Changed, ...]

    @property
    def stages_touched(self) -> list[str]:
        """The ids of stages added or changed."""
        return [stage.id for stage in (*self.stages_added, *self.stages_changed)]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not any(vars(self).values())


NO_DIFFERENCE = PlanDifference((), (), (), (), (), (), (), ())


def difference(old: Plan, new: Plan) -> PlanDifference:
    """What the new version says otherwise. Items and stages are the same when their ids are."""
    before = {item.id: item for item in old.items if not old.is_external(item)}
    after = {item.id: item for item in new.items if not new.is_external(item)}
    stages = {stage.id: stage for stage in old.stages}
    kept = {stage.id for stage in new.stages}
    return PlanDifference(
        added=tuple(item for id, item in after.items() if id not in before),
        removed=tuple(item for id, item in before.items() if id not in after),
        changed=_changed(old, before, new, after),
        stages_added=tuple(stage for stage in new.stages if stage.id not in stages),
        stages_removed=tuple(stage for stage in old.stages if stage.id not in kept),
        stages_changed=tuple(
            stage for stage in new.stages if stage.id in stages and stages[stage.id] != stage
        ),
        head=tuple(_head(old, new)),
        external=_external(old, new),
    )


def _head(old: Plan, new: Plan) -> Iterator[str]:
    yield from (said for name, said in HEAD.items() if getattr(old, name) != getattr(new, name))
    before, after = _order(old), _order(new)
    both = set(before).intersection(after)
    if [id for id in before if id in both] != [id for id in after if id in both]:
        yield "先后次序"


def _order(plan: Plan) -> list[str]:
    return [*(stage.id for stage in plan.stages), *(item.id for item in plan.items)]


def _changed(
    old: Plan, before: Mapping[str, Item], new: Plan, after: Mapping[str, Item]
) -> tuple[Changed, ...]:
    both = [
        Changed(item, _facts_changed(old, before[id], new, item))
        for id, item in after.items()
        if id in before
    ]
    return tuple(change for change in both if change.facts)


def _external(old: Plan, new: Plan) -> tuple[Changed, ...]:
    """Of superior organs' items: those new, those gone, those said otherwise."""
    before = {item.id: item for item in old.items if old.is_external(item)}
    after = {item.id: item for item in new.items if new.is_external(item)}
    known = {item.id for item in old.items}
    stays = {item.id for item in new.items}
    return (
        *(Changed(item, ("新增",)) for id, item in after.items() if id not in known),
        *(Changed(item, ("撤去",)) for id, item in before.items() if id not in stays),
        *_changed(old, before, new, after),
    )


def _facts_changed(old: Plan, before: Item, new: Plan, after: Item) -> tuple[str, ...]:
    facts = tuple(name for name, read in FACTS.items() if read(old, before) != read(new, after))
    return facts if facts or before == after else (OTHERWISE,)
