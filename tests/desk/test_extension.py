from __future__ import annotations

import pytest

from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal

ASK = ("extension", "ask", SLUG, "s1-o17", "--until", "2017-04-27", "--reason", "迎检")


def due(desk: Terminal, unit: str) -> str:
    rows = desk.ask("submission", "list", "--unit", unit)
    return next(row["due"] for row in rows if row["item"] == "s1-o17")


def test_granted_the_due_date_moves_and_the_old_one_stays_beside(
    running: Terminal, owner: Someone, office: Someone
) -> None:
    asked = running.ask(*ASK, as_=owner)
    assert (asked["nth"], asked["old_due"], asked["new_due"]) == (1, "2017-04-20", "2017-04-27")
    done = running.ask("extension", "decide", str(asked["id"]), "--grant", as_=office)
    assert (done["outcome"], done["decided_by"]) == ("同意", office.name)
    assert due(running, owner.unit) == "2017-04-27"
    rows = running.ask("submission", "list", "--unit", owner.unit)
    kept = next(row["scheduled_due"] for row in rows if row["item"] == "s1-o17")
    assert kept == "2017-04-20"


def test_refused_the_due_date_stays(running: Terminal, owner: Someone, office: Someone) -> None:
    asked = running.ask(*ASK, as_=owner)
    typed = ("extension", "decide", str(asked["id"]), "--refuse", "--note", "理由不足")
    assert running.ask(*typed, as_=office)["outcome"] == "不同意"
    assert due(running, owner.unit) == "2017-04-20"
    assert "不能" in running.refused(*typed, as_=office)


def test_after_the_due_date_it_is_too_late_to_ask(running: Terminal, owner: Someone) -> None:
    running.at("2017-04-21T00:00:00")
    assert "延期要在期限之前申请" in running.refused(*ASK, as_=owner)
    assert running.ask("extension", "list") == []


def test_a_problem_can_have_more_time_too(
    running: Terminal, owner: Someone, office: Someone
) -> None:
    typed = ("--unit", owner.unit, "--title", "食堂台账不全")
    running.ask("problem", "register", SLUG, *typed, as_=office)
    running.ask("problem", "assign", f"{SLUG}#1", "--due", "2017-05-10", as_=office)
    asked = running.ask(
        *("extension", "ask", SLUG, "--problem", "1", "--until", "2017-05-20"),
        *("--reason", "等设备"),
        as_=owner,
    )
    assert asked["about"] == "第1号 云川市第一中学·食堂台账不全"
    running.ask("extension", "decide", str(asked["id"]), "--grant", as_=office)
    assert running.ask("problem", "list")[0]["due"] == "2017-05-20"
    listed = running.ask("extension", "list", "--campaign", SLUG, "--state", "同意")
    assert [row["id"] for row in listed] == [asked["id"]]


@pytest.mark.parametrize("typed", [(), ("s1-o17", "--problem", "1")])
def test_it_is_about_one_thing(running: Terminal, owner: Someone, typed: tuple[str, ...]) -> None:
    words = ("extension", "ask", SLUG, *typed, "--until", "2017-04-27", "--reason", "迎检")
    assert running.refused(*words, as_=owner).startswith("请写明事项，或用 --problem")


def test_a_number_nobody_asked_under_is_not_found(running: Terminal, office: Someone) -> None:
    said = running.refused("extension", "decide", "7", "--grant", as_=office)
    assert said == "没有第 7 号延期申请；请用 duban extension list 查看。"
