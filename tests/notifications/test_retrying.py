from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ledger.audit import Act, Actor, Audit
from ledger.errors import IllegalMove, Refused
from ledger.messages import Message, MessageKind, MessageState
from ledger.retrying import failed_for_good, retry
from ledger.roles import Role
from ledger.self_audit import find_gaps
from notifications.deliver import Counts
from notifications.mail import AddressDead, TransportError
from notifications.memory import MemoryChannel
from tests.notifications.conftest import Send
from tests.notifications.scene import CAL, NOW, Scene

FULL = TransportError("没有收下：552", permanent=True)
DEAD = AddressDead("没有这个邮箱")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def by(scene: Scene) -> Actor:
    return Actor(scene.post("褚南星", Role.OFFICE), "test")


def test_what_failed_leaves_once_its_cause_is_mended(scene: Scene, send: Send, by: Actor) -> None:
    message = scene.digest()
    send(MemoryChannel([FULL]))
    assert failed_for_good(scene.session) == [message]
    retry(scene.session, message, by, LATER, CAL)
    assert (message.state, message.leaves_at) == (MessageState.READY, LATER)
    assert send(MemoryChannel(), LATER) == Counts(sent=1)
    assert scene.session.scalars(select(Audit.act)).all() == [Act.RETRIED]


def test_what_another_heard_instead_does_not_leave_again(
    scene: Scene, send: Send, by: Actor
) -> None:
    message = scene.digest()
    send(MemoryChannel([DEAD]))
    assert failed_for_good(scene.session) == []
    with pytest.raises(Refused, match="已改发给褚南星"):
        retry(scene.session, message, by, LATER, CAL)
    assert message.state is MessageState.FAILED


def test_only_what_failed_is_tried_again(scene: Scene, send: Send, by: Actor) -> None:
    message = scene.digest()
    send(MemoryChannel())
    with pytest.raises(IllegalMove, match="不能改为"):
        retry(scene.session, message, by, LATER, CAL)


@pytest.mark.usefixtures("by")
def test_when_even_the_office_cannot_be_told_the_audit_says_so(scene: Scene, send: Send) -> None:
    scene.digest()
    send(MemoryChannel([FULL, FULL]))
    told = scene.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert (told.kind, told.state) == (MessageKind.UNDELIVERED, MessageState.FAILED)
    gaps = find_gaps(scene.session, LATER, CAL)
    assert any(f"褚南星（消息 {told.id}）" in gap for gap in gaps)
    late = find_gaps(scene.session, LATER + timedelta(days=8), CAL)
    assert not any(f"（消息 {told.id}）" in gap for gap in late)
