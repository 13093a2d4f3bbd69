"""Reading a plan: from an office's YAML to a Plan that holds, or every fault with its line.

The keys a plan most needs:

    name: 活动名称
    slug: huo-dong-2017            # 小写英文、数字、短横线
    short: 简称
    document: {title: 通知标题, number: 文号, issuer: 发文单位, issued: 2017-04-14}
    addressees:
      局属各单位: {classes: [局属学校, 直属机构]}
    stages:
      - {id: publicity, name: 宣传发动, from: 2017-03, until: 2017-04上旬}
    items:
      - id: weekly
        what: 每周一稿
        who: [局属各单位]
        from: 2017-03
        until: campaign_end
        cycle: weekly
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ledger.plan_addressees import Addressee, Target
from ledger.plan_check import check, check_against
from ledger.plan_dates import CAMPAIGN_END, STAGE_END, DueRule, OpenedPlus, Relative
from ledger.plan_errors import faults_of
from ledger.plan_faults import Fault, PlanError
from ledger.plan_items import Item, Passed, PassedAction, Quota, Window
from ledger.plan_ladders import DEFAULT_LADDERS, Ladder, Rung
from ledger.plan_model import Plan
from ledger.plan_parts import Document, Opening, OpeningKind, Roll, Scheme, Stage
from ledger.plan_source import Loc, Source, read_source

__all__ = [
    "CAMPAIGN_END",
    "DEFAULT_LADDERS",
    "STAGE_END",
    "Addressee",
    "Document",
    "DueRule",
    "Fault",
    "Item",
    "Ladder",
    "OpenedPlus",
    "Opening",
    "OpeningKind",
    "Passed",
    "PassedAction",
    "Plan",
    "PlanError",
    "Quota",
    "Relative",
    "Roll",
    "Rung",
    "Scheme",
    "Stage",
    "Target",
    "Window",
    "check_against",
    "read_plan",
]


def read_plan(text: str, file: str) -> Plan:
    """The plan in a YAML text; `file` is what faults call it. Raises PlanError with all of them."""
    source = read_source(text, file)
    try:
        plan = Plan.model_validate(source.tree).remember(source)
    except ValidationError as error:
        raise PlanError(_in_order(_all_faults(error, source))) from error
    if faults := check(plan):
        raise PlanError(_in_order(faults))
    return plan


def _all_faults(error: ValidationError, source: Source) -> list[Fault]:
    """What the model refused, and what is wrong with the rest of the plan."""
    faults = faults_of(error, Plan, source)
    refused = [detail for detail in error.errors() if detail["type"] != "missing"]
    rest = _plain(source.tree)
    for detail in refused:
        _cut(rest, detail["loc"])
    try:
        plan = Plan.model_validate(rest).remember(source)
    except ValidationError:
        return faults
    unreadable = [detail["loc"] for detail in refused if detail["type"] != "extra_forbidden"]
    return faults + check(plan, unreadable)


def _cut(node: Any, loc: Loc) -> None:
    """Take the value refused out of its mapping; a list keeps its places, a ladder goes whole."""
    held_by: tuple[dict[Any, Any], int | str] | None = None
    for part in loc[:2] if loc[0] == "ladders" else loc:
        if isinstance(node, dict) and part in node:
            held_by, node = (node, part), node[part]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
    if held_by:
        held_by[0].pop(held_by[1])


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node


def _in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.line)
