"""Mail to an SMTP server, against a real one: encrypted, shy, dropping, refusing."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from notifications.channels import SmtpChannel
from notifications.mail import (
    AddressDead,
    ChannelDown,
    Enclosure,
    TransportError,
    Unclear,
)
from tests.notifications.certificates import Authority
from tests.notifications.outgoing import MAIL, mail_to, settings_at
from tests.notifications.sink import BEFORE_DATA, DROP, IN_DATA, OK, Sink, knows, listening

pytestmark = pytest.mark.no_ledger

SENDER = "活动办 <office@yunchuan.example>"
PASSWORD = "geheim-9876"

Start = Callable[..., Settings]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Settings that point at a sink; `how` is the server's, `settings` are ours."""
    with ExitStack() as stack:

        def started(sink: Sink, settings: dict[str, Any] | None = None, **how: Any) -> Settings:
            port = stack.enter_context(listening(sink, **how))
            ours = {"smtp_security": "none"} | (settings or {})
            place = {"smtp_host": "localhost", "smtp_port": port, "mail_from": SENDER}
            return settings_at(tmp_path, **place, **ours)

        yield started


def send(settings: Settings, *mails: Any, watch: Callable[[str], None] = lambda _: None) -> str:
    """Send mails over one channel; what was said to the last."""
    channel, said = SmtpChannel(settings, watch), ""
    try:
        for mail in mails or (MAIL,):
            said = channel.send(mail)
    finally:
        channel.close()
    return said


def refused(settings: Settings, mail: Any = MAIL) -> TransportError:
    with pytest.raises(TransportError) as error:
        send(settings, mail)
    assert "\n" not in str(error.value)
    return error.value


def test_what_the_server_said_is_told(start: Start) -> None:
    sink = Sink(answers=["250 2.0.0 OK queued as 4711"])
    assert send(start(sink)) == "250 2.0.0 OK queued as 4711"


def test_starttls_is_begun_and_the_bureaus_authority_trusted(
    start: Start, authority: Authority
) -> None:
    sink, lines = Sink(), list[str]()
    ours = {"smtp_security": "starttls", "ca_file": authority.file}
    context = authority.server("localhost")
    settings = start(sink, ours, tls_context=context, require_starttls=True)
    send(settings, watch=lines.append)
    assert len(sink.mails) == 1
    assert lines.index("> STARTTLS") < lines.index("> DATA")


def test_implicit_tls_is_spoken_from_the_first_word(start: Start, authority: Authority) -> None:
    sink = Sink()
    ours = {"smtp_security": "tls", "ca_file": authority.file}
    send(start(sink, ours, ssl_context=authority.server("localhost")))
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    ("security", "name"), [("tls", "ssl_context"), ("starttls", "tls_context")]
)
def test_a_server_nobody_vouches_for_gets_nothing(
    security: str, name: str, start: Start, authority: Authority
) -> None:
    sink = Sink()
    context = authority.server("localhost")
    found = refused(start(sink, {"smtp_security": security}, **{name: context}))
    assert isinstance(found, ChannelDown) and "证书不可信" in str(found)
    assert sink.mails == []


def test_a_server_without_starttls_gets_nothing(start: Start) -> None:
    sink = Sink()
    found = refused(start(sink, {"smtp_security": "starttls"}))
    assert isinstance(found, ChannelDown) and "STARTTLS" in str(found)
    assert sink.mails == []


def test_who_must_log_in_does_and_nobody_sees_how(start: Start) -> None:
    sink, lines = Sink(), list[str]()
    ours = {"smtp_user": "office", "smtp_password": PASSWORD}
    send(start(sink, ours, **knows(PASSWORD)), watch=lines.append)
    assert len(sink.mails) == 1
    assert "> AUTH ****" in lines
    assert [line for line in lines if "b2ZmaWNl" in line or PASSWORD in line] == []


def test_a_wrong_password_is_said_and_not_shown(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ours = {"smtp_user": "office", "smtp_password": PASSWORD}
    found = refused(start(Sink(), ours, **knows("other")))
    assert isinstance(found, ChannelDown) and "不认账号 office" in str(found)
    told = "".join(traceback.format_exception(found)) + caplog.text
    assert PASSWORD not in told and "geheim" not in told


def test_a_server_that_takes_no_log_in_is_told_apart(start: Start) -> None:
    found = refused(start(Sink(), {"smtp_user": "office", "smtp_password": PASSWORD}))
    assert isinstance(found, ChannelDown) and "不让登录" in str(found)


def test_a_password_file_that_is_missing_is_named(start: Start, tmp_path: Path) -> None:
    ours = {"smtp_user": "office", "smtp_password_file": tmp_path / "nowhere"}
    found = refused(start(Sink(), ours, **knows(PASSWORD)))
    assert isinstance(found, ChannelDown) and "nowhere" in str(found)


@pytest.mark.parametrize("reply", ["450 4.2.0 Greylisted", "451 4.7.1 try again later"])
@pytest.mark.parametrize("where", ["to_recipients", "answers"])
def test_greylisted_it_passes_and_is_taken_the_next_time(
    where: str, reply: str, start: Start
) -> None:
    sink = Sink(**{where: [reply]})
    settings = start(sink)
    found = refused(settings)
    assert type(found) is TransportError and not found.permanent and reply in str(found)
    send(settings)
    assert len(sink.mails) == 1


def with_file(folder: Path, size: int) -> Any:
    (folder / "附件.bin").write_bytes(b"x" * size)
    return replace(MAIL, attachments=(Enclosure(folder / "附件.bin", "附件.bin"),))


def test_a_mail_over_the_announced_size_is_not_even_begun(start: Start, tmp_path: Path) -> None:
    sink, lines = Sink(), list[str]()
    settings = start(sink, data_size_limit=1024 * 1024)
    with pytest.raises(TransportError, match=r"超过发信服务器 1 MB 的上限") as found:
        send(settings, with_file(tmp_path, 2 * 1024 * 1024), watch=lines.append)
    assert found.value.permanent and not isinstance(found.value, AddressDead)
    assert not any(line.startswith("> MAIL") for line in lines)


def test_a_mail_that_is_too_big_lets_the_next_one_pass(start: Start, tmp_path: Path) -> None:
    sink = Sink()
    channel = SmtpChannel(start(sink, data_size_limit=100_000))
    with pytest.raises(TransportError):
        channel.send(with_file(tmp_path, 200_000))
    channel.send(MAIL)
    channel.close()
    assert len(sink.mails) == len(sink.sessions) == 1


@pytest.mark.parametrize("reply", ["552 Error: Too much mail data", "552 5.3.4 too big"])
def test_a_size_the_server_says_only_afterwards_is_said_too(reply: str, start: Start) -> None:
    found = refused(start(Sink(answers=[reply])))
    assert found.permanent and "减少附件" in str(found)


def test_dropped_before_the_mail_it_is_tried_again(start: Start) -> None:
    sink = Sink()
    settings = start(sink, leaves=[BEFORE_DATA])
    found = refused(settings)
    assert type(found) is TransportError and not found.permanent
    send(settings)
    assert len(sink.mails) == 1


def test_dropped_in_the_middle_of_the_mail_it_is_tried_again(start: Start, tmp_path: Path) -> None:
    sink, mail = Sink(), with_file(tmp_path, 10 * 1024 * 1024)
    settings = start(sink, leaves=[IN_DATA])
    found = refused(settings, mail)
    assert type(found) is TransportError and not found.permanent
    send(settings, mail)
    assert len(sink.mails) == 1


def test_dropped_after_the_final_dot_nobody_knows(start: Start) -> None:
    assert isinstance(refused(start(Sink(answers=[DROP]))), Unclear)


def test_an_idle_connection_that_was_dropped_is_opened_again(start: Start) -> None:
    sink = Sink(to_recipients=[OK, DROP])
    send(start(sink), MAIL, MAIL)
    assert len(sink.mails) == 2


@pytest.mark.parametrize(
    "address",
    [
        *(
            "没有@地址",
            "",
            "a",
            "a@",
            "@b.example",
            "a@b.example, c@b.example",
            "李@yunchuan.example",
        ),
        *("a@x.cn\nBcc: b@x.cn", "a\nBcc: x+b@x.cn", "<a@x.cn>", "a@x.cn ", "李 <a@x.cn>"),
    ],
)
def test_an_address_that_is_none_is_refused_unsent(address: str, start: Start) -> None:
    sink = Sink()
    found = refused(start(sink), mail_to(address))
    assert isinstance(found, AddressDead) and "不对，请更正" in str(found)
    assert sink.sessions == set()


@pytest.mark.parametrize(
    "address", ["a@b.cn", "li.wen-jing_1@mail.yunchuan.example", "a+tag@yunchuan.example"]
)
def test_an_address_that_is_one_is_taken(address: str, start: Start) -> None:
    sink = Sink()
    send(start(sink), mail_to(address))
    assert sink.read()[0]["To"].addresses[0].addr_spec == address


def test_a_name_or_subject_with_line_breaks_begins_no_header(start: Start) -> None:
    sink = Sink()
    typed = "x\r\nBcc: b@x.cn\n\n<p>"
    send(start(sink), replace(MAIL, to_name=typed, subject=typed))
    (mail,) = sink.read()
    assert "Bcc" not in mail and mail["To"].addresses[0].addr_spec == MAIL.to_address
    assert len(mail.keys()) == len({name.lower() for name in mail.keys()})  # noqa: SIM118


def test_a_sender_that_is_none_stops_everything(start: Start) -> None:
    settings = start(Sink()).model_copy(update={"mail_from": "活动办"})
    assert isinstance(refused(settings), ChannelDown)


def test_a_refused_sender_stops_everything(start: Start) -> None:
    found = refused(start(Sink(to_sender=["550 5.7.1 not yours"])))
    assert isinstance(found, ChannelDown) and "office@yunchuan.example" in str(found)


def test_a_server_out_of_reach_stops_everything(tmp_path: Path) -> None:
    settings = settings_at(
        tmp_path, smtp_host="localhost", smtp_port=1, smtp_security="none", mail_from=SENDER
    )
    found = refused(settings)
    assert isinstance(found, ChannelDown) and "拒绝连接" in str(found)
