from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal


@pytest.fixture
def registered(running: Terminal, office: Someone, colleague: Someone) -> Terminal:
    """One problem of 云川市第二中学, registered."""
    typed = (
        "--unit",
        colleague.unit,
        "--title",
        "收费未公示",
        "--source",
        "巡查",
        "--class",
        "收费",
    )
    running.ask("problem", "register", SLUG, *typed, as_=office)
    return running


@pytest.fixture
def assigned(registered: Terminal, office: Someone) -> Terminal:
    """The same, assigned."""
    registered.ask("problem", "assign", f"{SLUG}#1", "--due", "2017-05-10", as_=office)
    return registered


def only(desk: Terminal) -> dict[str, Any]:
    (row,) = desk.ask("problem", "list")
    return row  # type: ignore[no-any-return]


def test_registered_it_has_a_number_and_no_date(registered: Terminal, colleague: Someone) -> None:
    row = only(registered)
    assert (row["campaign"], row["number"], row["state"]) == (SLUG, 1, "已登记")
    assert (row["unit"], row["source"], row["problem_class"]) == (colleague.unit, "巡查", "收费")
    assert row["due"] is None


def test_from_assignment_to_close_out_and_back(
    assigned: Terminal, office: Someone, colleague: Someone
) -> None:
    ask = assigned.ask
    asked = ask("problem", "request-close", SLUG, "1", "--evidence", "已公示", as_=colleague)
    assert asked["state"] == "申请销号"
    assigned.at("2017-04-18T10:00:00")
    typed = ("problem", "verify", "敢转争#1")
    back = ask(*typed, "--return", "--note", "少一项", as_=office)
    assert (back["state"], back["due"]) == ("整改中", "2017-05-12")
    ask("problem", "request-close", f"{SLUG}#1", "--evidence", "已补", as_=colleague)
    closed = ask(*typed, "--ok", as_=office)
    assert (closed["state"], closed["closed_at"]) == ("已销号", "2017-04-18T10:00:00+08:00")
    reopened = ask(
        *("problem", "reopen", f"{SLUG}#1", "--due", "2017-05-20", "--reason", "反弹"), as_=office
    )
    assert (reopened["state"], reopened["due"], reopened["start_rung"]) == (
        *("整改中", "2017-05-20"),
        1,
    )


def test_a_return_needs_its_reason(assigned: Terminal, office: Someone, colleague: Someone) -> None:
    assigned.ask("problem", "request-close", f"{SLUG}#1", "--evidence", "已公示", as_=colleague)
    said = assigned.refused("problem", "verify", f"{SLUG}#1", "--return", as_=office)
    assert said == "核验退回要写明理由。"
    assert only(assigned)["state"] == "申请销号"


def test_nobody_verifies_their_own_under_another_post(
    assigned: Terminal, colleague: Someone, tmp_path: Path
) -> None:
    table = tmp_path / "posts.csv"
    table.write_text(
        f"姓名,角色,分管单位,邮箱\n{colleague.name},督导组,{colleague.unit},yc018@yunchuan.example\n",
        encoding="utf-8",
    )
    assigned.ask("posts", "import", table)
    posts = assigned.ask("posts", "list")
    second = next(p for p in posts if p["name"] == colleague.name and p["role"] == "督导组")
    assert second["id"] != colleague.post_id
    assigned.ask("problem", "request-close", f"{SLUG}#1", "--evidence", "已公示", as_=colleague)
    said = assigned.refused("problem", "verify", f"{SLUG}#1", "--ok", as_=str(second["id"]))
    assert said == "申请销号的人不能自己核验；请换一个人核验。"
    assert only(assigned)["state"] == "申请销号"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ((f"{SLUG}#2", "--due", "2017-05-10"), "没有第 2 号问题；请用 duban problem list 查看。"),
        ((SLUG, "--due", "2017-05-10"), "请写成 活动#编号"),
        ((SLUG, "甲", "--due", "2017-05-10"), "请写成 活动#编号"),
        ((f"{SLUG}#1", "--due", "2017-04-13"), "整改期限 2017-04-13 已经过去"),
        ((f"{SLUG}#1", "--due", "2017-05-10", "--start-rung", "9"), "起始层级只能是 0 到 3。"),
    ],
)
def test_what_cannot_be_assigned_stays_registered(
    registered: Terminal, office: Someone, typed: tuple[str, ...], said: str
) -> None:
    assert said in registered.refused("problem", "assign", *typed, as_=office)
    assert only(registered)["state"] == "已登记"


def test_assigned_twice_is_refused(assigned: Terminal, office: Someone) -> None:
    typed = ("problem", "assign", f"{SLUG}#1", "--due", "2017-06-10")
    assert "不能改为“已交办”" in assigned.refused(*typed, as_=office)
    assert only(assigned)["due"] == "2017-05-10"


def test_the_list_is_narrowed_down(assigned: Terminal, office: Someone) -> None:
    typed = ("--unit", "云川市第一中学", "--title", "另一件")
    assigned.ask("problem", "register", SLUG, *typed, as_=office)
    assigned.at("2017-05-12T10:00:00")
    late = assigned.ask("problem", "list", "--overdue", "--campaign", SLUG)
    assert [(row["number"], row["days_late"]) for row in late] == [(1, 2)]
    new = assigned.ask("problem", "list", "--state", "已登记", "--unit", "第一中学")
    assert [row["number"] for row in new] == [2]
    assert "共 2 个。" in assigned.type("problem", "list").stdout
