"""Delivery over SMTP, against a real server."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.database import Database
from config.settings import Settings, read_settings
from ledger.messages import ItemKind, Message, MessageKind, MessageState
from ledger.roles import Role
from notifications.deliver import Counts, deliver
from notifications.smtp import SmtpConnection
from tests.notifications.scene import CAL, NOW, Scene
from tests.notifications.sink import DROP, HANG, OK, Sink, listening

SENDER = "活动办 <office@yunchuan.example>"

Smtp = Callable[[Sink], Settings]


@pytest.fixture
def smtp(settings: Settings) -> Iterator[Smtp]:
    """Settings that point at a sink."""
    with ExitStack() as stack:

        def started(sink: Sink) -> Settings:
            return pointing_at(settings, stack.enter_context(listening(sink)))

        yield started


def pointing_at(settings: Settings, port: int) -> Settings:
    return read_settings(
        home=settings.home,
        database_url=settings.database_url,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        mail_from=SENDER,
    )


def send(scene: Scene, database: Database, settings: Settings, now: datetime = NOW) -> Counts:
    scene.session.commit()
    counts = deliver(database, settings, now, CAL)
    scene.session.expire_all()
    return counts


def test_a_digest_arrives_with_each_header_once(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    message, sink = scene.digest(), Sink()
    assert send(scene, database, smtp(sink)) == Counts(sent=1)
    (mail,) = sink.read()
    assert sorted(name.lower() for name, _ in mail.items()) == [
        "auto-submitted",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
    ]
    assert mail["Subject"] == "【催办】读书：云川市第一中学·每周稿件（2017年第16周），已逾期3天"
    assert mail["From"] == SENDER
    assert mail["To"] == "李文静 <p1@yunchuan.example>"
    assert mail["Message-ID"] == f"<{message.key.replace(':', '.')}@yunchuan.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW


def test_both_parts_arrive_whole_and_no_line_feed_stands_alone(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    message, sink = scene.digest(), Sink()
    send(scene, database, smtp(sink))
    (mail,) = sink.read()
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content() == message.body
    assert "已逾期3天" in html.get_content()
    content = sink.mails[0]
    assert content.count(b"\n") == content.count(b"\r\n") > 0
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_the_original_notice_arrives_under_its_chinese_name(
    scene: Scene, database: Database, smtp: Smtp, tmp_path: Path
) -> None:
    (tmp_path / "attachments").mkdir()
    content = ".\r\n.. 一行只有一个点\n".encode()
    (tmp_path / "attachments" / "通知原文.txt").write_bytes(content)
    sink = Sink()
    scene.launch(str(tmp_path))
    assert send(scene, database, smtp(sink)) == Counts(sent=1)
    (mail,) = sink.read()
    (file,) = mail.iter_attachments()
    assert file.get_filename() == "通知原文.txt"
    assert file.get_payload(decode=True) == content
    assert mail.get_body(("html",)) is not None


def test_a_name_a_person_typed_begins_no_header(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    post = scene.post("Li\r\nBcc: x@x.cn", Role.CONTACT, scene.school)
    scene.digest(post)
    sink = Sink()
    send(scene, database, smtp(sink))
    (mail,) = sink.read()
    assert "Bcc" not in mail
    assert mail["To"].addresses[0].addr_spec == post.person.addresses[0].value


def test_many_mails_go_over_one_connection(scene: Scene, database: Database, smtp: Smtp) -> None:
    for _ in range(5):
        scene.digest()
    sink = Sink()
    assert send(scene, database, smtp(sink)) == Counts(sent=5)
    assert len(sink.sessions) == 1


@pytest.mark.parametrize("where", ["answers", "to_recipients"])
def test_refused_for_now_the_mail_is_tried_again_and_arrives_once(
    scene: Scene, database: Database, smtp: Smtp, where: str
) -> None:
    message = scene.digest()
    sink = Sink(**{where: ["451 请稍后再试"]})
    settings = smtp(sink)
    assert send(scene, database, settings) == Counts(put_off=1)
    assert (message.state, message.attempts) == (MessageState.READY, 1)
    assert "451" in (message.reason or "")
    assert send(scene, database, settings, NOW + timedelta(minutes=1)) == Counts(sent=1)
    assert len(sink.mails) == 1


@pytest.mark.parametrize("where", ["answers", "to_recipients"])
def test_refused_for_good_the_message_fails_and_the_next_one_arrives(
    scene: Scene, database: Database, smtp: Smtp, where: str
) -> None:
    refused, taken = scene.digest(), scene.digest()
    sink = Sink(**{where: ["550 no such user"]})
    assert send(scene, database, smtp(sink)) == Counts(sent=1, failed=1)
    assert (refused.state, taken.state) == (MessageState.FAILED, MessageState.SENT)
    assert "550 no such user" in (refused.reason or "")
    assert len(sink.mails) == len(sink.sessions) == 1


def test_a_connection_dropped_before_the_mail_is_handed_over_blames_no_message(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    message, sink = scene.digest(), Sink(to_recipients=[DROP, DROP])
    settings = smtp(sink)
    counts = send(scene, database, settings)
    assert counts.put_off == 1 and counts.stopped is not None
    assert (message.state, message.attempts) == (MessageState.READY, 0)
    assert send(scene, database, settings, NOW + timedelta(minutes=1)) == Counts(sent=1)


def test_an_idle_connection_that_was_dropped_is_opened_again(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    for _ in range(2):
        scene.digest()
    sink = Sink(to_recipients=[OK, DROP])
    assert send(scene, database, smtp(sink)) == Counts(sent=2)
    assert len(sink.mails) == 2


def test_a_connection_dropped_after_the_mail_was_handed_over_is_unknown(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    message, sink = scene.digest(), Sink(answers=[DROP])
    settings = smtp(sink)
    assert send(scene, database, settings) == Counts(unknown=1)
    assert message.state is MessageState.UNKNOWN
    assert "不能确定" in (message.reason or "")
    assert send(scene, database, settings, NOW + timedelta(minutes=4)) == Counts()
    assert sink.mails == []
    assert send(scene, database, settings, NOW + timedelta(minutes=5)) == Counts(sent=1)
    assert (message.resends, len(sink.mails)) == (1, 1)


def test_a_server_that_is_closing_is_left_alone(
    scene: Scene, database: Database, smtp: Smtp
) -> None:
    scene.digest()
    counts = send(scene, database, smtp(Sink(to_recipients=["421 closing"] * 2)))
    assert counts.put_off == 1 and "421" in (counts.stopped or "")


def test_a_server_out_of_reach_stops_the_run(
    scene: Scene, database: Database, settings: Settings
) -> None:
    messages = [scene.digest() for _ in range(3)]
    counts = send(scene, database, pointing_at(settings, port=1))
    assert counts.put_off == 1 and "连不上发信服务器" in (counts.stopped or "")
    assert {m.state for m in messages} == {MessageState.READY}
    assert {m.attempts for m in messages} == {0}


def test_a_refused_log_in_stops_the_run(scene: Scene, database: Database, smtp: Smtp) -> None:
    message, sink = scene.digest(), Sink()
    settings = smtp(sink).model_copy(update={"smtp_user": "office"})
    counts = send(scene, database, settings)
    assert counts.stopped is not None
    assert (message.state, sink.mails) == (MessageState.READY, [])


def test_a_receipt_leaves_on_a_rest_day(scene: Scene, database: Database, smtp: Smtp) -> None:
    sink = Sink()
    message = scene.message(scene.contact, MessageKind.RECEIPT)
    scene.news(message, scene.contact, ItemKind.ACT, "已收到第 1 稿")
    assert send(scene, database, smtp(sink), NOW + timedelta(days=4)) == Counts(sent=1)


def deliver_until_killed(home: Path, url: str, port: int) -> None:
    settings = pointing_at(read_settings(home=home, database_url=url), port)
    deliver(Database(settings.database_url), settings, NOW, CAL)


def test_a_message_being_sent_when_the_process_is_killed_is_unknown(
    scene: Scene, database: Database, settings: Settings
) -> None:
    caught, waiting = scene.digest(), scene.digest()
    scene.session.commit()
    sink = Sink(answers=[HANG])
    with listening(sink) as port:
        process = multiprocessing.get_context("spawn").Process(
            target=deliver_until_killed, args=(settings.home, settings.database_url, port)
        )
        process.start()
        assert process.pid is not None and sink.reached.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
        assert state_of(database, caught) is MessageState.SENDING
        now = pointing_at(settings, port)
        assert send(scene, database, now, NOW + timedelta(minutes=1)) == Counts(sent=1)
        later = NOW + timedelta(minutes=11)
        assert send(scene, database, now, later) == Counts(sent=1, unknown=1)
    assert (caught.state, waiting.state) == (MessageState.SENT, MessageState.SENT)
    assert (caught.resends, len(sink.mails)) == (1, 2)


def state_of(database: Database, message: Message) -> MessageState:
    with database.reading() as session:
        return session.get_one(Message, message.id).state


def test_a_line_that_begins_with_a_dot_arrives_as_it_is(smtp: Smtp) -> None:
    sink = Sink()
    connection = SmtpConnection(smtp(sink))
    content = b"Subject: x\r\n\r\n.\r\n..two\r\nend"
    connection.hand_over("a@yunchuan.example", "b@yunchuan.example", content)
    connection.close()
    assert sink.mails[0].removesuffix(b"\r\n") == content
