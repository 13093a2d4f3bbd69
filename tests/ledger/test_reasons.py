from __future__ import annotations

import pytest

from ledger.reasons import Reason, because
from ledger.roles import Role

pytestmark = pytest.mark.no_ledger

WHY = "您收到这条消息，是因为"


def test_a_contact_is_told_which_units_contact_they_are() -> None:
    assert because([Reason(Role.CONTACT, "一中")]) == f"{WHY}您是一中的联络员。"


def test_units_of_one_office_are_named_together_and_many_are_counted() -> None:
    reasons = [Reason(Role.LEADER, f"{n}中") for n in "一二三四"]
    assert because(reasons) == f"{WHY}您是一中、二中、三中等4个单位的责任领导。"
    assert because([*reasons[:2], reasons[0]]) == f"{WHY}您是一中、二中的责任领导。"


def test_two_offices_of_one_person_are_both_named() -> None:
    reasons = [Reason(Role.LEADER, "一中"), Reason(Role.LEADING_GROUP)]
    assert because(reasons) == f"{WHY}您是一中的责任领导；您是领导小组成员。"


def test_a_deputy_is_told_for_whom_they_act() -> None:
    assert because([Reason(Role.LEADER, deputy_of="钱若竹")]) == f"{WHY}您是钱若竹的代理人。"


def test_who_owes_in_person_is_told_so() -> None:
    assert because([Reason(Role.LEADER, own=True)]) == f"{WHY}您是责任领导，有由您本人办理的事项。"


def test_the_office_is_told_whose_place_it_takes() -> None:
    reasons = [Reason(Role.OFFICE, instead="没有在任的联络员，改报活动办"), Reason(Role.OFFICE)]
    assert because(reasons) == f"{WHY}您在活动办（没有在任的联络员，改报活动办）。"


def test_a_leader_told_of_no_unit_is_told_the_office_alone() -> None:
    assert because([Reason(Role.LEADER)]) == f"{WHY}您是责任领导。"
