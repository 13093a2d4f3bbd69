"""What a plan says of signing (签收)."""

from __future__ import annotations

import pytest

from ledger.plan_difference import difference
from tests.ledger.plans import only_fault, plan_of, plan_text

pytestmark = pytest.mark.no_ledger


def test_unsaid_the_launch_is_not_signed_for_and_the_limit_is_two_working_days() -> None:
    sign = plan_of().sign
    assert (sign.launch, sign.within) == (False, 2)


def test_it_says_whether_and_within_how_many_working_days() -> None:
    sign = plan_of(rest="sign: {launch: true, within: 5}\n").sign
    assert (sign.launch, sign.within) == (True, 5)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("{within: 0}", "sign.within：0 太小；应当不小于 1"),
        ("{within: 1000}", "sign.within：1000 太大；应当不大于 999"),
        ("{within: 两天}", "sign.within：这里不是整数；应当写整数，如 3"),
        ("{launch: 要}", "sign.launch：这里不是是非；应当写 true 或 false"),
        ("{lunch: true}", "sign.lunch：不认得“lunch”这个键；应当是“launch”吗？"),
        ("true", "sign：这里不是“键: 值”；应当在下面逐行写“键: 值”"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written: str, fault: str) -> None:
    assert only_fault(plan_text(rest=f"sign: {written}\n")).endswith(fault)


def test_amended_it_is_a_difference_of_the_plan() -> None:
    found = difference(plan_of(), plan_of(rest="sign: {within: 5}\n"))
    assert found.head == ("签收",)
