"""How two versions of a plan differ, item by item, in the words people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.plan import Item, Plan, Stage

WINDOW = ("期限", "时间", "频次", "遇休息日")
"""The facts that decide which periods there are and when each is due."""

WHOM = ("报送对象", "按人填报")

FACTS: Mapping[str, Callable[[Plan, Item], Any]] = {
    "事项": lambda plan, item: item.what,
    "报送给": lambda plan, item: item.to,
    "阶段": lambda plan, item: item.stage,
    "期限": lambda plan, item: item.due,
    "时间": lambda plan, item: plan.window_of(item),
    "频次": lambda plan, item: (item.cycle, item.reporting),
    "遇休息日": lambda plan, item: plan.roll_of(item),
    "数量": lambda plan, item: (item.required, item.counted),
    "审核": lambda plan, item: item.review,
    "补正天数": lambda plan, item: item.correction_days,
    "逐级提醒": lambda plan, item: plan.ladder_of(item),
    "报送对象": lambda plan, item: frozenset(plan.targets(item)),
    "空白表格": lambda plan, item: item.forms,
    "按人填报": lambda plan, item: item.per_person,
}
"""What of an item can be amended, by the name of the fact."""


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
    """What a new version adds, takes away and changes; each in the order of its plan."""

    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[Changed, ...]
    stages_added: tuple[Stage, ...]
    stages_removed: tuple[Stage, ...]
    stages_changed: tuple[Stage, ...]

    @property
    def stages_touched(self) -> list[str]:
        """The ids of stages added or changed."""
        return [stage.id for stage in (*self.stages_added, *self.stages_changed)]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same of stages and items."""
        return not any(vars(self).values())


NO_DIFFERENCE = PlanDifference((), (), (), (), (), ())


def difference(old: Plan, new: Plan) -> PlanDifference:
    """What the new version says otherwise. Items and stages are the same when their ids are."""
    before = {item.id: item for item in old.items if not old.is_external(item)}
    after = {item.id: item for item in new.items if not new.is_external(item)}
    facts = [
        Changed(item, _facts_changed(old, before[id], new, item))
        for id, item in after.items()
        if id in before
    ]
    stages = {stage.id: stage for stage in old.stages}
    kept = {stage.id for stage in new.stages}
    return PlanDifference(
        added=tuple(item for id, item in after.items() if id not in before),
        removed=tuple(item for id, item in before.items() if id not in after),
        changed=tuple(change for change in facts if change.facts),
        stages_added=tuple(stage for stage in new.stages if stage.id not in stages),
        stages_removed=tuple(stage for stage in old.stages if stage.id not in kept),
        stages_changed=tuple(
            stage for stage in new.stages if stage.id in stages and stages[stage.id] != stage
        ),
    )


def _facts_changed(old: Plan, before: Item, new: Plan, after: Item) -> tuple[str, ...]:
    return tuple(name for name, read in FACTS.items() if read(old, before) != read(new, after))
