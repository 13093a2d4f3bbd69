from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from config.database import Database
from config.settings import Settings
from ledger.addresses import Address
from ledger.deadlines import Clock, Deadline
from ledger.messages import ItemKind, Message, MessageKind, MessageState
from notifications.attempting import AGAIN_AFTER, PAUSES
from notifications.deliver import Counts, deliver
from notifications.mail import ChannelDown, Enclosure, Mail, TransportError, Unclear
from notifications.memory import MemoryChannel
from tests.notifications.conftest import Send
from tests.notifications.scene import CAL, NOW, Scene

READY, SENDING, SENT = MessageState.READY, MessageState.SENDING, MessageState.SENT
FAILED, UNKNOWN, SKIPPED = MessageState.FAILED, MessageState.UNKNOWN, MessageState.SKIPPED
REFUSED = TransportError("查无此人", permanent=True)
BUSY = TransportError("邮箱忙")


def test_a_ready_message_is_sent_and_its_words_are_kept(scene: Scene, send: Send) -> None:
    message, channel = scene.digest(), MemoryChannel()
    assert send(channel) == Counts(sent=1)
    (mail,) = channel.sent
    assert (mail.to_name, mail.to_address) == ("李文静", "p1@yunchuan.example")
    assert (message.state, message.sent_at, message.attempts) == (SENT, NOW, 1)
    assert (message.subject, message.body) == (mail.subject, mail.text)
    assert (message.reason, message.sending_since) == (None, None)
    assert send(channel) == Counts()


@pytest.mark.parametrize("state", [s for s in MessageState if s is not READY])
def test_only_what_is_ready_is_sent(scene: Scene, send: Send, state: MessageState) -> None:
    scene.digest().state = state
    assert send(MemoryChannel()) == Counts()


def test_nothing_leaves_before_its_time(scene: Scene, send: Send) -> None:
    scene.digest().leaves_at = NOW + timedelta(seconds=1)
    assert send(MemoryChannel()) == Counts()
    assert send(MemoryChannel(), NOW + timedelta(seconds=1)).sent == 1


def test_a_message_whose_cases_are_all_done_is_skipped(scene: Scene, send: Send) -> None:
    message, channel = scene.digest(), MemoryChannel()
    scene.session.scalars(select(Deadline)).one().clock = Clock.ENDED
    assert send(channel) == Counts(skipped=1)
    assert (message.state, message.reason) == (SKIPPED, "发送前核对：均已办结")
    assert (message.attempts, channel.sent) == (0, [])


def test_a_person_without_an_address_makes_the_message_fail(scene: Scene, send: Send) -> None:
    message = scene.digest()
    scene.session.execute(delete(Address))
    assert send(MemoryChannel()) == Counts(failed=1)
    assert (message.state, message.reason) == (FAILED, "没有可用的地址")
    assert message.body is not None and "每周稿件" in message.body


def test_a_permanent_error_fails_at_once(scene: Scene, send: Send) -> None:
    message = scene.digest()
    assert send(MemoryChannel([REFUSED])) == Counts(failed=1)
    assert (message.state, message.reason, message.attempts) == (FAILED, "查无此人", 1)


def test_a_passing_error_is_tried_again_after_growing_pauses_then_fails(
    scene: Scene, send: Send
) -> None:
    message, now = scene.digest(), NOW
    for attempt, minutes in enumerate((1, 5, 15, 60), start=1):
        assert send(MemoryChannel([BUSY]), now) == Counts(put_off=1)
        assert (message.state, message.attempts) == (READY, attempt)
        assert (message.reason, message.sending_since) == ("邮箱忙", None)
        assert message.leaves_at == now + timedelta(minutes=minutes)
        assert send(MemoryChannel(), message.leaves_at - timedelta(seconds=1)) == Counts()
        now = message.leaves_at
    assert send(MemoryChannel([BUSY]), now) == Counts(failed=1)
    assert (message.state, message.attempts) == (FAILED, 5)


def test_a_message_that_leaves_at_the_second_try_keeps_no_reason(scene: Scene, send: Send) -> None:
    message = scene.digest()
    send(MemoryChannel([BUSY]))
    assert send(MemoryChannel(), NOW + PAUSES[0]) == Counts(sent=1)
    assert (message.state, message.attempts, message.reason) == (SENT, 2, None)


def test_one_refused_message_does_not_stop_the_rest(scene: Scene, send: Send) -> None:
    for _ in range(3):
        scene.digest()
    assert send(MemoryChannel([None, REFUSED, None])) == Counts(sent=2, failed=1)


def test_a_channel_that_is_down_stops_the_run_and_blames_no_message(
    scene: Scene, send: Send
) -> None:
    messages = [scene.digest() for _ in range(4)]
    counts = send(MemoryChannel([None, ChannelDown("连不上")]))
    assert counts == Counts(sent=1, put_off=1, stopped="连不上")
    assert [m.state for m in messages] == [SENT, READY, READY, READY]
    assert [m.attempts for m in messages] == [1, 0, 0, 0]
    assert [m.leaves_at for m in messages[1:]] == [NOW + PAUSES[0], NOW, NOW]


def test_where_nobody_can_say_the_message_is_unknown(scene: Scene, send: Send) -> None:
    message = scene.digest()
    assert send(MemoryChannel([Unclear("没有回答")])) == Counts(unknown=1)
    assert message.state is UNKNOWN
    assert message.reason == "没有回答，不能确定是否已发出"
    assert (message.again, message.leaves_at) == (True, NOW + AGAIN_AFTER)


def test_a_message_left_in_sending_becomes_unknown_after_ten_minutes(
    scene: Scene, send: Send
) -> None:
    message = scene.digest()
    message.state, message.sending_since = SENDING, NOW - timedelta(minutes=10)
    assert send(MemoryChannel()) == Counts()
    assert message.state is SENDING
    later = NOW + timedelta(seconds=1)
    assert send(MemoryChannel(), later, stop=lambda: True) == Counts(unknown=1)
    assert message.state is UNKNOWN
    assert "不能确定" in (message.reason or "")


class Interrupting(MemoryChannel):
    """Sends one mail, then the user presses Ctrl-C."""

    def send(self, mail: Mail) -> str:
        if self.sent:
            raise KeyboardInterrupt
        return super().send(mail)


def test_an_interrupted_run_writes_down_what_it_knows(scene: Scene, send: Send) -> None:
    messages = [scene.digest() for _ in range(3)]
    with pytest.raises(KeyboardInterrupt):
        send(Interrupting())
    scene.session.expire_all()
    assert [m.state for m in messages] == [SENT, UNKNOWN, READY]


class Looking(MemoryChannel):
    """Notes, while it sends, what another connection sees."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.seen: list[tuple[str, datetime | None]] = []

    def send(self, mail: Mail) -> str:
        with self.database.writing() as session:  # refused if a transaction were open
            row = session.get_one(Message, mail.id)
            self.seen.append((row.state, row.sending_since))
        return super().send(mail)


def test_the_claim_is_committed_and_no_transaction_is_open_while_sending(
    scene: Scene, send: Send, database: Database
) -> None:
    scene.digest()
    channel = Looking(database)
    send(channel)
    assert channel.seen == [(SENDING, NOW)]


def test_no_more_than_the_limit_is_claimed(scene: Scene, send: Send) -> None:
    messages = [scene.digest() for _ in range(5)]
    assert send(MemoryChannel(), limit=3) == Counts(sent=3)
    assert [m.state for m in messages] == [SENT, SENT, SENT, READY, READY]


def test_two_deliverers_at_once_send_each_message_once(
    scene: Scene, database: Database, settings: Settings
) -> None:
    for _ in range(40):
        scene.digest()
    scene.session.commit()
    channels = [MemoryChannel(), MemoryChannel()]
    start = threading.Barrier(2)

    def work(channel: MemoryChannel) -> None:
        start.wait(10)
        deliver(database, settings, NOW, CAL, channel)

    threads = [threading.Thread(target=work, args=(channel,)) for channel in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ids = [mail.id for channel in channels for mail in channel.sent]
    assert sorted(ids) == list(range(1, 41))


def test_the_time_is_asked_anew_for_each_message(
    scene: Scene, database: Database, settings: Settings
) -> None:
    messages = [scene.digest() for _ in range(3)]
    scene.session.commit()
    clock: Iterator[datetime] = (NOW + timedelta(minutes=n) for n in range(1000))
    deliver(database, settings, lambda: next(clock), CAL, MemoryChannel())
    scene.session.expire_all()
    times = [m.sent_at for m in messages]
    assert None not in times and len(set(times)) == 3


def test_a_message_that_cannot_be_read_fails_alone(scene: Scene, send: Send) -> None:
    good, bad = scene.digest(), scene.message(scene.contact)
    scene.news(bad, scene.contact, ItemKind.ASSIGNED, "交办")
    scene.session.flush()
    scene.session.execute(
        text("UPDATE message_item SET kind = 'nonsense' WHERE message_id = :id"), {"id": bad.id}
    )
    assert send(MemoryChannel()) == Counts(sent=1, failed=1)
    assert (good.state, bad.state) == (SENT, FAILED)
    assert "排不出来" in (bad.reason or "")


def test_a_launch_whose_plan_is_missing_fails_and_says_so(scene: Scene, send: Send) -> None:
    message = scene.message(scene.contact, MessageKind.LAUNCH)
    scene.news(message, scene.contact, ItemKind.ACT, "启动")
    assert send(MemoryChannel()) == Counts(failed=1)
    assert "排不出来" in (message.reason or "")


def test_the_launch_takes_the_original_notice_along(
    scene: Scene, send: Send, tmp_path: Path
) -> None:
    (tmp_path / "attachments").mkdir()
    file = tmp_path / "attachments" / "通知原文.txt"
    file.write_text("原文", encoding="utf-8")
    scene.launch(str(tmp_path))
    channel = MemoryChannel()
    assert send(channel) == Counts(sent=1)
    assert channel.sent[0].attachments == (Enclosure(file, "通知原文.txt"),)


def test_a_channel_given_is_left_open_for_the_next_run(scene: Scene, send: Send) -> None:
    channel = MemoryChannel()
    send(channel)
    assert not channel.closed
