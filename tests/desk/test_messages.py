from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from desk.fates import fate
from ledger.addresses import ChannelKind
from ledger.correspondence import MessageRow
from ledger.messages import Attempt, Message, MessageKind, MessageState, Tried
from ledger.signatures import Signature
from ledger.units import Person
from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal
from tests.ledger.hand import moment


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


def test_the_newest_are_listed_last_with_how_many_there_are(running: Terminal) -> None:
    everything = running.ask("messages", "list", "--last", "9999")
    newest = running.ask("messages", "list", "--last", "3")
    assert [row["id"] for row in newest] == [row["id"] for row in everything[-3:]]
    said = running.type("messages", "list", "--last", "3").stdout
    assert f"共 {len(everything)} 条，只列出最近的 3 条；要看更多，请加 --last 条数" in said
    assert f"共 {len(everything)} 条。" in running.type("messages", "list", "--last", "9999").stdout


def test_without_a_number_two_hundred_are_listed(running: Terminal) -> None:
    for day in ("17", "18", "19"):
        running.at(f"2017-04-{day}T09:00:00")
        running.ask("tick")
    assert len(running.ask("messages", "list", "--last", "9999")) > 200
    assert len(running.ask("messages", "list")) == 200


def test_messages_are_found_by_the_day_they_left(running: Terminal) -> None:
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    days = ("--from", "2017-04-15", "--to", "2017-04-17")
    rows = running.ask("messages", "list", *days)
    assert {row["sent_at"][:10] for row in rows} == {"2017-04-17"}
    assert running.ask("messages", "list", "--to", "2017-04-13") == []


def test_a_message_tells_its_life_in_the_order_of_time(running: Terminal, owner: Someone) -> None:
    with running.database().writing() as session:
        message = session.scalars(
            select(Message).where(Message.person_id == owner.person_id).limit(1)
        ).one()
        at, number = message.created_at, message.id
        session.execute(delete(Attempt).where(Attempt.message_id == number))
        message.attempts_made = [
            attempt(at, Tried.PUT_OFF, "451 稍后再试"),
            attempt(at + timedelta(minutes=5), Tried.SENT, "250 queued"),
        ]
        session.add(Signature(message_id=number, within=2, due=date(2017, 4, 18)))
    said = running.type("messages", "show", str(number)).stdout
    steps = [
        "因启动活动写下（",
        "要求在 2017-04-18 前签收",
        "第 1 次发送，邮箱 a@yunchuan.example：没有发出，稍后再试；对方答复：451 稍后再试",
        "第 2 次发送，邮箱 a@yunchuan.example：已送达发信服务器；对方答复：250 queued",
        "现在：已送达发信服务器。",
        "写了哪些事：",
    ]
    assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)


def test_of_what_was_taken_into_a_later_message_it_is_said_where(
    running: Terminal, owner: Someone, tmp_path: Path
) -> None:
    with running.database().writing() as session:
        message = Message(
            key="merged",
            kind=MessageKind.DIGEST,
            person_id=owner.person_id,
            state=MessageState.SKIPPED,
            reason="未及发出，已并入消息 12",
            created_at=moment("2017-04-17 09:00"),
            leaves_at=moment("2017-04-17 09:00"),
        )
        session.add(message)
        session.flush()
        number = str(message.id)
    shown = running.type("messages", "show", number).stdout
    assert "现在：未及发出，已并入消息 12。" in shown
    assert "写了哪些事" not in shown
    assert "未及发出，已并入消息 12" in running.type("messages", "list", "--last", "1").stdout
    page = tmp_path / "记录.html"
    told = running.type("messages", "told", owner.unit, "--html", page).stdout
    assert "没有发出" not in told
    assert "并入后来的消息 1。" in told
    assert "<p>未及发出，已并入消息 12</p>" in page.read_text(encoding="utf-8")


def attempt(at: datetime, outcome: Tried, said: str) -> Attempt:
    return Attempt(
        at=at,
        channel=ChannelKind.EMAIL,
        address="a@yunchuan.example",
        outcome=outcome,
        said=said,
    )


def namesakes(running: Terminal, one: Someone, other: Someone) -> None:
    with running.database().writing() as session:
        session.get_one(Person, other.person_id).name = one.name


def test_namesakes_are_told_apart_by_a_post(
    running: Terminal, owner: Someone, colleague: Someone
) -> None:
    mine = [row["id"] for row in running.ask("messages", "list", "--person", colleague.name)]
    namesakes(running, owner, colleague)
    said = running.refused("messages", "list", "--person", owner.name)
    assert f"“{owner.name}”有 2 个人，请写其中一个岗位的编号：" in said
    assert f"{colleague.post_id} {colleague.unit}/联络员 {owner.name}" in said
    rows = running.ask("messages", "list", "--person", str(colleague.post_id))
    assert [row["id"] for row in rows] == mine != []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"state": "sent", "channel": "email", "answer": "250 OK"}, "已送达发信服务器"),
        ({"state": "sent", "channel": "email", "answer": "已写成文件 a.eml"}, "已写成邮件文件"),
        ({"state": "sent", "channel": "dingtalk", "resends": 1}, "已送达钉钉机器人（曾不能确定"),
        ({"state": "unknown", "again": True}, "不能确定是否送达，将再发一次"),
        (
            {"state": "failed", "reason": "没有地址", "carried_to": "甲"},
            "没有发出：没有地址；改发给甲",
        ),
        ({"state": "skipped", "reason": "均已办结"}, "没有发出：均已办结"),
        ({"state": "skipped", "reason": "未及发出，已并入消息 12"}, "未及发出，已并入消息 12"),
        ({"state": "ready", "reason": "451"}, "待发；上次没有发出：451"),
        ({"state": "held"}, "暂缓发出，等活动办放行"),
        ({"state": "sending"}, "正在发送"),
        ({"state": "draft"}, "日程轮还没有走完"),
    ],
)
def test_what_became_of_a_message_is_said_plainly(row: dict[str, Any], said: str) -> None:
    empty = dict.fromkeys(field.name for field in fields(MessageRow)) | {"resends": 0}
    known = {**row, "state": MessageState(row["state"])}
    if "channel" in row:
        known["channel"] = ChannelKind(row["channel"])
    assert fate(MessageRow(**{**empty, **known})).startswith(said)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("show", "99999999999999999999"), "没有第 99999999999999999999 号消息；请用"),
        (("list", "--person", "韩若祝"), "没有“韩若祝”这个人；是不是“韩若竹"),
        (("list", "--kind", "信"), "没有“信”，可写：每日消息、"),
        (("list", "--last", "0"), "'--last'"),
        (("list", "--from", "2017-04-20", "--to", "2017-04-19"), "早于 --from（2017-04-20）"),
        (("told", "没有这家"), "没有“没有这家”这个单位"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    running: Terminal, typed: tuple[str, ...], said: str
) -> None:
    assert said in running.refused("messages", *typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("show", "9999"), "没有第 9999 号消息；请用 duban messages list 查看。"),
        (("list", "--campaign", "没有"), f"没有“没有”这个活动；现有：{SLUG}。"),
    ],
)
def test_what_is_not_there_is_said(running: Terminal, typed: tuple[str, ...], said: str) -> None:
    assert running.refused("messages", *typed) == said
