from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from ledger.address_book import (
    add_address,
    address_rows,
    check_value,
    disable_address,
    enable_address,
    reachable,
    remove_address,
)
from ledger.addresses import Address, ChannelKind
from ledger.audit import Act, Actor, Audit
from ledger.errors import Refused
from ledger.roles import Role
from ledger.units import Person
from tests import store
from tests.notifications.scene import NOW, Scene

C = ChannelKind
MAILBOX = "p1@yunchuan.example"
"""What the scene gives its first person."""


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


@pytest.fixture
def person(scene: Scene) -> Person:
    return scene.contact.person


def add(scene: Scene, channel: ChannelKind, value: str, **more: object) -> Address:
    by = Actor(scene.contact, "tester")
    return add_address(scene.session, scene.contact.person, channel, value, by, NOW, **more)  # type: ignore[arg-type]


def order(scene: Scene) -> list[str]:
    return [row.value for row in address_rows(scene.session)]


def test_the_last_to_come_is_tried_last_unless_it_is_to_be_first(scene: Scene) -> None:
    add(scene, C.WECOM, "liwenjing")
    add(scene, C.EMAIL, "second@yunchuan.example")
    add(scene, C.EMAIL, "before@yunchuan.example", first=True)
    add(scene, C.DINGTALK, "XIAOZHANG_QUN", first=True)
    assert order(scene) == [
        *("XIAOZHANG_QUN", "before@yunchuan.example", MAILBOX),
        *("liwenjing", "second@yunchuan.example"),
    ]


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        (C.EMAIL, "a.b+c@yunchuan.example"),
        (C.WECOM, "LiWenJing_1@bureau"),
        (C.WECOM_ROBOT, "XIAOZHANG"),
        (C.FEISHU, "QUN_2"),
        (C.WEBHOOK, "SMS"),
        (C.WEBHOOK, "SMS:13800000000"),
        (C.WEBHOOK, "SMS:+8613800000000"),
    ],
)
def test_what_is_an_address_is_taken(channel: ChannelKind, value: str) -> None:
    check_value(channel, value)


@pytest.mark.parametrize("channel", sorted({C.WECOM_ROBOT, C.DINGTALK, C.FEISHU, C.WEBHOOK}))
@pytest.mark.parametrize(
    "value",
    [
        "https://oapi.dingtalk.example/robot/send?access_token=0a1b2c3d",
        "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa",
        "Xiaozhang",
        "A" * 41,
        "A\n",
        "",
    ],
)
def test_what_may_be_a_secret_is_refused_and_not_repeated(channel: ChannelKind, value: str) -> None:
    with pytest.raises(Refused, match="请把网址设为 DUBAN_ROBOT_<NAME>") as caught:
        check_value(channel, value)
    assert not value or value not in str(caught.value)
    assert str(caught.value).endswith("。")


@pytest.mark.parametrize(
    ("channel", "value", "said"),
    [
        (C.EMAIL, "not a mailbox", "不是邮箱地址；请改正。"),
        (C.EMAIL, "a@b", "不是邮箱地址；请改正。"),
        (C.EMAIL, f"{'a' * 200}@yunchuan.example", "最多 200 个；请核对。"),
        (C.WECOM, "李文静", "企业微信账号只有字母、数字"),
        (C.WECOM, "https://a.example/key", "企业微信账号只有字母、数字"),
    ],
)
def test_what_is_no_address_is_refused(channel: ChannelKind, value: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_value(channel, value)


def test_an_address_for_one_post_must_be_for_an_own_one(scene: Scene) -> None:
    mine = add(scene, C.EMAIL, "post@yunchuan.example", post=scene.contact)
    (row,) = [row for row in address_rows(scene.session) if row.id == mine.id]
    assert row.only_for == "云川市第一中学/联络员"
    other = scene.post("王建国", Role.HEAD, scene.school)
    with pytest.raises(Refused, match="号岗位不是李文静的"):
        add(scene, C.WECOM, "liwenjing", post=other)


def test_the_same_address_twice_is_refused_with_its_number(scene: Scene, person: Person) -> None:
    with pytest.raises(Refused, match="李文静已有这个地址（第 1 号），不必再加。"):
        add(scene, C.EMAIL, MAILBOX)
    by = Actor(scene.contact, "tester")
    disable_address(scene.session, person.addresses[0], "退信", by, NOW)
    with pytest.raises(Refused, match="请用 duban addresses enable 1。"):
        add(scene, C.EMAIL, MAILBOX)


def test_disabled_with_a_reason_and_enabled_again(scene: Scene, person: Person) -> None:
    by, (address,) = Actor(scene.contact, "tester"), person.addresses
    with pytest.raises(Refused, match="没有停用，不必启用"):
        enable_address(scene.session, address, by, NOW)
    with pytest.raises(Refused, match="要写明理由"):
        disable_address(scene.session, address, " ", by, NOW)
    disable_address(scene.session, address, "退信", by, NOW)
    assert (address.disabled_at, address.disabled_why) == (NOW, "退信")
    assert not reachable(person)
    with pytest.raises(Refused, match="已经停用（退信）"):
        disable_address(scene.session, address, "退信", by, NOW)
    enable_address(scene.session, address, by, NOW)
    assert (address.disabled_at, address.disabled_why) == (None, None)
    assert reachable(person)


def test_an_address_for_one_post_alone_does_not_make_a_person_reachable(
    scene: Scene, person: Person
) -> None:
    add(scene, C.WECOM, "liwenjing", post=scene.contact)
    by = Actor(scene.contact, "tester")
    remove_address(scene.session, person.addresses[0], by, NOW)
    assert order(scene) == ["liwenjing"]
    assert not reachable(person)


def test_every_change_is_on_record(scene: Scene, person: Person) -> None:
    by = Actor(scene.contact, "tester")
    address = add(scene, C.FEISHU, "QUN")
    disable_address(scene.session, address, "群已解散", by, NOW)
    enable_address(scene.session, address, by, NOW)
    remove_address(scene.session, address, by, NOW)
    rows = scene.session.scalars(select(Audit).order_by(Audit.id)).all()
    assert {(row.act, row.by_post_id) for row in rows} == {(Act.ADDRESS_CHANGED, scene.contact.id)}
    assert [row.note for row in rows] == [
        "增加李文静的地址 feishu QUN",
        "停用（群已解散）李文静的地址 feishu QUN",
        "启用（原停用理由：群已解散）李文静的地址 feishu QUN",
        "删去李文静的地址 feishu QUN",
    ]
