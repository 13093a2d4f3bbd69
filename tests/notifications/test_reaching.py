from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from ledger.addresses import Address, ChannelKind
from ledger.messages import (
    Attempt,
    Item,
    ItemKind,
    Message,
    MessageKind,
    MessageState,
    Tried,
)
from ledger.roles import Role
from ledger.units import Post
from notifications.attempting import PAUSES
from notifications.deliver import Counts
from notifications.mail import AddressDead, ChannelDown, TransportError, Unclear
from notifications.memory import MemoryChannel
from tests.notifications.conftest import Send
from tests.notifications.scene import NOW, Scene

READY, SENT, FAILED = MessageState.READY, MessageState.SENT, MessageState.FAILED
UNKNOWN = MessageState.UNKNOWN
DEAD = AddressDead("没有这个邮箱：550 5.1.1")
BUSY = TransportError("邮箱忙：451")


def messages(scene: Scene) -> list[Message]:
    return list(scene.session.scalars(select(Message).order_by(Message.id)))


def attempts(scene: Scene) -> list[tuple[str | None, Tried, str]]:
    rows = scene.session.scalars(select(Attempt).order_by(Attempt.id))
    return [(row.address, row.outcome, row.said) for row in rows]


def test_every_attempt_is_kept_with_its_address_and_what_was_said(scene: Scene, send: Send) -> None:
    scene.digest()
    send(MemoryChannel([BUSY]))
    send(MemoryChannel(), NOW + PAUSES[0])
    assert attempts(scene) == [
        ("p1@yunchuan.example", Tried.PUT_OFF, "邮箱忙：451"),
        ("p1@yunchuan.example", Tried.SENT, "收下"),
    ]


def test_a_dead_address_is_disabled_and_the_next_one_takes_the_message(
    scene: Scene, send: Send
) -> None:
    message = scene.digest()
    second = scene.address(message.person_id, "wj.li", ChannelKind.WECOM)
    assert send(MemoryChannel([DEAD, None])) == Counts(sent=1)
    assert message.state is SENT
    first = scene.session.scalars(select(Address).order_by(Address.id)).first()
    assert first is not None and first.disabled_at == NOW
    assert first.disabled_why == "没有这个邮箱：550 5.1.1"
    assert second.disabled_at is None
    assert [outcome for _, outcome, _ in attempts(scene)] == [Tried.REFUSED, Tried.SENT]
    scene.digest()
    channel = MemoryChannel()
    send(channel)
    assert [mail.to_address for mail in channel.sent] == ["wj.li"]


def test_an_address_of_a_post_is_used_for_that_post_only_and_first(
    scene: Scene, send: Send
) -> None:
    head = scene.post("李文静", Role.HEAD, scene.school)
    scene.session.execute(
        update(Address)
        .where(Address.person_id == head.person_id)
        .values(person_id=scene.contact.person_id, post_id=head.id, position=9)
    )
    head.person_id = scene.contact.person_id
    scene.digest(head)
    scene.digest(scene.contact)
    channel = MemoryChannel()
    send(channel)
    assert [mail.to_address for mail in channel.sent] == [
        "p2@yunchuan.example",
        "p1@yunchuan.example",
    ]


def test_a_channel_that_is_not_set_up_is_passed_over(scene: Scene, send: Send) -> None:
    scene.session.execute(update(Address).values(channel=ChannelKind.DINGTALK))
    message = scene.digest()
    scene.address(message.person_id, "p9@yunchuan.example")
    channel = MemoryChannel(kinds=[ChannelKind.EMAIL])
    assert send(channel) == Counts(sent=1)
    assert [mail.to_address for mail in channel.sent] == ["p9@yunchuan.example"]


def test_one_channel_down_holds_up_only_its_own_messages(scene: Scene, send: Send) -> None:
    by_mail = [scene.digest(), scene.digest()]
    other = scene.post("赵晓明", Role.CONTACT, scene.school)
    scene.session.execute(
        update(Address)
        .where(Address.person_id == other.person_id)
        .values(channel=ChannelKind.WECOM)
    )
    by_wecom = scene.digest(other)
    counts = send(MemoryChannel([ChannelDown("连不上")]))
    assert counts == Counts(sent=1, put_off=1, stopped="连不上")
    assert [m.state for m in (*by_mail, by_wecom)] == [READY, READY, SENT]


@pytest.fixture
def above(scene: Scene) -> dict[str, int]:
    """The contact's head and the office, by the name of their office; the person of each."""
    head = scene.post("周校长", Role.HEAD, scene.school)
    office = scene.post("褚南星", Role.OFFICE)
    return {"head": head.person_id, "office": office.person_id}


@pytest.mark.usefixtures("above")
def test_a_message_without_a_living_address_goes_to_the_deputy(scene: Scene, send: Send) -> None:
    deputy = scene.post("李晓岚", Role.CONTACT, scene.unit("云川市第二中学"))
    scene.contact.deputy_id = deputy.person_id
    message, channel = scene.digest(), MemoryChannel([DEAD])
    assert send(channel) == Counts(sent=2, failed=1)
    carried = messages(scene)[1]
    assert (message.state, carried.origin_id, carried.person_id) == (
        FAILED,
        message.id,
        deputy.person_id,
    )
    assert "已改发给李晓岚" in (message.reason or "")
    assert [mail.to_name for mail in channel.sent] == ["李晓岚", "褚南星"]
    copies = [(item.kind, item.rung_fire_id) for item in carried.items]
    assert copies == [(item.kind, item.rung_fire_id) for item in message.items]


def test_without_a_deputy_it_goes_to_the_head_then_to_the_office(
    scene: Scene, send: Send, above: dict[str, int]
) -> None:
    scene.digest()
    assert send(MemoryChannel([DEAD, DEAD, None])).failed == 2
    assert [m.person_id for m in messages(scene)[:3]] == [
        scene.contact.person_id,
        above["head"],
        above["office"],
    ]
    assert [m.origin_id for m in messages(scene)[:3]] == [None, 1, 2]


def test_when_nobody_is_left_it_has_failed_and_says_so(scene: Scene, send: Send) -> None:
    message = scene.digest()
    scene.session.execute(delete(Address))
    assert send(MemoryChannel()) == Counts(failed=1)
    assert (message.state, message.reason) == (FAILED, "没有可用的地址")
    assert len(messages(scene)) == 1


def test_the_office_hears_the_same_day_in_one_message(
    scene: Scene, send: Send, above: dict[str, int]
) -> None:
    for number in range(3):
        scene.digest(scene.post(f"联络员{number}", Role.CONTACT, scene.school))
    send(MemoryChannel([DEAD, DEAD, DEAD]))
    told = [m for m in messages(scene) if m.kind is MessageKind.UNDELIVERED]
    assert [(m.person_id, m.leaves_at, len(m.items)) for m in told] == [(above["office"], NOW, 3)]
    words = told[0].items[0].why
    assert "联络员0没有收到" in words and "550 5.1.1" in words and "已改发给周校长" in words


def test_an_address_that_died_while_another_took_the_message_is_told_too(
    scene: Scene, send: Send, above: dict[str, int]
) -> None:
    message = scene.digest()
    scene.address(message.person_id, "wj.li", ChannelKind.WECOM)
    send(MemoryChannel([DEAD, None]))
    (item,) = scene.session.scalars(select(Item).where(Item.kind == ItemKind.UNDELIVERED)).all()
    assert "已停用" in item.why and "已改用其他地址发出" in item.why
    assert item.person_id == above["office"]


def test_that_the_office_could_not_be_told_is_not_told_again(
    scene: Scene, send: Send, above: dict[str, int]
) -> None:
    message = scene.message(scene.contact, MessageKind.UNDELIVERED)
    message.person_id = above["office"]
    office = scene.session.scalars(select(Post).where(Post.role == Role.OFFICE)).one()
    scene.news(message, office, ItemKind.UNDELIVERED, "李文静没有收到")
    send(MemoryChannel([DEAD]))
    assert [m.kind for m in messages(scene)] == [MessageKind.UNDELIVERED]
    assert message.state is FAILED


def test_a_mail_refused_for_what_it_is_disables_nothing_and_goes_to_nobody_else(
    scene: Scene, send: Send, above: dict[str, int]
) -> None:
    message = scene.digest()
    send(MemoryChannel([TransportError("附件超过服务器的上限", permanent=True)]))
    assert (message.state, message.reason) == (FAILED, "附件超过服务器的上限")
    assert set(scene.session.scalars(select(Address.disabled_at))) == {None}
    assert [m.person_id for m in messages(scene)] == [scene.contact.person_id, above["office"]]


def test_a_passing_error_that_never_passes_ends_with_somebody_else(
    scene: Scene, send: Send, above: dict[str, int]
) -> None:
    message, now = scene.digest(), NOW
    for _ in range(5):
        send(MemoryChannel([BUSY]), now)
        now = message.leaves_at
    assert (message.state, message.attempts) == (FAILED, 5)
    assert messages(scene)[1].person_id == above["head"]
    assert scene.session.scalar(select(Address.disabled_at)) is None


def test_an_unknown_one_with_a_rung_leaves_once_more_and_only_once(
    scene: Scene, send: Send
) -> None:
    message, channel = scene.digest(), MemoryChannel([Unclear("断线"), Unclear("断线")])
    send(channel)
    assert (message.state, message.again) == (UNKNOWN, True)
    send(channel, message.leaves_at)
    assert (message.state, message.again, message.resends) == (UNKNOWN, False, 1)
    assert send(MemoryChannel(), NOW + timedelta(hours=3)) == Counts()


def test_what_left_again_says_that_it_may_have_come_before(scene: Scene, send: Send) -> None:
    message, channel = scene.digest(), MemoryChannel([Unclear("断线")])
    send(channel)
    assert send(channel, message.leaves_at) == Counts(sent=1)
    assert (message.state, message.reason) == (SENT, "前一次不能确定是否已发出，已再发一次")
    assert "如已收到请忽略" in channel.sent[0].text
    assert [outcome for _, outcome, _ in attempts(scene)] == [Tried.UNCLEAR, Tried.SENT]


def test_an_unknown_weekly_list_does_not_leave_again(scene: Scene, send: Send) -> None:
    message = scene.message(scene.contact)
    scene.weekly(message, scene.contact, scene.owed(NOW.date() + timedelta(days=3)))
    send(MemoryChannel([Unclear("断线")]))
    assert (message.state, message.again) == (UNKNOWN, False)
    assert send(MemoryChannel(), NOW + timedelta(hours=3)) == Counts()
    assert message.state is UNKNOWN


def test_what_a_killed_process_was_sending_is_noted_as_an_attempt(scene: Scene, send: Send) -> None:
    message = scene.digest()
    message.state, message.sending_since = MessageState.SENDING, NOW - timedelta(minutes=11)
    assert send(MemoryChannel()) == Counts(unknown=1, sent=1)
    assert [(address, outcome) for address, outcome, _ in attempts(scene)] == [
        (None, Tried.UNCLEAR),
        ("p1@yunchuan.example", Tried.SENT),
    ]
    assert (message.state, message.resends) == (SENT, 1)


def test_a_case_settled_before_the_second_time_stays_unknown_and_does_not_leave(
    scene: Scene, send: Send
) -> None:
    message, channel = scene.digest(), MemoryChannel([Unclear("断线")])
    send(channel)
    message.items[0].epoch = 7
    assert send(channel, message.leaves_at) == Counts(unknown=1)
    assert (message.state, message.again, channel.sent) == (UNKNOWN, False, [])


def test_messages_about_one_case_stand_in_one_thread(scene: Scene, send: Send) -> None:
    deadline = scene.owed(NOW.date() - timedelta(days=3))
    keys = []
    channel = MemoryChannel()
    for rung in (0, 1, 2):
        message = scene.message(scene.contact)
        scene.rung(message, scene.contact, deadline, rung)
        keys.append(message.key)
        send(channel)
    other = scene.digest()
    send(channel)
    assert [mail.answers for mail in channel.sent] == [None, keys[0], keys[0], None]
    assert other.state is SENT
