"""duban channels: what is configured, and a test message with its exchange."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from desk.vocabulary import CHANNELS
from ledger.addresses import Address, ChannelKind
from ledger.units import Person
from notifications.channels.robots import VENDORS
from notifications.channels.wecom_app import WecomApp
from tests.desk.conftest import Terminal
from tests.notifications.sink import Sink, knows, listening
from tests.notifications.standin import Answer, StandIn, standing_in

SECRET, PASSWORD = "geheim0123", "geheim-9876"


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> type[Robot]:
    Robot.patch = monkeypatch
    return Robot


class Robot:
    """Names a stand-in as the robot XZ."""

    patch: pytest.MonkeyPatch

    @classmethod
    def at(cls, stand_in: StandIn) -> None:
        cls.patch.setenv("DUBAN_ROBOT_XZ", f"{stand_in.base}/cgi-bin/webhook/send?key={SECRET}")


def test_every_channel_has_its_word() -> None:
    assert list(CHANNELS) == list(ChannelKind)
    words = {kind: vendor.kind_words for kind, vendor in VENDORS.items()}
    assert {CHANNELS[kind]: word for kind, word in words.items()} == {
        word: word for word in words.values()
    }
    assert CHANNELS["wecom"] == WecomApp.kind_words


def test_without_settings_only_the_folder_is_there(bare: Terminal) -> None:
    ways = {way["channel"]: way for way in bare.ask("channels", "list")}
    assert [kind for kind, way in ways.items() if way["ready"]] == ["email"]
    assert "outbox" in ways["email"]["found"]
    assert "DUBAN_WECOM_SECRET" in ways["wecom"]["found"]
    assert "DUBAN_ROBOT_" in ways["dingtalk"]["found"]


def test_what_is_set_is_named_and_no_secret_shown(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {
        "SMTP_HOST": "mail.yunchuan.example",
        "SMTP_USER": "office",
        "SMTP_PASSWORD": SECRET,
        "MAIL_FROM": "office@yunchuan.example",
        "WECOM_CORP_ID": "ww1",
        "WECOM_AGENT_ID": "1000002",
        "WECOM_SECRET": SECRET,
        "ROBOT_XIAOZHANG": f"https://oapi.dingtalk.com/robot/send?access_token={SECRET}",
        "ROBOT_XIAOZHANG_SIGN": f"SEC{SECRET}",
        "ROBOT_SMS": f"https://sms.yunchuan.example/{SECRET}",
        "ROBOT_ODD": SECRET,
        "ROBOT_LOST_FILE": str(tmp_path / "nowhere"),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"DUBAN_{name}", value)
    result = bare.type("channels", "list")
    assert result.exit_code == 0
    for word in ("mail.yunchuan.example:465", "1000002", "XIAOZHANG", "SMS", "nowhere", "ODD"):
        assert word in result.stdout
    assert SECRET not in result.output


def test_a_mailbox_is_tried_and_the_dialogue_shown_without_the_password(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Sink(answers=["250 2.0.0 OK queued as 4711"])
    with listening(sink, **knows(PASSWORD)) as port:
        for name, value in {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(port),
            "SMTP_SECURITY": "none",
            "SMTP_USER": "office",
            "SMTP_PASSWORD": PASSWORD,
            "MAIL_FROM": "office@yunchuan.example",
        }.items():
            monkeypatch.setenv(f"DUBAN_{name}", value)
        result = bare.type("channels", "test", "li@yunchuan.example")
    assert result.exit_code == 0, result.output
    assert len(sink.mails) == 1
    for line in ("> RCPT TO:<li@yunchuan.example>", "> AUTH ****", "queued as 4711。"):
        assert line in result.stdout
    assert PASSWORD not in result.output
    assert base64.b64encode(PASSWORD.encode()).decode() not in result.output


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"SMTP_PASSWORD": "密码"}, "发信密码"), ({"SMTP_HOST": "a..b"}, "DUBAN_SMTP_HOST")],
)
def test_a_server_that_cannot_be_told_what_is_set_is_answered_in_one_sentence(
    wrong: dict[str, str], said: str, bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_USER": "office",
        "SMTP_PASSWORD": PASSWORD,
        "MAIL_FROM": "office@yunchuan.example",
    } | wrong
    for name, value in given.items():
        monkeypatch.setenv(f"DUBAN_{name}", value)
    result = bare.type("channels", "test", "li@yunchuan.example")
    (line,) = result.stdout.splitlines()
    assert result.exit_code == 1 and said in line


def test_a_robot_is_tried_and_the_exchange_shown_with_stars(
    bare: Terminal, robot: type[Robot]
) -> None:
    with standing_in() as stand_in:
        robot.at(stand_in)
        result = bare.type("channels", "test", "xz")
    assert result.exit_code == 0, result.output
    assert "/cgi-bin/webhook/send?key=****" in result.stdout
    assert "通道测试" in result.stdout and '"errmsg": "ok"' in result.stdout
    assert SECRET not in result.output
    assert stand_in.posted[0].query == {"key": SECRET}


def test_one_that_does_not_take_it_says_why_and_exits_with_1(
    bare: Terminal, robot: type[Robot]
) -> None:
    with standing_in(Answer({"errcode": 93000, "errmsg": "invalid webhook url"})) as stand_in:
        robot.at(stand_in)
        result = bare.type("channels", "test", "XZ", "--channel", "企业微信群机器人")
    assert result.exit_code == 1
    assert "93000 invalid webhook url" in result.stdout.splitlines()[-1]


def test_a_program_reads_the_exchange(bare: Terminal, robot: type[Robot]) -> None:
    with standing_in() as stand_in:
        robot.at(stand_in)
        answer = bare.ask("channels", "test", "XZ")
    assert (answer["channel"], answer["sent"], answer["error"]) == ("wecom_robot", True, None)
    assert len(answer["exchange"]) == 4


def test_an_account_is_tried_by_its_channel(
    bare: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Answer({"errcode": 0, "access_token": "tok-geheim", "expires_in": 7200})
    with standing_in(token) as stand_in:
        for name, value in {"URL": stand_in.base, "CORP_ID": "w", "AGENT_ID": "1"}.items():
            monkeypatch.setenv(f"DUBAN_WECOM_{name}", value)
        monkeypatch.setenv("DUBAN_WECOM_SECRET", SECRET)
        result = bare.type("channels", "test", "LiWenJing")
    assert result.exit_code == 0, result.output
    assert stand_in.posted[1].body["touser"] == "LiWenJing"
    assert SECRET not in result.output and "tok-geheim" not in result.output


def test_a_person_of_the_roster_is_tried_at_the_first_usable_address(desk: Terminal) -> None:
    database = desk.database()
    with database.writing() as session:
        person = Person(name="周试通")
        session.add(person)
        session.flush()
        person.addresses = [
            Address(channel=ChannelKind.DINGTALK, value="XZ", position=2),
            Address(channel=ChannelKind.EMAIL, value="zhou@yunchuan.example", position=1),
        ]
    database.close()
    answer = desk.ask("channels", "test", "周试通")
    assert (answer["channel"], answer["address"]) == ("email", "zhou@yunchuan.example")
    assert len(list((desk.home / "outbox").iterdir())) == 1
    refused = desk.refused("channels", "test", "周试通", "--channel", "飞书机器人")
    assert "飞书机器人" in refused


def test_what_is_nothing_is_refused_in_one_sentence(desk: Terminal) -> None:
    assert "它不是邮箱" in desk.refused("channels", "test", "没有此人")


def test_an_unknown_channel_lists_the_known_ones(bare: Terminal) -> None:
    said = bare.refused("channels", "test", "x", "--channel", "传真")
    assert all(word in said for word in CHANNELS.values())
