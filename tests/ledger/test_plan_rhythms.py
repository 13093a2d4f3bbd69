"""How often a thing is done, how often it is reported, and what the office opens itself."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.periods import Cycle
from ledger.plan import Item
from tests.ledger.plans import WHO, faults_of, plan_of, plan_text
from tests.ledger.play import Play, played
from tests.ledger.test_plan import the_item


def item_with(rhythm: str) -> Item:
    return the_item(f"id: x, what: 学习, who: [各单位], {rhythm}")


@pytest.mark.parametrize(
    ("rhythm", "reporting", "required"),
    [
        ("cycle: monthly, quota: 2", Cycle.MONTHLY, 2),
        ("cycle: daily, quota: 1", Cycle.MONTHLY, 1),
        ("cycle: daily, report: quarterly", Cycle.QUARTERLY, 1),
        ("cycle: weekly, report: monthly, quota: 3", Cycle.MONTHLY, 1),
        ("cycle: weekly, report: weekly, quota: 3", Cycle.WEEKLY, 3),
        ("cycle: yearly, parts: [布置, 督查, 总结]", Cycle.YEARLY, 3),
        ("cycle: yearly, parts: [布置, 督查, 总结], quota: 2", Cycle.YEARLY, 2),
        ("quota: {min: 2, max: 3}", Cycle.ONCE, 2),
    ],
)
def test_rows_follow_the_report_and_its_quota_is_the_cycle_s_only_where_they_are_one(
    rhythm: str, reporting: Cycle, required: int
) -> None:
    item = item_with(rhythm)
    assert (item.reporting, item.required) == (reporting, required)


@pytest.mark.parametrize(
    ("rhythm", "fault"),
    [
        (
            "cycle: monthly, report: weekly",
            "“monthly”的事项不能按“weekly”报；应当是其中之一：month",
        ),
        (
            "cycle: daily, report: daily",
            "“daily”的事项不能按“daily”报；应当是其中之一：weekly、ten",
        ),
        ("cycle: daily, report: once", "“daily”的事项不能按“once”报；"),
        ("cycle: per_event, report: monthly", "“per_event”的事项没有固定的次数，不能另定多久报"),
        ("report: monthly", "“once”的事项没有固定的次数"),
    ],
)
def test_a_report_comes_no_oftener_than_the_thing_is_done(rhythm: str, fault: str) -> None:
    items = f"  - {{id: x, what: 学习, who: [各单位], {rhythm}}}\n"
    (found,) = faults_of(plan_text(items=items))
    assert found.field == "items[x].report"
    assert f"{found.wrong}；{found.right}".startswith(fault)


@pytest.mark.parametrize(
    ("rest", "item", "fault"),
    [
        ("workstreams: {read: 读书}\n", "workstream: reed", "没有“reed”这条工作线；应当是“read”吗"),
        ("", "workstream: read", "没有“read”这条工作线；应当先写上再引用"),
        ("", "reporter: [督导组]", "addressees 里没有“督导组”这个称呼"),
    ],
)
def test_what_an_item_names_is_there(rest: str, item: str, fault: str) -> None:
    items = f"  - {{id: x, what: 学习, who: [各单位], {item}}}\n"
    (found,) = faults_of(plan_text(rest=rest, items=items))
    assert f"{found.wrong}；{found.right}".startswith(fault)


def test_the_due_date_of_a_cycle_ends_its_window() -> None:
    items = "  - {id: x, what: 调研, who: [各单位], cycle: yearly, due: 2017-11}\n"
    plan = plan_of(items=items)
    assert plan.window_of(plan.items[0]).last == date(2017, 11, 30)


def periods(play: Play, what: str) -> list[tuple[str | None, str | None]]:
    """(period, due) of every turn opened, in order."""
    events = play.of("obligation_opened", what=what)
    return [(line.period, line.due) for event in events for line in event.items]


STUDY = """\
  - {id: day, what: 日读, who: [一中], cycle: daily, from: 2017-04, until: 2017-06-20, quota: 1}
  - {id: week, what: 周练, who: [一中], cycle: weekly, report: monthly, until: 2017-05}
"""


def test_what_is_done_every_day_or_week_is_one_row_a_month() -> None:
    play = played(STUDY, "2017-07-10")
    months = [("2017-04", "2017-04-30"), ("2017-05", "2017-05-31")]
    assert periods(play, "日读") == [*months, ("2017-06", "2017-06-20")]
    assert periods(play, "周练") == months


CALLED = """\
  - {id: talks, what: 报告会, who: [一中], cycle: periodic, from: 2017-04-20}
  - {id: checks, what: 抽查, who: [一中], cycle: irregular}
  - {id: words, what: 心得, who: [一中], due: 2017-06}
"""


BY_HAND = """\
stages: on_due
acts:
  - {at: 2017-05-03 10:00, do: open, item: talks}
  - {at: 2017-05-03 10:00, do: open, item: checks}
  - {at: 2017-05-03 10:00, do: open, item: words}
"""


def test_a_periodic_duty_begins_undated_and_an_irregular_one_with_no_row() -> None:
    play = played(CALLED, "2017-04-28")
    assert periods(play, "报告会") == [("once", None)]
    assert play.days("obligation_opened", what="报告会") == ["04-20"]
    assert periods(play, "抽查") == []
    listed = play.of("weekly_list", what="报告会（1 家未定期限）", to="办一")
    assert [event.at.date() for event in listed] == [date(2017, 4, 24)]


def test_the_office_opens_each_further_turn_of_both_but_never_a_one_off() -> None:
    play = played(CALLED, "2017-05-10", behave=BY_HAND)
    assert periods(play, "报告会") == [("once", None), ("event-2", None)]
    assert periods(play, "抽查") == [("event-1", None)]
    (refused,) = play.of("refused")
    assert "“心得”不是随事、定期或不定期的事项" in refused.why


ORGAN = """\
  - {id: column, what: 专栏, who: [市里], cycle: weekly, quota: 1}
  - {id: visit, what: 验收, who: [市里], due: 2017-04-17}
  - {id: both, what: 对接, who: [市里, 一中], due: 2017-05-05}
"""


def test_a_superior_organ_s_duties_are_never_owed() -> None:
    play = played(ORGAN, "2017-05-10")
    owed = {
        (line.unit, line.what) for event in play.of("obligation_opened") for line in event.items
    }
    assert owed == {("第一中学", "对接")}
    assert not play.of("fixed_date", what="验收")


def test_an_organ_outside_has_no_units_here() -> None:
    who = WHO + "  市里: {external: true, classes: [学校]}\n"
    (found,) = faults_of(plan_text(who=who))
    assert (found.field, found.wrong) == ("addressees.市里.external", "上级单位不在本单位的名册里")
