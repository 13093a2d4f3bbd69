"""What a plan means: openings, windows, due rules, ladders, and the narrower wins."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.plan import (
    CAMPAIGN_END,
    STAGE_END,
    Item,
    OpenedPlus,
    Opening,
    OpeningKind,
    Plan,
    Roll,
)
from tests.ledger.plans import HEAD, plan_of

pytestmark = pytest.mark.no_ledger


def plan_with_stages(*stages: str) -> Plan:
    return plan_of(rest="stages:\n" + "".join(f"  - {{{stage}}}\n" for stage in stages))


def openings(plan: Plan) -> list[Opening]:
    return [plan.opening_of(stage) for stage in plan.stages]


def the_item(item: str) -> Item:
    stages = "stages:\n  - {id: a, name: 甲, from: 2017-05, until: 2017-08}\n"
    return plan_of(rest=stages, items=f"  - {{{item}}}\n").items[0]


# Openings


def test_a_stage_opens_on_its_date_where_windows_overlap() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, from: 2017-03, until: 2017-04",
        "id: b, name: 乙, from: 2017-04, until: 2017-06",
    )
    assert openings(plan) == [
        Opening(kind=OpeningKind.DATE, on=date(2017, 3, 1)),
        Opening(kind=OpeningKind.DATE, on=date(2017, 4, 1)),
    ]


def test_a_stage_stands_after_the_one_before_it_where_they_do_not_overlap() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, from: 2006-08-02, until: 2006-08-11",
        "id: b, name: 乙, from: 2006-08-12, until: 2006-12-16",
    )
    assert openings(plan)[1] == Opening(kind=OpeningKind.AFTER, after=("a",))


def test_one_shared_day_is_an_overlap() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, from: 2017-03-01, until: 2017-03-10",
        "id: b, name: 乙, from: 2017-03-10, until: 2017-03-20",
    )
    assert openings(plan)[1].kind is OpeningKind.DATE


def test_a_stage_that_overlaps_any_stage_beside_it_opens_on_its_date() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, from: 2017-03, until: 2017-12",
        "id: b, name: 乙, from: 2017-03, until: 2017-04",
        "id: c, name: 丙, from: 2017-05, until: 2017-06",
    )
    assert openings(plan)[2].kind is OpeningKind.DATE


def test_a_stage_without_an_end_overlaps_all_that_follow() -> None:
    plan = plan_with_stages("id: a, name: 甲, from: 2017-03", "id: b, name: 乙, from: 2018")
    assert openings(plan)[1] == Opening(kind=OpeningKind.DATE, on=date(2018, 1, 1))


def test_a_stage_without_a_start_opens_at_launch_and_an_inner_one_with_its_parent() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, until: 2017-04",
        "id: b, name: 乙, from: 2017-05, until: 2017-06",
        "id: b1, name: 乙一, parent: b, until: 2017-05-10",
    )
    assert [opening.kind for opening in openings(plan)] == ["launch", "after", "after"]


def test_stages_are_compared_only_with_those_of_the_same_parent() -> None:
    plan = plan_with_stages(
        "id: one, name: 第一阶段, from: 2006-08, until: 2006-12",
        "id: start, name: 宣传发动, parent: one, from: 2006-08-02, until: 2006-08-11",
        "id: study, name: 全面学创, parent: one, from: 2006-08-12, until: 2006-12-16",
        "id: two, name: 第二阶段, from: 2007",
    )
    assert [opening.after for opening in openings(plan)] == [(), (), ("start",), ("one",)]


def test_the_plan_may_say_how_a_stage_opens() -> None:
    plan = plan_with_stages(
        "id: a, name: 甲, from: 2017-03, until: 2017-04, opens: office",
        "id: b, name: 乙, from: 2017-05, until: 2017-06, opens: date",
        "id: c, name: 丙, from: 2017-05, until: 2017-06, opens: {after: [a, b]}",
    )
    assert openings(plan) == [
        Opening(kind=OpeningKind.OFFICE),
        Opening(kind=OpeningKind.DATE, on=date(2017, 5, 1)),
        Opening(kind=OpeningKind.AFTER, after=("a", "b")),
    ]


# Due rules and windows


@pytest.mark.parametrize(
    ("dates", "rule"),
    [
        ("due: 2017-04", date(2017, 4, 30)),
        ("from: 2017-04, until: 2017-05中旬", date(2017, 5, 20)),
        ("from: 2017-04, until: 2017-05, due: 2017-05-08", date(2017, 5, 8)),
        ("from: 2017-04", None),
        ("note: 没有日期", None),
        ("stage: a", None),
        ("from: 2017-04, until: campaign_end", CAMPAIGN_END),
        ("stage: a, due: stage_end", STAGE_END),
        ("stage: a, due: opened+5", OpenedPlus(5)),
        ("from: 2017-04, until: 2017-05, cycle: weekly", None),
        ("due: 2017-04, cycle: per_event", None),
    ],
)
def test_what_an_item_is_due_by(dates: str, rule: object) -> None:
    assert the_item(f"id: x, what: 总结, who: [各单位], {dates}").due_rule == rule


def test_an_item_that_runs_until_the_campaign_ends_has_no_last_day_of_its_own() -> None:
    item = the_item("id: x, what: 专栏, who: [各单位], from: 2017-04, until: campaign_end")
    assert (item.first, item.last, item.ends_with_campaign) == (date(2017, 4, 1), None, True)


def test_what_an_item_does_not_say_has_its_usual_value() -> None:
    item = the_item("id: x, what: 总结, who: [各单位]")
    assert (item.cycle, item.required, item.review, item.ladder) == ("once", 1, True, "submission")
    assert (item.correction_days, item.passed, item.ends_with_campaign) == (3, None, False)


def test_a_quota_is_a_least_number_or_a_range() -> None:
    def quota(written: str) -> tuple[int, int | None]:
        asked = the_item(f"id: x, what: 总结, who: [各单位], quota: {written}").quota
        assert asked
        return asked.min, asked.max

    assert quota("2") == (2, None)
    assert quota("{min: 2, max: 3}") == (2, 3)


def test_a_plan_may_answer_beforehand_for_a_date_that_has_passed() -> None:
    def passed(written: str) -> tuple[str, date | None]:
        answer = the_item(f"id: x, what: 总结, who: [各单位], passed: {written}").passed
        assert answer
        return answer.action, answer.move

    assert passed("keep") == ("keep", None)
    assert passed("drop") == ("drop", None)
    assert passed("{move: 2017-05}") == ("move", date(2017, 5, 31))


def test_a_cycle_without_a_window_runs_as_long_as_its_stage_but_a_one_off_does_not() -> None:
    stages = "stages:\n  - {id: a, name: 甲, from: 2017-05, until: 2017-08}\n"
    items = (
        "  - {id: x, what: 月报, who: [各单位], stage: a, cycle: monthly}\n"
        "  - {id: y, what: 月报, who: [各单位], stage: a, cycle: monthly, from: 2017-06}\n"
        "  - {id: z, what: 总结, who: [各单位], stage: a}\n"
    )
    plan = plan_of(rest=stages, items=items)
    windows = [plan.window_of(item) for item in plan.items]
    assert [(window.first, window.last) for window in windows] == [
        (date(2017, 5, 1), date(2017, 8, 31)),
        (date(2017, 6, 1), None),
        (None, None),
    ]


def test_a_window_never_runs_beyond_the_campaigns_known_end() -> None:
    items = (
        "  - {id: x, what: 周报, who: [各单位], cycle: weekly, until: campaign_end}\n"
        "  - {id: y, what: 月报, who: [各单位], cycle: monthly, until: 2017-12}\n"
    )
    plan = plan_of(rest="ends: 2017-10-15\n", items=items)
    windows = [plan.window_of(item) for item in plan.items]
    assert [window.last for window in windows] == [date(2017, 10, 15)] * 2
    assert [window.ends_with_campaign for window in windows] == [True, False]


def test_an_item_rolls_as_it_says_itself_else_as_the_plan_says() -> None:
    items = (
        "  - {id: x, what: 总结, who: [各单位]}\n"
        "  - {id: y, what: 总结, who: [各单位], roll: previous}\n"
    )
    plan = plan_of(rest="roll: next\n", items=items)
    assert [plan.roll_of(item) for item in plan.items] == [Roll.NEXT, Roll.PREVIOUS]
    assert plan_of().roll_of(plan_of().items[0]) is Roll.NONE


def test_the_plan_starts_when_launched_else_when_the_notice_was_issued() -> None:
    assert plan_of().starts == date(2017, 4, 14)
    assert plan_of(rest="launched: 2017-05-02\n").starts == date(2017, 5, 2)
    undated = HEAD.replace(", issued: 2017-04-14", "")
    assert plan_of(head=undated).starts is None


def test_the_last_date_is_the_last_one_any_item_names() -> None:
    assert plan_of().last_date == date(2017, 6, 30)
    assert plan_of(items="  - {id: x, what: 总结, who: [各单位]}\n").last_date is None
