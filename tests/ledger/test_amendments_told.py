"""Who is asked anew, who is affected and who hears, when a running plan is amended."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.amendment_report import Affected, Asked
from ledger.plan import read_plan
from ledger.plan_difference import FACTS, HEAD, difference
from ledger.plan_items import Item
from ledger.plan_model import Plan
from tests.ledger.play import HEAD as HEADING
from tests.ledger.play import Play, played
from tests.ledger.test_plan_versions import SCHEME, SHELF, WEEK, at_the_office

NOT_COMPARED = {"id", "slug", "items", "stages"}
"""What an item or a plan is known by, and the parts compared one by one."""


def hears(play: Play, words: str) -> list[str]:
    """Who got a message in which these words stand."""
    return [event.to.name for event in play.of("message") if event.to and words in event.why]


def test_a_class_added_is_shown_before_and_told_once_with_the_next_round() -> None:
    play = played(WEEK, "2017-05-03")
    with at_the_office(play, "2017-05-04") as desk:
        report = desk.amend(WEEK.replace("学校", "各单位"))
        assert report.to_open == [Asked("week", "周报", date(2017, 5, 4), ("电教馆",))]
        assert (report.asked_anew, report.told) == (1, 1)
        assert report.affected == [Affected("week", "周报", ("电教馆",))]
    play.run("2017-05-19")
    assert hears(play, "方案第2版：新增“周报”") == ["联馆"]
    assert not hears(play, "报送对象有改动")


def test_another_rhythm_opens_rows_that_are_shown_before_and_told_once() -> None:
    play = played(WEEK, "2017-05-03")
    with at_the_office(play, "2017-05-04") as desk:
        report = desk.amend(WEEK.replace("weekly", "monthly"))
        assert report.to_open == [Asked("week", "周报", date(2017, 5, 4), ("第一中学", "第二中学"))]
        assert (len(report.withdrawn), report.told) == (2, 2)
    play.run("2017-05-19")
    assert hears(play, "方案第2版：“周报”的频次有改动") == ["联一", "联二"]
    assert not hears(play, "不再要求“周报”")


def test_rows_that_were_coming_anyway_are_not_new() -> None:
    play = played(WEEK, "2017-05-06")
    with at_the_office(play, "2017-05-07") as desk:
        report = desk.amend(WEEK.replace("2017-06,", "2017-07,"))
        assert (report.to_open, report.told) == ([], 0)


def test_another_number_is_told_once_to_those_who_owe_and_have_handed_in_nothing() -> None:
    two = SCHEME.replace("}", ", quota: 2}")
    play = played(two, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.hand_in("scheme", "电教馆")
        report = desk.amend(two.replace("quota: 2", "quota: 3"))
        assert {name: row.asked for name, row in desk.rows("scheme").items()} == {
            "第一中学": 3,
            "第二中学": 3,
            "电教馆": 2,
        }
        assert (report.told, report.kept, report.in_part) == (2, 1, 1)
    play.run("2017-04-28")
    assert hears(play, "“方案”的数量有改动，应报由 2 件改为 3 件") == ["联一", "联二"]


def test_a_form_changed_is_named_to_all_who_still_owe() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.hand_in("scheme", "电教馆")
        report = desk.amend(SCHEME.replace("}", ", forms: [表/名单.xlsx]}"))
        assert [row.units for row in report.affected] == [("第一中学", "第二中学")]
    play.run("2017-04-28")
    words = "“方案”的空白表格有改动；空白表格 名单.xlsx，请向活动办索取"
    assert hears(play, words) == ["联一", "联二"]


def test_what_only_the_office_does_otherwise_names_those_asked_and_tells_nobody() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        report = desk.amend(SCHEME.replace("}", ", review: false}"))
        assert report.affected == [Affected("scheme", "方案", ("第一中学", "第二中学", "电教馆"))]
        assert report.told == 0


def test_two_amendments_at_one_moment_count_those_they_tell_apart() -> None:
    play = played(SCHEME + SHELF, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        assert desk.amend(SCHEME.replace("05-10", "05-12") + SHELF).told == 3
        assert (
            desk.amend(SCHEME.replace("05-10", "05-12") + SHELF.replace("专栏", "橱窗")).told == 2
        )


def test_every_key_of_an_item_and_of_a_plan_is_compared() -> None:
    assert set(HEAD) == set(Plan.model_fields) - NOT_COMPARED
    text = f"{HEADING}workstreams: {{line: 一线}}\nitems:\n  - {{id: a, what: 甲, who: [学校]}}\n"
    old = read_plan(text, "p")
    assert difference(old, old).is_empty
    others = {
        "gold": "x", "to": "局办", "workstream": "line", "due": date(2017, 5, 10),
        "from_": date(2017, 5, 1), "until": date(2017, 5, 9), "report": "monthly",
        "cycle": "weekly", "quota": {"min": 2}, "min_length": 800, "parts": ["上", "下"],
        "steps": ["一", "二"], "reporter": ["一中"], "review": False, "per_person": True,
        "matter": "x", "roll": "next", "ladder": "rectification", "correction_days": 4,
        "passed": "drop", "trigger": "来访", "forms": ["a.xlsx"], "note": "注", "what": "乙",
        "who": ["一中"], "stage": None,
    }  # fmt: skip
    assert set(others) == set(Item.model_fields) - NOT_COMPARED
    for name, value in others.items():
        if value is not None:
            item = Item.model_validate({**old.items[0].model_dump(), name: value}, by_name=True)
            found = difference(old, old.model_copy(update={"items": (item,)}))
            assert found.changed, name
            assert set(found.changed[0].facts) <= {*FACTS, "写法"}


@pytest.mark.parametrize(
    ("before", "after", "facts"),
    [
        ("}", ", min_length: 800}", ("每件字数",)),
        ("}", ", steps: [初稿, 定稿]}", ("先后几步",)),
        ("}", ", reporter: [一中]}", ("由谁汇报",)),
        ("}", ", note: 照旧}", ("备注",)),
        ("who: [学校]", "who: [学校, 学校]", ("写法",)),
    ],
)
def test_a_version_that_says_only_such_a_thing_otherwise_is_written_and_named(
    before: str, after: str, facts: tuple[str, ...]
) -> None:
    play = played(SHELF, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        report = desk.amend(SHELF.replace(before, after))
        assert [change.facts for change in report.difference.changed] == [facts]


def test_the_notice_and_the_calendar_of_superior_organs_are_compared_too() -> None:
    theirs = "  - {id: theirs, what: 上级检查, who: [市里], due: 2017-06-30}\n"
    play = played(SHELF + theirs, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        found = desk.amend(SHELF + theirs.replace("06-30", "07-07")).difference
        assert [(change.item.id, change.facts) for change in found.external] == [
            ("theirs", ("期限",))
        ]
        found = desk.amend(SHELF, "parents: [{title: 上级的通知}]\n").difference
        assert (found.head, found.external[0].facts) == (("上级文件",), ("撤去",))
