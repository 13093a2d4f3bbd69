"""A small plan to bend in tests."""

from __future__ import annotations

from ledger.plan import Fault, Plan, PlanError, read_plan

HEAD = """\
name: 读书活动
slug: du-shu
short: 读书
document: {title: 关于开展读书活动的通知, issued: 2017-04-14}
"""
WHO = """\
addressees:
  各单位: {classes: [学校, 机构]}
  各学校: {classes: [学校]}
  某校: {units: [第一中学]}
  校长: {classes: [各学校], role: 主要负责人}
  局领导: {role: 责任领导}
"""
ITEM = "  - {id: report, what: 总结, who: [各单位], due: 2017-06-30}\n"


def plan_text(*, head: str = HEAD, who: str = WHO, rest: str = "", items: str = ITEM) -> str:
    return f"{head}{who}{rest}items:\n{items}"


def plan_of(*, head: str = HEAD, who: str = WHO, rest: str = "", items: str = ITEM) -> Plan:
    return read_plan(plan_text(head=head, who=who, rest=rest, items=items), "plan.yaml")


def faults_of(text: str) -> list[Fault]:
    try:
        read_plan(text, "plan.yaml")
    except PlanError as error:
        return error.faults
    return []


def only_fault(text: str) -> str:
    faults = faults_of(text)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return str(faults[0])
