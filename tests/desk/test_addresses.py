from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.audit import Act, Audit
from tests.conftest import Someone
from tests.desk.conftest import Terminal


def values(desk: Terminal, *typed: str) -> list[str]:
    return [row["value"] for row in desk.ask("addresses", "list", *typed)]


def mailbox(desk: Terminal, whose: Someone) -> str:
    (row,) = [
        row
        for row in desk.ask("addresses", "list", "--person", whose.name)
        if row["channel"] == "email"
    ]
    return str(row["id"])


def test_the_roster_gives_the_first_addresses(desk: Terminal, owner: Someone) -> None:
    assert values(desk, "--person", owner.name) == ["yc015@yunchuan.example", "yc015"]
    said = desk.type("addresses", "list", "--person", owner.name).stdout
    assert "邮箱" in said
    assert "共 2 个地址。" in said


def test_an_address_is_added_last_or_first(desk: Terminal, owner: Someone, office: Someone) -> None:
    typed = ("addresses", "add", owner.name)
    assert "排在最后" in desk.type(*typed, "email", "han@b.example", as_=office).stdout
    assert "最先使用" in desk.type(*typed, "钉钉机器人", "QUN", "--first", as_=office).stdout
    assert values(desk, "--person", owner.name) == [
        *("QUN", "yc015@yunchuan.example", "yc015", "han@b.example"),
    ]


def test_an_address_may_be_for_one_post(desk: Terminal, owner: Someone, office: Someone) -> None:
    post = str(owner.post_id)
    added = desk.ask(
        "addresses", "add", owner.name, "webhook", "SMS:13800000000", "--post", post, as_=office
    )
    (row,) = [row for row in desk.ask("addresses", "list") if row["id"] == added["id"]]
    assert (row["post_id"], row["only_for"]) == (owner.post_id, f"{owner.unit}/联络员")


def test_a_disabled_address_is_shown_as_such_everywhere(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    number = mailbox(desk, owner)
    desk.ask("addresses", "disable", number, "--reason", "退信", as_=office)
    assert values(desk, "--disabled") == ["yc015@yunchuan.example"]
    said = desk.type("addresses", "list", "--person", owner.name).stdout
    assert "2017-04-14 停用：退信" in said
    posts = desk.type("posts", "list", "--unit", owner.unit).stdout
    assert "yc015@yunchuan.example（已停用：退信）" in posts
    desk.ask("addresses", "enable", number, as_=office)
    assert values(desk, "--disabled") == []
    assert "已停用" not in desk.type("posts", "list", "--unit", owner.unit).stdout


def test_the_roster_enables_a_mailbox_by_giving_another(
    desk: Terminal, owner: Someone, office: Someone, tmp_path: Path
) -> None:
    desk.ask("addresses", "disable", mailbox(desk, owner), "--reason", "退信", as_=office)
    table = tmp_path / "posts.csv"
    known = "姓名,角色,单位,企业微信,邮箱\n韩若竹,联络员,云川市第一中学,yc015,"
    for given, disabled in (("yc015@yunchuan.example", 1), ("new@yunchuan.example", 0)):
        table.write_text(known + given, encoding="utf-8")
        desk.ask("posts", "import", table, as_=office)
        assert len(values(desk, "--disabled")) == disabled
    assert values(desk, "--person", owner.name) == ["new@yunchuan.example", "yc015"]


def test_who_is_left_without_an_address_is_said(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    rows = desk.ask("addresses", "list", "--person", owner.name)
    first, last = (str(row["id"]) for row in rows)
    assert "没有可用的地址" not in desk.type("addresses", "remove", first, as_=office).stdout
    said = desk.type("addresses", "disable", last, "--reason", "离职", as_=office).stdout
    assert "韩若竹没有可用的地址了：发给他的消息将改发代理人、主要负责人或活动办" in said
    assert values(desk, "--person", owner.name) == ["yc015"]


SECRET = "https://oapi.dingtalk.example/robot/send?access_token=0a1b2c3d"


def test_a_secret_is_neither_said_nor_kept(desk: Terminal, owner: Someone, office: Someone) -> None:
    said = desk.refused("addresses", "add", owner.name, "dingtalk", SECRET, as_=office)
    assert "请把网址设为 DUBAN_ROBOT_<NAME>" in said
    assert "0a1b2c3d" not in said
    assert len(values(desk, "--person", owner.name)) == 2
    with desk.database().reading() as session:
        assert session.scalars(select(Audit)).all() == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            ("add", "韩若竹", "sms", "138"),
            "没有“sms”，可写：邮箱、企业微信应用、企业微信群机器人、钉钉机器人、飞书机器人、通用接口。",
        ),
        (("add", "韩若祝", "email", "a@b.example"), "没有“韩若祝”这个人；是不是“韩若竹”。"),
        (("add", "韩若竹", "email", "a b"), "邮箱“a b”不是邮箱地址；请改正。"),
        (("add", "韩若竹", "wecom", "yc015"), "不必再加。"),
        (("add", "韩若竹", "email", "a@b.example", "--post", "17"), "不是韩若竹的"),
        (("disable", "9999", "--reason", "x"), "没有第 9999 号地址；请用 duban addresses list"),
        (("enable", "1"), "没有停用，不必启用。"),
        (("remove", "9" * 20), "号地址；请用 duban addresses list 查看。"),
    ],
)
def test_what_cannot_be_done_is_said(
    desk: Terminal, office: Someone, typed: tuple[str, ...], said: str
) -> None:
    assert said in desk.refused("addresses", *typed, as_=office)


def test_who_changed_an_address_is_on_record(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    desk.ask("addresses", "add", owner.name, "feishu", "QUN", as_=office)
    with desk.database().reading() as session:
        (row,) = session.scalars(select(Audit)).all()
        assert (row.act, row.by_post_id) == (Act.ADDRESS_CHANGED, office.post_id)
        assert row.note == "增加韩若竹的地址 feishu QUN"
