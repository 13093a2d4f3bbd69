"""The load a plan puts on each class of units (减负): hand-ins per ISO week, before it starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ledger.keys import iso_week
from ledger.periods import REPEATING, next_period, period_of
from ledger.plan_addressees import Target
from ledger.plan_dates import CAMPAIGN_END, STAGE_END, OpenedPlus
from ledger.plan_items import Item
from ledger.plan_model import Plan
from ledger.plan_parts import rolled
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Load:
    """What one respondent of a kind is asked for in one week.

    `whom`: a unit class, else a unit named by itself, else an office. `week`: like 2017-W16.
    """

    whom: str
    week: str
    items: int
    hand_ins: int


@dataclass(frozen=True)
class Burden:
    """The loads by whom and week; `per_unit` and `in_all`: hand-ins over the whole time.

    `in_all` multiplies by the number of units of the class; whoever is no class counts once.
    """

    rows: tuple[Load, ...]
    per_unit: Mapping[str, int]
    in_all: Mapping[str, int]


def burden(
    plan: Plan,
    class_counts: Mapping[str, int],
    calendar: WorkCalendar,
    start: date,
    end: date,
) -> Burden:
    """The hand-ins due from `start` to `end`. Not counted: what is undated or opened by hand."""
    items: Counter[tuple[str, str]] = Counter()
    hand_ins: Counter[tuple[str, str]] = Counter()
    per_unit: Counter[str] = Counter()
    for item in plan.items:
        whom = {_whom(target) for target in plan.targets(item)}
        for due in due_dates(plan, item, calendar, start, end):
            for name in whom:
                items[name, iso_week(due)] += 1
                hand_ins[name, iso_week(due)] += item.required
                per_unit[name] += item.required
    rows = tuple(Load(*key, items[key], hand_ins[key]) for key in sorted(items))
    in_all = {name: count * class_counts.get(name, 1) for name, count in per_unit.items()}
    return Burden(rows, dict(per_unit), in_all)


def due_dates(
    plan: Plan, item: Item, calendar: WorkCalendar, start: date, end: date
) -> Iterator[date]:
    """The days from `start` to `end` on which an item falls due, as far as the plan can tell."""
    if item.reporting in REPEATING:
        days: Iterator[date] = _period_ends(plan, item, calendar, start, end)
    else:
        days = iter(filter(None, (expected_due(plan, item, calendar),)))
    for day in days:
        due = rolled(day, plan.roll_of(item), calendar)
        if start <= due <= end:
            yield due


def expected_due(plan: Plan, item: Item, calendar: WorkCalendar) -> date | None:
    """A one-off item's due date if every stage opens and ends as written; None: not known yet."""
    rule = item.due_rule
    if rule is CAMPAIGN_END:
        return plan.ends
    if rule is STAGE_END and item.stage:
        return plan.stage(item.stage).last
    if isinstance(rule, OpenedPlus) and item.stage:
        opens = plan.opening_of(plan.stage(item.stage)).on
        return calendar.shift(opens, rule.workdays) if opens else None
    return rule if isinstance(rule, date) else None


def _whom(target: Target) -> str:
    return target.unit_class or target.unit or (target.role.value if target.role else "")


def _period_ends(
    plan: Plan, item: Item, calendar: WorkCalendar, start: date, end: date
) -> Iterator[date]:
    window = plan.window_of(item)
    day = max(start, window.first or start)
    bounds = (window.first, window.last, calendar)
    cycle = item.reporting
    period = period_of(cycle, day, *bounds) or next_period(cycle, day, *bounds)
    while period and period.first <= end:
        yield period.last
        period = next_period(cycle, period.last, *bounds)
