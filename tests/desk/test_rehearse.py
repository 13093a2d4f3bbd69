from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BUREAU
from tests.desk.conftest import Terminal

PLAN = """\
name: 读书活动
slug: du-shu
short: 读书
document: {title: 关于开展读书活动的通知, issued: 2017-04-14}
addressees:
  各学校: {classes: [局属学校]}
stages:
  - {id: read, name: 读书, from: 2017-04-14, until: 2017-04-27}
items:
  - {id: report, what: 读书总结, who: [各学校], stage: read, due: 2017-04-27, review: false}
"""
BEHAVE = """\
hand_in:
  - {who: [云川市第一中学]}
  - {day: 0, at: '16:00'}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "du-shu.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


def events(desk: Terminal, *words: str | Path) -> list[dict[str, Any]]:
    result = desk.type("rehearse", *words, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_it_tells_one_event_a_line_and_touches_nothing(bare: Terminal, plan: Path) -> None:
    told = events(bare, plan)
    assert told[0]["at"] == "2017-04-14T08:30:00+08:00"
    assert set(told[0]) == {
        *("at", "leaves_at", "kind", "campaign", "stage", "to", "items"),
        *("ladder", "rung", "repeat", "why", "message"),
    }
    opened = [event for event in told if event["kind"] == "obligation_opened"]
    assert len(opened) == 18
    rung = next(event for event in told if event["kind"] == "rung" and event["rung"] == 2)
    assert (rung["ladder"], rung["to"]["post"]) == ("submission", "责任领导")
    assert rung["items"][0] == {
        "unit": rung["items"][0]["unit"],
        "what": "读书总结",
        "period": "once",
        "due": "2017-04-27",
        "days_late": 8,
    }
    assert not bare.home.exists()


def test_behaviour_decides_who_is_late(bare: Terminal, plan: Path, tmp_path: Path) -> None:
    behave = tmp_path / "behave.yaml"
    behave.write_text(BEHAVE, encoding="utf-8")
    told = events(bare, plan, "--behave", behave)
    late = {
        event["items"][0]["unit"]
        for event in told
        if event["kind"] == "rung" and event["rung"] == 1
    }
    assert late == {"云川市第一中学"}
    assert sum(event["kind"] == "received" for event in told) == 17


def test_it_ends_when_told_to(bare: Terminal, plan: Path) -> None:
    told = events(bare, plan, "--until", "2017-04-20")
    assert told[-1]["at"] < "2017-04-21"
    said = bare.refused("rehearse", plan, "--until", "2017-04-13")
    assert said.startswith("推演从 2017-04-14 开始，--until 要写它以后的日期。")


def test_people_read_it_by_month_and_office(bare: Terminal, plan: Path) -> None:
    said = bare.type("rehearse", plan).stdout
    for words in ("经过：", "逐月：", "各岗位收到的消息：", "逐级提醒：", "没有报齐的事项："):
        assert words in said
    assert "读书总结  18    0     0" in said


def test_another_bureau_is_played_with_both_its_tables(
    bare: Terminal, plan: Path, tmp_path: Path
) -> None:
    units, posts = tmp_path / "units.csv", tmp_path / "posts.csv"
    units.write_text("单位名称,类别\n一中,局属学校\n", encoding="utf-8")
    posts.write_text(
        "姓名,角色,单位,邮箱\n甲,联络员,一中,a@b.cn\n乙,活动办,,b@b.cn\n丙,领导小组,,\n",
        encoding="utf-8",
    )
    told = events(bare, plan, "--units", units, "--posts", posts)
    assert {event["to"]["name"] for event in told if event["to"]} == {"甲", "乙"}
    assert (
        "第 4 行 丙 没有导入："
        in bare.type("rehearse", plan, "--units", units, "--posts", posts).stdout
    )
    assert "要一起写" in bare.refused("rehearse", plan, "--units", BUREAU / "units.csv")


def test_a_fault_in_the_behaviour_has_its_line(bare: Terminal, plan: Path, tmp_path: Path) -> None:
    behave = tmp_path / "behave.yaml"
    behave.write_text("hand_in:\n  - {dya: 1}\n", encoding="utf-8")
    result = bare.type("rehearse", plan, "--behave", behave)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{behave}:2: ")
