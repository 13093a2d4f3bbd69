"""What only one of the five notices says, and its plan says likewise."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.plan import Item, Plan, read_plan
from tests.ledger.notices import PLANS

pytestmark = pytest.mark.no_ledger

YI_CHUANG_SHUANG_YOU, GAN_ZHUAN_ZHENG, LIANG_XUE_YI_CHUANG, WEN_MING, CHUANG_XIAN = (
    read_plan(file.read_text("utf-8"), file.name) for file in PLANS.values()
)


def ids(plan: Plan, *, workstream: str) -> set[str]:
    return {item.id for item in plan.items if item.workstream == workstream}


# 0 濮阳 一创双优


def test_one_node_a_month_with_all_that_is_due_at_it() -> None:
    plan = YI_CHUANG_SHUANG_YOU
    nodes = {plan.window_of(plan.item(f"s0-o{n}")) for n in range(24, 30)}
    assert [(window.first, window.last) for window in nodes] == [
        (date(2011, 1, 1), date(2011, 9, 30))
    ]
    assert ids(plan, workstream="nodes") == {f"s0-o{n}" for n in range(24, 33)}


def test_six_workstreams_side_by_side_in_one_stage() -> None:
    plan = YI_CHUANG_SHUANG_YOU
    assert [stage.name for stage in plan.stages] == ["日常推进阶段"]
    assert len(plan.workstreams) == 6


def test_the_problems_of_the_earlier_stage_go_on() -> None:
    assert YI_CHUANG_SHUANG_YOU.follows == "yi-chuang-shuang-you-2010"


def test_nothing_runs_on_after_the_third_quarter() -> None:
    plan = YI_CHUANG_SHUANG_YOU
    lasts = {plan.window_of(item).last for item in plan.items}
    assert lasts == {date(2011, 9, 30)}


# 1 新乡 敢转争


def test_what_runs_until_the_campaign_ends_says_so() -> None:
    running = {item.id for item in GAN_ZHUAN_ZHENG.items if item.ends_with_campaign}
    assert running == {"s1-o04", "s1-o05", "s1-o10", "s1-o11"}
    assert GAN_ZHUAN_ZHENG.ends is None


def test_on_one_matter_the_institutions_report_monthly_and_only_the_schools_quarterly() -> None:
    def classes(id: str) -> set[str | None]:
        targets = GAN_ZHUAN_ZHENG.targets(GAN_ZHUAN_ZHENG.item(id))
        return {target.unit_class for target in targets}

    assert classes("s1-o19") == classes("s1-o22") == {"机关科室", "直属机构"}
    assert classes("s1-o20") == classes("s1-o23") == {"局属学校"}


def test_only_articles_and_the_ledger_copy_are_put_on_record_without_review() -> None:
    unreviewed = {item.id for item in GAN_ZHUAN_ZHENG.items if not item.review}
    assert unreviewed == {"s1-o05", "s1-o13"}


def test_the_five_stages_stand_as_in_the_notice() -> None:
    assert [(stage.id, stage.from_, stage.until) for stage in GAN_ZHUAN_ZHENG.stages] == [
        ("publicity", date(2017, 3, 1), date(2017, 4, 30)),
        ("problems", date(2017, 4, 1), date(2017, 6, 30)),
        ("goals", None, date(2017, 4, 20)),
        ("rectification", date(2017, 4, 1), date(2017, 12, 31)),
        ("appraisal", date(2017, 4, 1), date(2018, 2, 28)),
    ]


def test_the_stages_overlap_so_each_opens_on_its_date_and_the_one_without_at_launch() -> None:
    plan = GAN_ZHUAN_ZHENG
    assert [plan.opening_of(stage).kind for stage in plan.stages] == [
        "date", "date", "launch", "date", "date",
    ]  # fmt: skip


def test_the_notice_and_its_parents_belong_to_the_plan() -> None:
    plan = GAN_ZHUAN_ZHENG
    assert plan.document.number == "新教敢转争办〔2017〕3号"
    assert [parent.number for parent in plan.parents] == ["新发〔2017〕9号", "新教党〔2017〕11号"]
    assert plan.launched == plan.document.issued == date(2017, 4, 14)


# 2 焦作 两学一创


def test_three_steps_inside_the_first_stage_and_a_second_without_end() -> None:
    plan = LIANG_XUE_YI_CHUANG
    assert [(stage.id, stage.parent, stage.from_, stage.until) for stage in plan.stages] == [
        ("one", None, date(2006, 8, 1), date(2006, 12, 31)),
        ("start", "one", date(2006, 8, 2), date(2006, 8, 11)),
        ("study", "one", date(2006, 8, 12), date(2006, 12, 16)),
        ("sum-up", "one", date(2006, 12, 17), date(2006, 12, 31)),
        ("two", None, date(2007, 1, 1), None),
    ]
    openings = [plan.opening_of(stage) for stage in plan.stages]
    assert [opening.after for opening in openings] == [(), (), ("start",), ("study",), ("one",)]


def test_the_study_runs_as_long_as_its_stage() -> None:
    plan = LIANG_XUE_YI_CHUANG
    windows = {plan.window_of(plan.item(f"s2-o{n}")) for n in range(17, 24)}
    assert [(window.first, window.last) for window in windows] == [
        (date(2006, 8, 12), date(2006, 12, 16))
    ]


def test_a_year_s_duty_in_three_parts_is_complete_with_all_three() -> None:
    item = LIANG_XUE_YI_CHUANG.item("s2-o31")
    assert (item.quota, item.required) == (None, 3)


# 3 文明创建


def test_a_notice_without_any_date_has_a_plan_without_any() -> None:
    def dates(item: Item) -> list[object]:
        return [item.due, item.from_, item.until]

    plan = WEN_MING
    assert (plan.starts, plan.ends, plan.last_date, plan.stages) == (None, None, None, ())
    assert all(dates(item) == [None] * 3 for item in plan.items)


def test_the_outside_scheme_to_be_ready_for_is_named() -> None:
    assert [scheme.title for scheme in WEN_MING.schemes] == ["省级文明单位考核细则"]


# 4 延庆 创先争优


def test_twelve_activities_side_by_side_without_stages() -> None:
    assert len(CHUANG_XIAN.workstreams) == 12
    assert CHUANG_XIAN.stages == ()


def test_the_selection_has_its_six_steps() -> None:
    assert CHUANG_XIAN.item("s4-o12").steps == (
        "项目备案", "指导实施", "项目申报", "项目评估", "综合评审", "项目奖励",
    )  # fmt: skip


def test_the_year_s_report_is_asked_once_by_the_end_of_the_year() -> None:
    window = CHUANG_XIAN.window_of(CHUANG_XIAN.item("s4-o13"))
    assert window.last == CHUANG_XIAN.ends == date(2011, 12, 31)
