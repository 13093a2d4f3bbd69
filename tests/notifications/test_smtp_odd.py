"""What is odd on either side of an SMTP conversation: settings that fit no server, servers that
trickle, answer with what cannot be stored, or make no sense."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from ledger.addresses import ChannelKind
from notifications.mail import ChannelDown, TransportError, Unclear
from notifications.smtp import SmtpConnection
from tests.notifications.outgoing import MAIL, PATIENCE, send, settings_at
from tests.notifications.sink import DROP, Sink, knows, listening
from tests.notifications.trickling import GREETING, trickling

pytestmark = pytest.mark.no_ledger

SENDER, MAILBOX = "office@yunchuan.example", "li@yunchuan.example"
CONTENT = b"Subject: x\r\n\r\nx\r\n"


def settings(home: Path, port: int, **more: Any) -> Settings:
    place = {"smtp_host": "127.0.0.1", "smtp_port": port, "mail_from": SENDER}
    return settings_at(home, **{"smtp_security": "none", **place, **more})


def refused(home: Path, port: int, watch: Any = lambda _: None, **more: Any) -> TransportError:
    with pytest.raises(TransportError) as error:
        send(settings(home, port, **more), ChannelKind.EMAIL, MAIL, watch)
    assert "\n" not in str(error.value)
    return error.value


@pytest.fixture
def port() -> Iterator[int]:
    with listening(Sink(), **knows("geheim")) as port:
        yield port


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("office", "密码密码", "发信密码里有发信服务器不认的字符"),
        ("office", "ge\x00heim", "发信密码里有发信服务器不认的字符"),
        ("活动办", "geheim", "发信账号里有发信服务器不认的字符"),
    ],
)
def test_what_no_server_can_be_told_is_not_told(
    user: str, password: str, said: str, tmp_path: Path, port: int
) -> None:
    lines: list[str] = []
    found = refused(tmp_path, port, lines.append, smtp_user=user, smtp_password=password)
    assert isinstance(found, ChannelDown) and said in str(found)
    assert password not in str(found) and lines == []


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize(
    "host", ["云川..example", "云" * 70 + ".example", ".example", "mail\x01x", "a b"]
)
def test_a_host_that_is_none_is_said_so(host: str, security: str, tmp_path: Path) -> None:
    found = refused(tmp_path, 25, smtp_host=host, smtp_security=security)
    assert isinstance(found, ChannelDown) and "DUBAN_SMTP_HOST" in str(found)


def test_a_machine_whose_name_the_server_cannot_be_told_stops_everything(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda: "督办.example")
    found = refused(tmp_path, port)
    assert isinstance(found, ChannelDown) and "本机的名字" in str(found)


def test_a_challenge_that_is_none_stops_everything(tmp_path: Path) -> None:
    answers = {"EHLO": b"250-here\r\n250 AUTH CRAM-MD5", "AUTH": b"334 x"}
    with trickling(answers=answers) as port:
        found = refused(tmp_path, port, smtp_user="office", smtp_password="geheim")
    assert isinstance(found, ChannelDown) and "读不懂" in str(found)


@pytest.mark.parametrize("where", ["RCPT", "."])
def test_nothing_that_cannot_be_stored_comes_in_with_an_answer(where: str, tmp_path: Path) -> None:
    lines: list[str] = []
    with trickling(answers={where: b"451 not\x00 \x1b[31mnow\x07"}) as port:
        found = refused(tmp_path, port, lines.append)
    assert "451 not [31mnow" in str(found)
    assert str(found).isprintable() and "".join(lines).isprintable()


def test_nothing_that_cannot_be_stored_comes_in_with_a_success(tmp_path: Path) -> None:
    with trickling(answers={".": b"250 queued\x00 as 4711"}) as port:
        assert send(settings(tmp_path, port), ChannelKind.EMAIL, MAIL) == "250 queued as 4711"


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (GREETING, ChannelDown),
        ("EHLO", ChannelDown),
        ("MAIL", ChannelDown),
        ("RCPT", ChannelDown),
        ("DATA", TransportError),
        (".", Unclear),
    ],
)
def test_a_server_that_trickles_has_no_more_time_than_one_that_is_silent(
    step: str, error: type[TransportError], tmp_path: Path
) -> None:
    with trickling(step) as port, pytest.raises(error, match="太久") as found:
        connection = SmtpConnection(settings(tmp_path, port), deadline=PATIENCE)
        connection.hand_over(SENDER, MAILBOX, CONTENT)
    assert not found.value.permanent
    assert isinstance(found.value, ChannelDown) is (error is ChannelDown)
    assert isinstance(found.value, Unclear) is (error is Unclear)


def test_each_mail_has_its_own_time(tmp_path: Path) -> None:
    with trickling() as port:
        connection = SmtpConnection(settings(tmp_path, port), deadline=PATIENCE)
        connection.hand_over(SENDER, MAILBOX, CONTENT)
        first = connection._until
        connection.hand_over(SENDER, MAILBOX, CONTENT)
        assert connection._open is not None and connection._open.sock is not None
        assert connection._open.sock.until == connection._until > first
        connection.close()


@pytest.mark.parametrize("answer", [b"hello", b"354 go on"])
def test_an_answer_to_the_mail_that_makes_no_sense_leaves_it_open(
    answer: bytes, tmp_path: Path
) -> None:
    with trickling(answers={".": answer}) as port:
        assert isinstance(refused(tmp_path, port), Unclear)


def test_a_success_before_the_mail_was_handed_over_is_none(tmp_path: Path) -> None:
    with trickling(answers={"DATA": b"250 fine"}) as port:
        found = refused(tmp_path, port)
    assert type(found) is TransportError and not found.permanent


@pytest.mark.parametrize("once", ["421 closing", DROP])
def test_hung_up_on_once_at_the_recipient_it_is_told_on_a_new_connection(
    once: str, tmp_path: Path
) -> None:
    sink = Sink(to_recipients=[once])
    with listening(sink) as port:
        send(settings(tmp_path, port), ChannelKind.EMAIL, MAIL)
    assert (len(sink.mails), len(sink.sessions)) == (1, 2)


@pytest.mark.parametrize("twice", ["421 closing", DROP])
def test_hung_up_on_twice_at_the_recipient_the_channel_is_down(twice: str, tmp_path: Path) -> None:
    with listening(Sink(to_recipients=[twice, twice])) as port:
        assert isinstance(refused(tmp_path, port), ChannelDown)
