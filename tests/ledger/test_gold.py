"""The plan of 敢转争 2017 says what its notice says, duty by duty.

`tests/gold/1.json` holds the facts of every duty, read out of the notice by hand.
"""

from __future__ import annotations

import calendar
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ledger.plan import CAMPAIGN_END, Item, Plan, read_plan

ROOT = Path(__file__).parents[2]
FILE = ROOT / "config/campaigns/gan-zhuan-zheng-2017.yaml"
GOLD = {
    duty["id"]: duty
    for duty in json.loads((ROOT / "tests/gold/1.json").read_text("utf-8"))
    if duty["tier"] == "core"
}
UNTIL_THE_CAMPAIGN_ENDS = {"s1-o04", "s1-o05", "s1-o10", "s1-o11"}
UNDATED = {"s1-o04", "s1-o10", "s1-o18", "s1-o21"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(FILE.read_text("utf-8"), FILE.name)


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """The items as the YAML has them, each value as text."""
    items = YAML(typ="safe", pure=True).load(FILE.read_text("utf-8"))["items"]
    return {item["id"]: item for item in items}


def first_day(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def last_day(text: str) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    year, month = map(int, text.split("-"))
    return date(year, month, calendar.monthrange(year, month)[1])


def test_the_gold_has_its_twenty_five_core_duties() -> None:
    assert len(GOLD) == 25


def test_no_core_duty_is_left_out_and_none_is_added(plan: Plan) -> None:
    assert [item.id for item in plan.items] == list(GOLD)
    assert [item.gold for item in plan.items] == list(GOLD)


@pytest.mark.parametrize("id", GOLD)
def test_doer_receiver_cycle_and_quota_equal_the_gold(plan: Plan, id: str) -> None:
    item, duty = plan.item(id), GOLD[id]
    assert list(item.who) == duty["who"]
    assert item.to == duty["to"]
    assert item.cycle == (duty["cycle"] or "once")
    assert (item.quota and item.quota.min) == duty["quota"]
    assert (item.quota and item.quota.max) is None


@pytest.mark.parametrize("id", GOLD)
def test_due_date_and_window_equal_the_gold(plan: Plan, id: str) -> None:
    item, duty = plan.item(id), GOLD[id]
    assert item.due == (duty["due"] and last_day(duty["due"]))
    assert item.first == (duty["from"] and first_day(duty["from"]))
    assert item.last == (duty["until"] and last_day(duty["until"]))


@pytest.mark.parametrize("id", GOLD)
def test_dates_are_written_as_precisely_as_the_notice_writes_them(
    written: dict[str, Any], id: str
) -> None:
    for key in ("due", "from", "until"):
        text = written[id].get(key)
        assert (None if text == CAMPAIGN_END else text and str(text)) == GOLD[id][key]


def test_what_runs_until_the_campaign_ends_says_so(plan: Plan) -> None:
    assert {item.id for item in plan.items if item.ends_with_campaign} == UNTIL_THE_CAMPAIGN_ENDS


def test_one_off_duties_without_an_end_stay_undated(plan: Plan) -> None:
    def is_undated(item: Item) -> bool:
        return item.cycle == "once" and not isinstance(item.due_rule, date)

    assert plan.ends is None
    assert {item.id for item in plan.items if is_undated(item)} == UNDATED


def test_one_off_duties_with_a_window_are_due_on_its_last_day(plan: Plan) -> None:
    for id in ("s1-o01", "s1-o02", "s1-o06", "s1-o09"):
        assert plan.item(id).due_rule == last_day(GOLD[id]["until"])


def test_every_duty_reaches_respondents_of_the_scope_the_gold_names(plan: Plan) -> None:
    for id, duty in GOLD.items():
        targets = plan.targets(plan.item(id))
        assert targets, id
        if duty["scope"] in ("unit", "department"):
            assert all(target.role is None for target in targets), id
        if duty["scope"] == "leader":
            assert all(target.role or target.each_person for target in targets), id


def test_on_one_matter_the_institutions_report_monthly_and_only_the_schools_quarterly(
    plan: Plan,
) -> None:
    def classes(id: str) -> set[str | None]:
        return {target.unit_class for target in plan.targets(plan.item(id))}

    assert classes("s1-o19") == classes("s1-o22") == {"机关科室", "直属机构"}
    assert classes("s1-o20") == classes("s1-o23") == {"局属学校"}


def test_only_articles_and_the_ledger_copy_are_put_on_record_without_review(plan: Plan) -> None:
    assert {item.id for item in plan.items if not item.review} == {"s1-o05", "s1-o13"}


def test_the_five_stages_stand_as_in_the_notice(plan: Plan) -> None:
    assert [(stage.id, stage.from_, stage.until) for stage in plan.stages] == [
        ("publicity", date(2017, 3, 1), date(2017, 4, 30)),
        ("problems", date(2017, 4, 1), date(2017, 6, 30)),
        ("goals", None, date(2017, 4, 20)),
        ("rectification", date(2017, 4, 1), date(2017, 12, 31)),
        ("appraisal", date(2017, 4, 1), date(2018, 2, 28)),
    ]


def test_the_stages_overlap_so_each_opens_on_its_date_and_the_one_without_at_launch(
    plan: Plan,
) -> None:
    assert [plan.opening_of(stage).kind for stage in plan.stages] == [
        "date", "date", "launch", "date", "date",
    ]  # fmt: skip


def test_the_notice_its_parents_and_its_file_belong_to_the_plan(plan: Plan) -> None:
    assert plan.document.number == "新教敢转争办〔2017〕3号"
    assert [parent.number for parent in plan.parents] == ["新发〔2017〕9号", "新教党〔2017〕11号"]
    assert plan.launched == plan.document.issued == date(2017, 4, 14)
    assert plan.document.file is not None
    assert (FILE.parent / plan.document.file).is_file()
