"""How much a plan asks of each class of units, week by week."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.burden import Burden, Load, burden, expected_due
from ledger.workdays import WorkCalendar
from tests.ledger.plans import plan_of

pytestmark = pytest.mark.no_ledger

CALENDAR = WorkCalendar()
STAGES = (
    "stages:\n"
    "  - {id: a, name: 甲, from: 2017-04-28, until: 2017-06-15}\n"
    "  - {id: b, name: 乙, opens: office}\n"
)


def burden_of(
    *items: str, start: date = date(2017, 4, 14), end: date = date(2017, 6, 30), rest: str = ""
) -> Burden:
    text = "".join(f"  - {{{item}, what: 材料}}\n" for item in items)
    plan = plan_of(rest=STAGES + rest, items=text)
    return burden(plan, {"学校": 20, "机构": 8}, CALENDAR, start, end)


def weeks(found: Burden) -> list[str]:
    return [row.week for row in found.rows]


def test_a_one_off_item_counts_in_the_week_of_its_due_date_for_each_class_asked() -> None:
    found = burden_of("id: x, who: [各单位], due: 2017-04-28, quota: 2")
    assert found.rows == (Load("学校", "2017-W17", 1, 2), Load("机构", "2017-W17", 1, 2))
    assert found.per_unit == {"学校": 2, "机构": 2}
    assert found.in_all == {"学校": 40, "机构": 16}


def test_what_falls_due_in_one_week_is_added_up() -> None:
    found = burden_of(
        "id: x, who: [各学校], due: 2017-04-24",
        "id: y, who: [各学校], due: 2017-04-30, quota: 2",
        "id: z, who: [各学校], due: 2017-05-01",
    )
    assert found.rows == (Load("学校", "2017-W17", 2, 3), Load("学校", "2017-W18", 1, 1))


def test_a_weekly_item_counts_each_week_that_owes() -> None:
    found = burden_of(
        "id: x, who: [各学校], from: 2017-09-18, until: 2017-10-22, cycle: weekly",
        end=date(2017, 12, 31),
    )
    # 2017-W40 is Golden Week: 2 to 8 October hold no working day.
    assert weeks(found) == ["2017-W38", "2017-W39", "2017-W41", "2017-W42"]


def test_a_monthly_item_counts_on_the_last_day_of_each_month_of_its_window() -> None:
    found = burden_of("id: x, who: [各学校], from: 2017-04, until: 2017-06, cycle: monthly")
    assert weeks(found) == ["2017-W17", "2017-W22", "2017-W26"]


def test_periods_that_ended_before_the_start_or_end_after_the_end_do_not_count() -> None:
    found = burden_of(
        "id: x, who: [各学校], from: 2017-01, until: 2017-12, cycle: monthly",
        "id: y, who: [各学校], due: 2017-04-13",
        "id: z, who: [各学校], due: 2017-07-01",
        end=date(2017, 5, 31),
    )
    assert weeks(found) == ["2017-W17", "2017-W22"]


def test_undated_items_and_those_per_event_do_not_count() -> None:
    found = burden_of(
        "id: x, who: [各学校], from: 2017-04",
        "id: y, who: [各学校], from: 2017-04, until: 2017-05, cycle: per_event",
        "id: z, who: [各学校], from: 2017-04, until: campaign_end",
    )
    assert found == Burden((), {}, {})


def test_a_head_counts_with_the_class_a_named_unit_and_an_office_by_themselves() -> None:
    found = burden_of("id: x, who: [各学校, 校长, 某校, 局领导], due: 2017-04-28")
    assert [(row.whom, row.items) for row in found.rows] == [
        ("学校", 1),
        ("第一中学", 1),
        ("责任领导", 1),
    ]
    assert found.in_all == {"学校": 20, "第一中学": 1, "责任领导": 1}


def test_dates_relative_to_a_stage_count_as_the_plan_expects_them() -> None:
    plan = plan_of(
        rest=STAGES + "ends: 2017-12-31\n",
        items=(
            "  - {id: w, what: 甲, who: [各学校], stage: a, due: opened+2}\n"
            "  - {id: x, what: 乙, who: [各学校], stage: a, due: stage_end}\n"
            "  - {id: y, what: 丙, who: [各学校], stage: b, due: opened+2}\n"
            "  - {id: z, what: 丁, who: [各学校], until: campaign_end}\n"
        ),
    )
    assert [expected_due(plan, item, CALENDAR) for item in plan.items] == [
        date(2017, 5, 3),  # 29 April to 1 May are days off
        date(2017, 6, 15),
        None,
        date(2017, 12, 31),
    ]


def test_a_due_date_on_a_rest_day_counts_where_the_plan_moves_it() -> None:
    # 2017-04-30 is the Sunday of W17; the next working day is in W18.
    stays = burden_of("id: x, who: [各学校], due: 2017-04-30")
    moves = burden_of("id: x, who: [各学校], due: 2017-04-30, roll: next")
    before = burden_of("id: x, who: [各学校], due: 2017-05-01", rest="roll: previous\n")
    assert [weeks(stays), weeks(moves), weeks(before)] == [["2017-W17"], ["2017-W18"], ["2017-W17"]]
