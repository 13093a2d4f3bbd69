"""The WeCom app: its token, its request, and members who are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from ledger.addresses import ChannelKind
from notifications.channels import Channels
from notifications.mail import AddressDead, ChannelDown, TransportError, Unclear, WayClosed
from tests.notifications.outgoing import LINK, MAIL, mail_to, send, settings_at
from tests.notifications.standin import HANG, OK, Answer, StandIn, standing_in

pytestmark = pytest.mark.no_ledger

TOKEN = Answer({"errcode": 0, "errmsg": "ok", "access_token": "tok-1", "expires_in": 7200})
OTHER_TOKEN = Answer({"errcode": 0, "errmsg": "ok", "access_token": "tok-2", "expires_in": 7200})


def app_at(stand_in: StandIn, home: Path, **more: Any) -> Settings:
    return settings_at(
        home,
        wecom_url=stand_in.base,
        wecom_corp_id="ww1234",
        wecom_agent_id=1000002,
        **({"wecom_secret": "s3cr3t/+"} | more),
    )


def refused(
    home: Path, *answers: Answer | str, account: str = "LiWenJing", wait: float = 10.0
) -> TransportError:
    with standing_in(*answers) as stand_in, pytest.raises(TransportError) as error:
        send(app_at(stand_in, home), ChannelKind.WECOM, mail_to(account), wait=wait)
    return error.value


def test_the_token_is_asked_for_and_the_message_posted_as_documented(tmp_path: Path) -> None:
    with standing_in(TOKEN) as stand_in:
        said = send(app_at(stand_in, tmp_path), ChannelKind.WECOM, mail_to("LiWenJing"))
    asked, posted = stand_in.posted
    assert said == "HTTP 200 0 ok"
    assert (asked.method, asked.path) == ("GET", "/cgi-bin/gettoken")
    assert asked.query == {"corpid": "ww1234", "corpsecret": "s3cr3t/+"}
    assert (posted.path, posted.query) == ("/cgi-bin/message/send", {"access_token": "tok-1"})
    assert posted.body == {
        "touser": "LiWenJing",
        "agentid": 1000002,
        "msgtype": "markdown",
        "markdown": {"content": MAIL.robot},
    }


def test_without_markdown_it_is_text(tmp_path: Path) -> None:
    with standing_in(TOKEN) as stand_in:
        send(app_at(stand_in, tmp_path), ChannelKind.WECOM, mail_to("LiWenJing", robot=""))
    body = stand_in.posted[1].body
    assert (body["msgtype"], body["text"]["content"]) == ("text", f"{MAIL.subject}\n{MAIL.text}")


def test_a_long_list_keeps_to_2048_bytes_and_says_what_is_left_out(tmp_path: Path) -> None:
    lines = [f"{n}. 云川市第{n}中学已逾期{n}天" for n in range(1, 301)]
    with standing_in(TOKEN) as stand_in:
        mail = mail_to("LiWenJing", robot="\n".join(lines))
        send(app_at(stand_in, tmp_path), ChannelKind.WECOM, mail)
    content = stand_in.posted[1].body["markdown"]["content"]
    *kept, _, last = content.split("\n")
    assert kept == lines[: len(kept)]
    assert last == f"……另有 {300 - len(kept)} 行，请到 {LINK} 查看"
    assert 1900 < len(content.encode()) <= 2048


def test_the_token_is_kept_for_the_next_message(tmp_path: Path) -> None:
    with standing_in(TOKEN) as stand_in:
        with Channels(app_at(stand_in, tmp_path)) as channels:
            for account in ("LiWenJing", "ZhaoMing", "wang.wu@y-c_1"):
                channels[ChannelKind.WECOM].send(mail_to(account))
        assert [posted.method for posted in stand_in.posted] == ["GET", "POST", "POST", "POST"]
        assert stand_in.connections == 1


def test_a_token_that_has_expired_is_asked_for_again(tmp_path: Path) -> None:
    short = Answer({"errcode": 0, "access_token": "tok-0", "expires_in": 1})
    with standing_in(short, OK, TOKEN) as stand_in:
        with Channels(app_at(stand_in, tmp_path)) as channels:
            for _ in range(2):
                channels[ChannelKind.WECOM].send(mail_to("LiWenJing"))
        assert [posted.method for posted in stand_in.posted] == ["GET", "POST", "GET", "POST"]


@pytest.mark.parametrize("code", [40014, 42001, 40001])
def test_a_token_that_is_not_taken_is_asked_for_once_more(code: int, tmp_path: Path) -> None:
    stale = Answer({"errcode": code, "errmsg": "invalid access_token"})
    with standing_in(TOKEN, stale, OTHER_TOKEN) as stand_in:
        send(app_at(stand_in, tmp_path), ChannelKind.WECOM, mail_to("LiWenJing"))
    tokens = [p.query["access_token"] for p in stand_in.posted if p.method == "POST"]
    assert tokens == ["tok-1", "tok-2"]


def test_a_second_token_that_is_not_taken_is_the_settings_fault(tmp_path: Path) -> None:
    stale = Answer({"errcode": 40014, "errmsg": "invalid access_token"})
    found = refused(tmp_path, TOKEN, stale, OTHER_TOKEN, stale)
    assert isinstance(found, ChannelDown) and "DUBAN_WECOM_SECRET" in str(found)


@pytest.mark.parametrize(
    ("code", "error", "advice"),
    [
        (60111, AddressDead, "没有这个账号"),
        (81013, AddressDead, "没有这个账号"),
        (40003, AddressDead, "没有这个账号"),
        (45009, TransportError, "稍后"),
        (-1, TransportError, "稍后"),
        (60020, ChannelDown, "可信IP"),
        (40056, ChannelDown, "DUBAN_WECOM_AGENT_ID"),
        (40058, TransportError, "内容"),
        (987654, WayClosed, "987654"),
    ],
)
def test_each_code_says_whose_fault_it_is(
    code: int, error: type[TransportError], advice: str, tmp_path: Path
) -> None:
    found = refused(tmp_path, TOKEN, Answer({"errcode": code, "errmsg": "no"}))
    assert type(found) is error and advice in str(found) and str(code) in str(found)
    assert found.permanent is (code in (60111, 81013, 40003, 40058, 987654))


def test_a_success_that_names_the_member_as_invalid_is_none(tmp_path: Path) -> None:
    answer = Answer({"errcode": 0, "errmsg": "ok", "invaliduser": "LiWenJing"})
    found = refused(tmp_path, TOKEN, answer)
    assert isinstance(found, AddressDead) and "LiWenJing" in str(found)


def test_a_member_without_a_licence_keeps_the_address(tmp_path: Path) -> None:
    answer = Answer({"errcode": 0, "errmsg": "ok", "unlicenseduser": "LiWenJing"})
    found = refused(tmp_path, TOKEN, answer)
    assert isinstance(found, WayClosed)


@pytest.mark.parametrize("account", ["@all", "all", "a,b", "a b", "#3", "+3", "李文静", "", "a|b"])
def test_what_is_no_one_members_account_is_refused_unsent(account: str, tmp_path: Path) -> None:
    with standing_in(TOKEN) as stand_in, pytest.raises(AddressDead, match="不是企业微信账号"):
        send(app_at(stand_in, tmp_path), ChannelKind.WECOM, mail_to(account))
    assert stand_in.posted == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"errcode": 40001, "errmsg": "invalid credential"}),
        Answer({"errcode": 987654, "errmsg": "what is that"}),
        Answer("", 404),
        HANG,
        Answer("<html>"),
    ],
)
def test_without_a_token_nothing_has_left_and_no_member_is_to_blame(
    answer: Answer | str, tmp_path: Path
) -> None:
    assert isinstance(refused(tmp_path, answer, wait=0.5), ChannelDown)


def test_a_message_nobody_answered_may_have_left(tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path, TOKEN, HANG, wait=0.5), Unclear)


def test_an_app_that_is_not_set_says_what_to_set(tmp_path: Path) -> None:
    channels = Channels(settings_at(tmp_path))
    assert not channels.can(ChannelKind.WECOM)
    with pytest.raises(ChannelDown, match="DUBAN_WECOM_CORP_ID"):
        channels[ChannelKind.WECOM].send(mail_to("LiWenJing"))


def test_the_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("aus-der-datei\n")
    with standing_in(TOKEN) as stand_in:
        settings = app_at(stand_in, tmp_path, wecom_secret=None, wecom_secret_file=file)
        assert Channels(settings).can(ChannelKind.WECOM)
        send(settings, ChannelKind.WECOM, mail_to("LiWenJing"))
    assert stand_in.posted[0].query["corpsecret"] == "aus-der-datei"
