"""Where several things go wrong after one another, each is still told, once, to the right one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from config.database import Database
from config.settings import Settings
from ledger.absences import Absence
from ledger.addresses import Address, ChannelKind
from ledger.audit import Actor
from ledger.messages import Item, ItemKind, Message, MessageKind, MessageState, Round
from ledger.retrying import retry
from ledger.roles import Role
from ledger.round import run_round
from ledger.storm import Storm, hold
from ledger.telling import News, tell_one_at_once
from ledger.units import Post
from notifications.attempting import AGAIN_AFTER, PAUSES
from notifications.deliver import deliver
from notifications.mail import (
    AddressDead,
    ChannelDown,
    Mail,
    TransportError,
    Unclear,
    WayClosed,
)
from notifications.memory import MemoryChannel
from notifications.outages import Outages
from tests.notifications.conftest import Send
from tests.notifications.scene import CAL, NOW, Scene

READY, SENT, UNKNOWN = MessageState.READY, MessageState.SENT, MessageState.UNKNOWN
FAILED = MessageState.FAILED
DEAD, BUSY = AddressDead("没有这个邮箱"), TransportError("邮箱忙")
NEVER, CUT = TransportError("内容不收", permanent=True), Unclear("断线")
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def office(scene: Scene) -> Post:
    return scene.post("褚南星", Role.OFFICE)


def told(scene: Scene) -> list[str]:
    """What the office has been told of failures."""
    rows = select(Item.why).where(Item.kind == ItemKind.UNDELIVERED).order_by(Item.id)
    return list(scene.session.scalars(rows))


@pytest.mark.usefixtures("office")
def test_a_failure_after_a_lost_address_is_told_too(scene: Scene, send: Send) -> None:
    message = scene.digest()
    scene.address(message.person_id, "wj.li", ChannelKind.WECOM)
    send(MemoryChannel([DEAD, BUSY]))
    assert message.state is READY
    send(MemoryChannel([NEVER]), message.leaves_at)
    first, second = told(scene)
    assert "正在改用其他地址发送" in first and "wj.li" not in first
    assert "没有收到" in second and "内容不收" in second


def test_a_failure_after_another_try_is_told_again(scene: Scene, send: Send, office: Post) -> None:
    message = scene.digest()
    send(MemoryChannel([NEVER]))
    retry(scene.session, message, Actor(office, "test"), NOW + timedelta(minutes=1), CAL)
    send(MemoryChannel([NEVER]), NOW + timedelta(minutes=1))
    assert len(told(scene)) == 2


@pytest.mark.usefixtures("office")
def test_only_the_dead_address_is_named_as_disabled(scene: Scene, send: Send) -> None:
    message = scene.digest()
    scene.address(message.person_id, "wj.li", ChannelKind.WECOM)
    send(MemoryChannel([DEAD, None]))
    (why,) = told(scene)
    assert "p1@yunchuan.example" in why and "wj.li" not in why


def test_a_way_that_is_closed_is_passed_over_and_not_disabled(scene: Scene, send: Send) -> None:
    message = scene.digest()
    scene.address(message.person_id, "wj.li", ChannelKind.WECOM)
    channel = MemoryChannel([WayClosed("信箱已满")])
    send(channel)
    assert [mail.to_address for mail in channel.sent] == ["wj.li"]
    assert set(scene.session.scalars(select(Address.disabled_at))) == {None}


@pytest.mark.parametrize("second", [None, BUSY])
def test_what_may_have_left_goes_with_the_next_day_as_what_it_is(
    scene: Scene, send: Send, second: TransportError | None
) -> None:
    """Late in the day it was unclear; also when the second time that day came to nothing."""
    message, at = scene.digest(), NOW.replace(hour=17, minute=50)
    send(MemoryChannel([CUT]), at)
    if second is not None:
        send(MemoryChannel([second]), at + AGAIN_AFTER)
    run_round(scene.session, NEXT_DAY, CAL)
    channel = MemoryChannel()
    send(channel, NEXT_DAY)
    (mail,) = channel.sent
    assert mail.id != message.id and "如已收到请忽略" in mail.text
    assert (message.state, message.again) == (UNKNOWN, False)
    assert "已并入 2017-05-04 的每日消息" in (message.reason or "")
    assert len(message.items) == 1, "the record of what it said stays"


def test_said_again_once_it_is_not_said_a_third_time(scene: Scene, send: Send) -> None:
    scene.digest()
    send(MemoryChannel([CUT]), NOW.replace(hour=17, minute=58))
    run_round(scene.session, NEXT_DAY, CAL)
    send(MemoryChannel([CUT]), NEXT_DAY)
    again = scene.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert (again.state, again.again) == (UNKNOWN, False)


class Meanwhile(MemoryChannel):
    """While it sends its first mail, another deliverer is at work."""

    def __init__(self, other: Callable[[], object]) -> None:
        super().__init__()
        self.other = other

    def send(self, mail: Mail) -> str:
        if not self.sent:
            self.other()
        return super().send(mail)


@pytest.mark.parametrize("answer", [CUT, BUSY, ChannelDown("连不上")])
def test_what_another_process_has_touched_meanwhile_is_not_taken_as_it_was_read(
    scene: Scene, send: Send, database: Database, settings: Settings, answer: TransportError
) -> None:
    scene.digest()
    second = scene.digest()
    other = MemoryChannel([answer])
    channel = Meanwhile(lambda: deliver(database, settings, NOW, CAL, other, limit=1))
    send(channel)
    assert [mail.id for mail in channel.sent] == [1]
    assert (second.state, second.resends) == (UNKNOWN if answer is CUT else READY, 0)
    assert second.leaves_at == NOW + (AGAIN_AFTER if answer is CUT else PAUSES[0])


def test_after_hours_nothing_of_a_window_already_read_leaves(
    scene: Scene, database: Database, settings: Settings
) -> None:
    for _ in range(5):
        scene.digest()
    scene.session.commit()
    closing = NOW.replace(hour=18, minute=0)
    channel = MemoryChannel()

    def clock() -> object:
        late = len(channel.sent) >= 2
        return closing + timedelta(seconds=1) if late else closing - timedelta(seconds=5)

    deliver(database, settings, clock, CAL, channel)  # type: ignore[arg-type]
    assert len(channel.sent) == 2


def away(scene: Scene, person_id: int) -> None:
    scene.add(Absence(person_id=person_id, first=NOW.date(), last=None, at=NOW))


def test_a_send_back_reaches_the_deputy_of_who_is_away(scene: Scene) -> None:
    deputy = scene.post("李晓岚", Role.CONTACT, scene.school)
    scene.contact.deputy_id = deputy.person_id
    away(scene, scene.contact.person_id)
    for kind in (MessageKind.SEND_BACK, MessageKind.RECEIPT):
        news = News(ItemKind.ACT, "x", "退回", {"campaign_id": scene.campaign.id})
        tell_one_at_once(scene.session, kind, news, scene.contact, NOW, CAL)
    to = scene.session.scalars(select(Message.person_id).order_by(Message.id)).all()
    assert to == [deputy.person_id, scene.contact.person_id], "a receipt is for who handed in"


def test_failures_reach_the_deputy_of_the_office_and_no_stand_in_who_is_away(
    scene: Scene, send: Send, office: Post
) -> None:
    deputy = scene.post("副办", Role.HEAD, scene.unit("局办公室"))
    office.deputy_id = deputy.person_id
    head = scene.post("周校长", Role.HEAD, scene.school)
    away(scene, office.person_id)
    away(scene, head.person_id)
    scene.digest()
    channel = MemoryChannel([NEVER])
    send(channel)
    assert [mail.to_name for mail in channel.sent] == ["副办"]
    scene.digest()
    channel = MemoryChannel([DEAD])
    send(channel)
    assert "周校长" not in [mail.to_name for mail in channel.sent]


def test_a_head_reached_only_at_the_posts_address_stands_in(
    scene: Scene, send: Send, office: Post
) -> None:
    head = scene.post("周校长", Role.HEAD, scene.school)
    mine = update(Address).where(Address.person_id == head.person_id)
    scene.session.execute(mine.values(post_id=head.id))
    scene.digest()
    channel = MemoryChannel([DEAD])
    send(channel)
    assert [mail.to_name for mail in channel.sent] == ["周校长", "褚南星"]


def test_a_channel_that_stays_down_is_asked_less_and_less_and_each_time_is_kept(
    scene: Scene, database: Database, settings: Settings
) -> None:
    message, outages, tried = scene.digest(), Outages(), []
    scene.session.commit()
    for minute in range(30):
        now = NOW + timedelta(minutes=minute)
        channel = MemoryChannel([ChannelDown("连不上")])
        deliver(database, settings, now, CAL, channel, outages=outages)
        if next(iter(channel._answers), None) is None:
            tried.append(minute)
    scene.session.expire_all()
    assert tried == [0, 1, 6, 21]
    assert [one.said for one in message.attempts_made] == ["连不上"] * 4
    scene.session.commit()
    deliver(database, settings, NOW + timedelta(minutes=40), CAL, MemoryChannel(), outages=outages)
    scene.session.expire_all()
    assert message.state is SENT


def test_a_person_with_two_office_posts_is_asked_once(scene: Scene, office: Post) -> None:
    scene.add(Post(person_id=office.person_id, role=Role.OFFICE))
    hold(scene.session, scene.round, Storm(10, 1), CAL)
    scene.session.flush()
    assert len(scene.session.scalars(select(Message)).all()) == 1


def test_a_person_hears_once_a_day_whatever_was_unclear(scene: Scene, send: Send) -> None:
    scene.digest()
    send(MemoryChannel([CUT]), NOW.replace(hour=17, minute=58))
    later = scene.add(Round(day=NEXT_DAY.date(), at=NEXT_DAY, sealed_at=NEXT_DAY))
    other = scene.message(scene.contact, round_id=later.id, leaves_at=NEXT_DAY)
    scene.rung(other, scene.contact, scene.owed(date(2017, 4, 29)), 1)
    channel = MemoryChannel()
    send(channel, NEXT_DAY)
    assert [mail.id for mail in channel.sent] == [other.id]
