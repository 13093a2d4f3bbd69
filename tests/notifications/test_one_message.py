"""One person, one message: over campaigns, after outages, and nothing in it that is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings, read_settings
from ledger.intake import HandIn, hand_in
from ledger.launch import launch
from ledger.messages import Message, MessageKind, MessageState
from ledger.obligations import Obligation
from ledger.plan import read_plan
from notifications.deliver import deliver
from notifications.mail import ChannelDown, Mail
from notifications.memory import MemoryChannel
from tests import store
from tests.ledger.world import PLAN, World

OTHER = PLAN.replace("slug: du-shu", "slug: wei-sheng").replace("读书", "卫生")

Send = Callable[..., list[Mail]]


@pytest.fixture
def world() -> World:
    world = World()
    world.begin_again()
    return world


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path, database_url=store.address(world.database))


@pytest.fixture
def send(world: World, settings: Settings) -> Send:
    def send_now(channel: MemoryChannel | None = None) -> list[Mail]:
        way = channel or MemoryChannel()
        deliver(world.database, settings, world.now, world.calendar, way)
        return way.sent

    return send_now


def days(world: World, number: int, send: Send | None = None) -> list[Mail]:
    """So many days with their rounds; what leaves is delivered if it is to be."""
    left: list[Mail] = []
    for _ in range(number):
        world.at(1, time(9))
        world.tick(4000)
        left += send() if send else []
    return left


def daily(mails: list[Mail], world: World) -> list[str]:
    """To whom the daily messages among them went."""
    kinds = {row.id: row.kind for row in world.rows("SELECT id, kind FROM message")}
    return [mail.to_name for mail in mails if kinds[mail.id] == "digest"]


def test_two_campaigns_and_one_contact_make_one_message(world: World, send: Send) -> None:
    with world.database.writing() as session:
        by = world.actor(session, "办一")
        plan = read_plan(OTHER, "plan.yaml")
        launch(session, plan, OTHER, "", by, world.now, world.calendar)
    send()
    world.at(3, time(9))
    world.tick(4000)
    mails = send()
    to = daily(mails, world)
    assert "联一" in to and len(to) == len(set(to))
    text = next(mail.text for mail in mails if mail.to_name == "联一")
    assert "读书" in text and "卫生" in text


def test_what_was_handed_in_a_minute_before_is_not_in_it(world: World, send: Send) -> None:
    days(world, 11, send)
    world.at(1, time(9))
    world.tick(4000)
    waiting = [m for m in _ready(world) if m.person.name == "联一"]
    assert waiting, "the day of the first reminder"
    world.now += timedelta(minutes=1)

    def act(session: Session) -> None:
        by = world.actor(session, "联一")
        for row in session.scalars(select(Obligation)).all():
            if row.respondent.name == "第一中学" and row.state.value == "待报":
                hand_in(
                    session,
                    row,
                    by.post,
                    HandIn(text="材料", count=2),
                    by,
                    world.now,
                    world.calendar,
                )

    assert world.attempt(act) is None
    world.now += timedelta(minutes=1)
    to = [mail.to_name for mail in send() if "已收到" not in mail.text]
    assert "联一" not in to and "联二" in to
    states = {m.id: m for m in _messages(world)}
    assert states[waiting[0].id].state is MessageState.SKIPPED
    assert states[waiting[0].id].reason == "发送前核对：均已办结"


@pytest.mark.parametrize("rounds", [True, False])
def test_an_outage_of_nine_days_ends_in_one_message_each(
    world: World, send: Send, rounds: bool
) -> None:
    """The service was down altogether, or only the mail server was."""
    days(world, 3, send)
    if rounds:
        for _ in range(9):
            days(world, 1)
            send(MemoryChannel([ChannelDown("连不上")]))
        world.now += timedelta(hours=1)
    else:
        world.at(10, time(9))
        world.tick(4000)
    to = daily(send(), world)
    assert len(to) > 4 and len(to) == len(set(to))
    skipped = [m for m in _messages(world) if m.state is MessageState.SKIPPED]
    assert all(m.reason for m in skipped) and bool(skipped) is rounds


def _messages(world: World) -> list[Message]:
    with world.database.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def _ready(world: World) -> list[Message]:
    with world.database.reading() as session:
        rows = select(Message).where(
            Message.state == MessageState.READY, Message.kind == MessageKind.DIGEST
        )
        found = list(session.scalars(rows))
        for message in found:
            _ = message.person.name
        return found
