from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from desk.confirming import CHANGED_MEANWHILE
from ledger.deliverables import KEEP
from ledger.messages import Item, ItemKind
from ledger.units import Respondent
from tests.conftest import PLAN, Someone
from tests.desk.conftest import SLUG, Terminal

OTHER = """name: 另一活动
slug: other
short: 另一
document: {title: 另一通知, issued: 2017-04-14}
addressees: {学校: {classes: [局属学校]}}
items: [{id: near, what: 名单, who: [学校], due: 2017-04-17}]
"""


@pytest.fixture
def amended(tmp_path: Path) -> Path:
    """The plan with one date moved and one item left out."""
    text = PLAN.read_text("utf-8").replace("due: 2017-04-28", "due: 2017-05-12")
    start = text.index("  - id: s1-o17")
    end = text.index("  - id: s1-o18")
    file = tmp_path / "new.yaml"
    file.write_text(text[:start] + text[end:], encoding="utf-8")
    return file


def test_an_amendment_is_shown_first_and_written_once_confirmed(
    running: Terminal, office: Someone, amended: Path
) -> None:
    shown = running.type("plan", "amend", amended, as_=office)
    assert shown.exit_code == 1
    assert "没有写入；确认后加 --yes 再来一次。" in shown.stdout
    rows = running.ask("submission", "list")
    assert {row["due"] for row in rows if row["item"] == "s1-o07"} == {"2017-04-28"}
    written = running.ask("plan", "amend", amended, "--yes", as_=office)
    assert (written["version"], written["removed"]) == (2, ["s1-o17"])
    assert written["changed"] == [{"item": "s1-o07", "facts": ["期限"]}]
    assert len(written["redated"]) == len([row for row in rows if row["item"] == "s1-o07"])
    assert {row["due"] for row in running.ask("submission", "list") if row["item"] == "s1-o07"} == {
        "2017-05-12"
    }
    assert "没有差别" in running.refused("plan", "amend", amended, "--yes", as_=office)


def test_at_a_terminal_it_asks_and_no_means_nothing_is_written(
    running: Terminal, office: Someone, amended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.workplace.at_a_terminal", lambda: True)
    declined = running.type("plan", "amend", amended, as_=office, answers="n\n")
    assert declined.exit_code == 1
    assert "撤销应报" in declined.stdout
    accepted = running.type("plan", "amend", amended, as_=office, answers="y\n")
    assert accepted.exit_code == 0
    assert "已写入。" in accepted.stdout


def test_while_a_person_reads_and_answers_nothing_is_locked(
    running: Terminal, office: Someone, amended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*_: object, **__: object) -> bool:
        with closing(running.database()) as database, database.writing() as session:
            session.execute(text("PRAGMA busy_timeout = 0"))
            schools = select(Respondent).where(Respondent.name.startswith("云川市第一中学"))
            for school in session.scalars(schools):
                school.name += "（本部）"
        return True

    monkeypatch.setattr("desk.workplace.at_a_terminal", lambda: True)
    monkeypatch.setattr("desk.confirming.click.confirm", answer)
    monkeypatch.setattr("desk.fixed_dates._ask_one", lambda _: answer() and KEEP)
    said = running.type("plan", "amend", amended, as_=office).stdout
    assert "已写入。" in said
    assert CHANGED_MEANWHILE in said, "the names shown had changed meanwhile"
    assert running.ask("campaign", "status", SLUG)["slug"] == SLUG
    plan = amended.with_name("other.yaml")
    plan.write_text(OTHER, encoding="utf-8")
    launched = running.type("campaign", "launch", plan, as_=office)
    assert "活动“另一活动”已启动" in launched.stdout


def test_who_is_affected_is_named_and_files_that_are_not_there_are_too(
    running: Terminal, office: Someone, amended: Path
) -> None:
    said = running.type("plan", "amend", amended, as_=office).stdout
    assert "受影响的单位：" in said
    assert re.search(r"s1-o17 .*云川市第一中学、.* 等 \d+ 家", said)
    assert "不在方案旁边，往后的消息和汇总将没有它；请放到" in said
    written = running.ask("plan", "amend", amended, "--yes", as_=office)
    assert written["missing"]
    units = {row["item"]: row["units"] for row in written["affected"]}
    assert "云川市第一中学" in units["s1-o17"]
    assert set(units) == {"s1-o07", "s1-o17"}


def test_what_is_undated_gets_its_date(running: Terminal, office: Someone) -> None:
    dated = running.ask("plan", "date", "s1-o18", "2017-06-15", "--reason", "会议定了", as_=office)
    assert {move["new"] for move in dated["redated"]} == {"2017-06-15"}
    assert "已经过去" in running.refused("plan", "date", "s1-o18", "2017-01-01", as_=office)
    again = running.type("plan", "date", "s1-o18", "2099-06-01", as_=office)
    assert "的期限定为 2099-06-01（暂定）。" in again.stdout
    with closing(running.database()) as database, database.reading() as session:
        told = session.scalars(select(Item.why).where(Item.kind == ItemKind.AMENDED)).all()
    assert any(words.startswith("定期限：“") and "2099-06-01（暂定）" in words for words in told)
    assert any(words.startswith("定期限（会议定了）：“") for words in told)


def test_one_thing_more_is_asked_of_some_units(running: Terminal, office: Someone) -> None:
    words = ("plan", "add", "防汛情况", "--unit", "云川市第一中学", "--due", "2017-04-21")
    asked = running.ask(*words, "--reason", "县里要", as_=office)
    assert (asked["asked_anew"], asked["told"]) == (1, 2)
    running.ask("tick")
    rows = [row for row in running.ask("submission", "list") if row["item"] == "extra-1"]
    assert [(row["unit"], row["due"]) for row in rows] == [("云川市第一中学", "2017-04-21")]
    assert "没有" in running.refused(*words[:3], "--unit", "无此校", *words[5:], as_=office)


def test_units_are_renamed_merged_and_closed(running: Terminal, office: Someone) -> None:
    renamed = running.ask("units", "rename", "云川市石桥小学", "云川市东城小学", as_=office)
    assert (renamed["old"], renamed["new"]) == ("云川市石桥小学", "云川市东城小学")
    merged = running.ask("units", "merge", "云川市东城小学", "云川市柳湾小学", as_=office)
    assert merged["released"] > 0
    closed = running.ask("units", "close", "云川市南坡小学", as_=office)
    assert closed["released"] > 0
    itself = ("units", "merge", "云川市柳湾小学", "云川市柳湾小学")
    assert "不能并入自己" in running.refused(*itself, as_=office)


def test_a_campaign_is_called_off(running: Terminal, office: Someone) -> None:
    ended = running.ask("campaign", "cancel", SLUG, "--reason", "上级停办", as_=office)
    assert ended["campaign_state"] == "已取消"
    assert "已取消" in running.refused("campaign", "pause", SLUG, "--reason", "再议", as_=office)


def test_two_plans_are_rehearsed_against_each_other(bare: Terminal, amended: Path) -> None:
    result = bare.type("rehearse", amended, "--diff", PLAN, "--until", "2017-04-30", "--json")
    assert result.exit_code == 0
    assert '"side": "减"' in result.stdout
    assert '"side": "增"' in result.stdout
