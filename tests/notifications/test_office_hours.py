"""When messages may leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ledger.holidays import ClosureDay
from ledger.messages import ItemKind, MessageKind
from notifications.deliver import Counts
from notifications.mail import TransportError
from notifications.memory import MemoryChannel
from tests.notifications.conftest import Send
from tests.notifications.scene import NOW, ZONE, Scene

BUSY = TransportError("邮箱忙")

EVENING = datetime(2017, 5, 3, 18, 0, tzinfo=ZONE)
SATURDAY = datetime(2017, 5, 6, 10, 0, tzinfo=ZONE)
MAKE_UP_SATURDAY = datetime(2017, 9, 30, 10, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("kind", "now", "leaves"),
    [
        (MessageKind.STAGE, EVENING - timedelta(seconds=1), True),
        (MessageKind.STAGE, EVENING, False),
        (MessageKind.STAGE, SATURDAY, False),
        (MessageKind.STAGE, MAKE_UP_SATURDAY, True),
        (MessageKind.RECEIPT, EVENING, True),
        (MessageKind.RECEIPT, SATURDAY, True),
    ],
)
def test_outside_office_hours_only_receipts_leave(
    scene: Scene, send: Send, kind: MessageKind, now: datetime, leaves: bool
) -> None:
    scene.news(scene.message(scene.contact, kind), scene.contact, ItemKind.ACT, "已转段")
    assert send(MemoryChannel(), now).sent == int(leaves)


def test_a_digest_left_over_waits_for_the_next_round_to_take_it_along(
    scene: Scene, send: Send
) -> None:
    scene.digest()
    assert send(MemoryChannel(), NOW + timedelta(days=1)) == Counts()
    assert send(MemoryChannel(), NOW + timedelta(hours=8)) == Counts(sent=1)


def test_a_pause_that_ends_after_hours_lasts_until_the_next_opening(
    scene: Scene, send: Send
) -> None:
    stage = scene.message(scene.contact, MessageKind.STAGE)
    receipt = scene.message(scene.contact, MessageKind.RECEIPT)
    for message in (stage, receipt):
        scene.news(message, scene.contact, ItemKind.ACT, "已转段")
    late = EVENING - timedelta(seconds=30)
    send(MemoryChannel([BUSY, BUSY]), late)
    assert stage.leaves_at == datetime(2017, 5, 4, 8, 30, tzinfo=ZONE)
    assert receipt.leaves_at == late + timedelta(minutes=1)


def test_on_a_day_the_bureau_is_closed_only_receipts_leave(scene: Scene, send: Send) -> None:
    scene.add(ClosureDay(day=NOW.date(), reason="停电", decided_at=NOW))
    for kind in (MessageKind.STAGE, MessageKind.RECEIPT):
        scene.news(scene.message(scene.contact, kind), scene.contact, ItemKind.ACT, "已转段")
    assert send(MemoryChannel()) == Counts(sent=1)
