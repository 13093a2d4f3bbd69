"""Texts that are no plan at all: the fault still has its line."""

from __future__ import annotations

import pytest

from tests.ledger.plans import only_fault

pytestmark = pytest.mark.no_ledger


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name: 甲\nname: 乙\n", 2, "name：同一处写了两次；应当只留一个"),
        ("name: 甲\n\tslug: a\n", 2, "用了制表符"),
        ("name: 甲: 乙\n", 1, "这里不该出现冒号"),
        ("name: 甲\nshort: '乙\nslug: a\n", 2, "引号或括号没有收尾"),
        ("name: 甲\nshort: *乙\n", 2, "引用了没有定义的名称"),
        ("name: 甲\nshort: \x07\n", 2, "含有不可见的控制字符"),
        ("name: [甲\nslug: a\n", 2, "YAML 在这里读不下去"),
        ("- 甲\n", 1, "内容不是“键: 值”；应当从 name: 活动名称 写起"),
        ("", 1, "内容不是“键: 值”"),
    ],
)
def test_a_text_that_is_no_plan_at_all(text: str, line: int, said: str) -> None:
    fault = only_fault(text)
    assert fault.startswith(f"plan.yaml:{line}: ")
    assert said in fault
