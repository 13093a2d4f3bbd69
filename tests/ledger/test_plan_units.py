"""A plan against the units there are: nothing may be asked of a class or unit nobody is."""

from __future__ import annotations

import pytest

from ledger.plan import check_against
from tests.ledger.plans import HEAD, ITEM, plan_of

pytestmark = pytest.mark.no_ledger


def test_a_class_no_unit_has_and_a_unit_not_known_are_named_where_they_are_written() -> None:
    plan = plan_of(items=ITEM.replace("各单位", "各单位, 某校"))
    faults = [str(fault) for fault in check_against(plan, {"学校": 20, "机构": 0}, ["第一中学校"])]
    line = HEAD.count("\n") + 2
    assert faults == [
        f"plan.yaml:{line}: addressees.各单位.classes[2]："
        "没有一个单位属于类别“机构”，而 report 要它报送；应当是其中之一：学校",
        f"plan.yaml:{line + 2}: addressees.某校.units[1]："
        "没有一个单位叫“第一中学”，而 report 要它报送；应当是“第一中学校”吗？",
    ]


def test_units_that_have_all_that_is_asked_give_no_fault() -> None:
    assert check_against(plan_of(), {"学校": 20, "机构": 3}, []) == []


def test_a_class_no_item_asks_of_needs_no_unit() -> None:
    plan = plan_of(items=ITEM.replace("各单位", "各学校"))
    assert check_against(plan, {"学校": 1}, []) == []
