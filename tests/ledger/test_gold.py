"""Each of the five plans says what its notice says, duty by duty.

`tests/gold` holds the facts of every duty, read out of the notices by hand.
"""

from __future__ import annotations

import calendar
from datetime import date
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from ledger.periods import Cycle
from ledger.plan import CAMPAIGN_END, Item, Plan, read_plan
from ledger.plan_outline import is_undated
from tests.ledger.notices import PLANS, core_duties

pytestmark = pytest.mark.no_ledger

CORE = {0: 20, 1: 25, 2: 30, 3: 27, 4: 13}
DUTIES = [(notice, duty) for notice in PLANS for duty in core_duties(notice).values()]
CYCLES = {None: "once", "every_ten_days": "ten_days"}
STUDY = ("daily", "weekly", "every_ten_days")

every_plan = pytest.mark.parametrize("notice", PLANS)
every_duty = pytest.mark.parametrize(
    ("notice", "duty"), DUTIES, ids=[duty["id"] for _, duty in DUTIES]
)


@cache
def plan_of(notice: int) -> Plan:
    file = PLANS[notice]
    return read_plan(file.read_text("utf-8"), file.name)


@cache
def written(notice: int) -> dict[str, Any]:
    """The items as the YAML has them."""
    text = PLANS[notice].read_text("utf-8")
    return {item["id"]: item for item in YAML(typ="safe", pure=True).load(text)["items"]}


def item_of(notice: int, duty: dict[str, Any]) -> Item:
    return plan_of(notice).item(duty["id"])


def day(text: str | None, *, last: bool) -> date | None:
    """What a fact's date means, as precise as it is: a month or a year has its ends."""
    if text is None or len(text) == 10:
        return date.fromisoformat(text) if text else None
    year, month = int(text[:4]), int(text[5:] or (12 if last else 1))
    return date(year, month, calendar.monthrange(year, month)[1] if last else 1)


@every_plan
def test_no_core_duty_is_left_out_and_none_is_added(notice: int) -> None:
    items = plan_of(notice).items
    assert [item.id for item in items] == list(core_duties(notice))
    assert [item.gold for item in items] == list(core_duties(notice))
    assert len(items) == CORE[notice]


@every_duty
def test_doer_and_receiver_equal_the_gold(notice: int, duty: dict[str, Any]) -> None:
    item = item_of(notice, duty)
    assert (list(item.who), item.to) == (duty["who"], duty["to"])
    assert list(item.reporter) == duty.get("reporter", [])


@every_duty
def test_cycle_and_quota_equal_the_gold(notice: int, duty: dict[str, Any]) -> None:
    item = item_of(notice, duty)
    assert item.cycle == CYCLES.get(duty["cycle"], duty["cycle"])
    assert (item.quota and item.quota.min) == duty["quota"]
    assert (item.quota and item.quota.max) == duty.get("quota_max")
    assert (item.min_length, list(item.parts)) == (duty.get("min_length"), duty.get("items", []))


@every_duty
def test_due_date_and_window_equal_the_gold(notice: int, duty: dict[str, Any]) -> None:
    item = item_of(notice, duty)
    assert item.due == day(duty["due"], last=True)
    assert item.first == day(duty["from"], last=False)
    assert item.last == day(duty["until"], last=True)


@every_duty
def test_dates_are_written_as_precisely_as_the_notice_writes_them(
    notice: int, duty: dict[str, Any]
) -> None:
    for key in ("due", "from", "until"):
        text = written(notice)[duty["id"]].get(key)
        assert (None if text == CAMPAIGN_END else text and str(text)) == duty[key]


@every_duty
def test_a_duty_stands_in_the_stage_the_notice_puts_it_in(
    notice: int, duty: dict[str, Any]
) -> None:
    if "stage" in duty:
        stage = item_of(notice, duty).stage
        assert stage
        assert plan_of(notice).stage(stage).name == duty["stage"]


@every_duty
def test_what_the_notice_leaves_undated_stays_undated(notice: int, duty: dict[str, Any]) -> None:
    dated = duty["due"] or duty["until"]
    undated = duty["cycle"] == "periodic" or (duty["cycle"] is None and not dated)
    assert is_undated(plan_of(notice), item_of(notice, duty)) is undated


@every_duty
def test_a_one_off_duty_is_due_on_its_date_else_on_the_last_day_of_its_window(
    notice: int, duty: dict[str, Any]
) -> None:
    item = item_of(notice, duty)
    if item.cycle is Cycle.ONCE and (duty["due"] or duty["until"]):
        assert item.due_rule == day(duty["due"] or duty["until"], last=True)


@every_duty
def test_every_duty_reaches_respondents_of_the_scope_the_gold_names(
    notice: int, duty: dict[str, Any]
) -> None:
    plan, item = plan_of(notice), item_of(notice, duty)
    targets = plan.targets(item)
    if duty["scope"] == "external":
        assert plan.is_external(item)
        assert not targets
        return
    assert targets
    for target in targets:
        if duty["scope"] in ("unit", "department", "party_branch"):
            assert target.role is None
            assert not target.each_person
        elif duty["scope"] == "leader":
            assert target.role or target.each_person
        elif duty["scope"] == "person":
            assert target.each_person
        else:
            assert target.role or target.unit


@every_duty
def test_a_person_s_study_is_reported_once_a_month_and_all_else_as_often_as_it_is_done(
    notice: int, duty: dict[str, Any]
) -> None:
    item = item_of(notice, duty)
    monthly = duty["scope"] == "person" and duty["cycle"] in STUDY
    assert item.reporting is (Cycle.MONTHLY if monthly else item.cycle)


def test_what_is_asked_at_the_end_of_each_month_has_no_date_but_its_months() -> None:
    asked = [(notice, duty) for notice, duty in DUTIES if duty.get("day") == "last"]
    assert [duty["id"] for _, duty in asked] == ["s2-o34"]
    item = item_of(*asked[0])
    assert (item.reporting, item.due, plan_of(2).roll_of(item)) == (Cycle.MONTHLY, None, "none")


@every_plan
def test_the_notice_goes_with_the_launch(notice: int) -> None:
    file = plan_of(notice).document.file
    assert file is not None
    assert (PLANS[notice].parent / file).is_file()
