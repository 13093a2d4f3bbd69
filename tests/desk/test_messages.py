from __future__ import annotations

import pytest

from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal


def test_every_launch_notice_is_listed_and_was_sent(running: Terminal, owner: Someone) -> None:
    rows = running.ask("messages", "list", "--campaign", "敢转争", "--kind", "启动通知")
    posts = running.ask("posts", "list")
    told = {post["name"] for post in posts if post["role"] != "系统管理员"}
    assert {row["to"] for row in rows} == told
    assert {(row["kind"], row["state"], row["attempts"]) for row in rows} == {("launch", "sent", 1)}
    mine = running.ask("messages", "list", "--person", owner.name, "--state", "sent")
    assert {row["to"] for row in mine} == {owner.name}
    school = running.ask("messages", "list", "--unit", owner.unit)
    assert {row["to"] for row in school} == {"沈云帆", "韩若竹", "杨清荷"}
    assert running.ask("messages", "list", "--state", "失败") == []


def test_a_message_tells_its_whole_life(running: Terminal, owner: Someone) -> None:
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    (row,) = running.ask("messages", "list", "--person", owner.name, "--kind", "digest")[-1:]
    life = running.ask("messages", "show", str(row["id"]))
    assert life["round"]["day"] == "2017-04-17"
    assert life["message"]["sent_at"] == "2017-04-17T09:00:00+08:00"
    assert life["items"]
    assert {item["role"] for item in life["items"]} == {"联络员"}
    assert "您收到这条消息，是因为" in life["body"]
    said = running.type("messages", "show", str(row["id"])).stdout
    assert "写了哪些事：" in said
    assert "您收到这条消息，是因为" in said


def test_a_rung_names_its_ladder_and_case(running: Terminal, owner: Someone) -> None:
    running.at("2017-04-21T09:00:00")
    running.ask("tick")
    (row,) = running.ask("messages", "list", "--person", owner.name, "--kind", "digest")[-1:]
    items = running.ask("messages", "show", str(row["id"]))["items"]
    rungs = [item for item in items if item["kind"] == "rung"]
    assert (f"{owner.unit}·2017年度争先创优目标", "2017-04-20", 1) in {
        (item["what"], item["due"], item["rung"]) for item in rungs
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("show", "9999"), "没有第 9999 号消息；请用 duban messages list 查看。"),
        (("list", "--campaign", "没有"), f"没有“没有”这个活动；现有：{SLUG}。"),
    ],
)
def test_what_is_not_there_is_said(running: Terminal, typed: tuple[str, ...], said: str) -> None:
    assert running.refused("messages", *typed) == said
