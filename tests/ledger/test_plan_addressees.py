"""Of whom a plan asks: addressees and what they stand for; on one matter the narrower wins."""

from __future__ import annotations

import pytest

from ledger.plan import Plan, Target
from ledger.roles import Role
from tests.ledger.plans import plan_of

pytestmark = pytest.mark.no_ledger


def targets(plan: Plan) -> dict[str, tuple[Target, ...]]:
    return {item.id: plan.targets(item) for item in plan.items}


def plan_with_items(*items: str) -> Plan:
    return plan_of(items="".join(f"  - {{{item}, what: 汇报, matter: 汇报}}\n" for item in items))


def test_an_addressee_may_name_another_and_a_role_there() -> None:
    plan = plan_with_items("id: x, who: [校长, 局领导, 某校]")
    assert targets(plan)["x"] == (
        Target(unit_class="学校", role=Role.HEAD),
        Target(role=Role.LEADER),
        Target(unit="第一中学"),
    )


def test_one_respondent_named_twice_is_asked_once() -> None:
    plan = plan_with_items("id: x, who: [各单位, 各学校]")
    assert targets(plan)["x"] == (Target(unit_class="学校"), Target(unit_class="机构"))


def test_a_duty_of_every_person_is_marked_on_its_targets() -> None:
    plan = plan_with_items("id: x, who: [各学校], per_person: true", "id: y, who: [局领导]")
    assert [target.each_person for target in targets(plan)["x"]] == [True]
    assert [target.each_person for target in targets(plan)["y"]] == [False]


def test_on_one_matter_the_narrower_class_wins() -> None:
    plan = plan_with_items("id: wide, who: [各单位]", "id: narrow, who: [各学校]")
    assert targets(plan)["wide"] == (Target(unit_class="机构"),)
    assert targets(plan)["narrow"] == (Target(unit_class="学校"),)


def test_a_named_unit_is_narrower_than_its_class() -> None:
    plan = plan_with_items("id: wide, who: [各学校]", "id: narrow, who: [某校]")
    assert targets(plan)["wide"] == (Target(unit_class="学校", but_not_units=("第一中学",)),)
    assert targets(plan)["narrow"] == (Target(unit="第一中学"),)


def test_an_office_of_a_class_is_narrower_than_the_office_everywhere() -> None:
    who = "addressees:\n  负责人: {role: 主要负责人}\n  校长: {classes: [学校], role: 主要负责人}\n"
    items = (
        "  - {id: wide, what: 体会, who: [负责人], matter: 体会}\n"
        "  - {id: narrow, what: 体会, who: [校长], matter: 体会}\n"
    )
    plan = plan_of(who=who, items=items)
    assert targets(plan)["wide"] == (Target(role=Role.HEAD, but_not_classes=("学校",)),)
    assert targets(plan)["narrow"] == (Target(unit_class="学校", role=Role.HEAD),)


def test_a_unit_and_its_head_do_not_compete() -> None:
    plan = plan_with_items("id: unit, who: [各学校]", "id: head, who: [校长]")
    assert targets(plan)["unit"] == (Target(unit_class="学校"),)
    assert targets(plan)["head"] == (Target(unit_class="学校", role=Role.HEAD),)


def test_different_matters_do_not_compete() -> None:
    items = (
        "  - {id: wide, what: 甲, who: [各单位], matter: 甲}\n"
        "  - {id: narrow, what: 乙, who: [各学校], matter: 乙}\n"
        "  - {id: other, what: 丙, who: [各学校]}\n"
    )
    plan = plan_of(items=items)
    assert len(targets(plan)["wide"]) == 2
