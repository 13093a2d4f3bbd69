"""Group robots: the requests as the vendors document them, and what their answers come to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.addresses import ChannelKind
from notifications.channels import Channels
from notifications.mail import AddressDead, ChannelDown, TransportError, Unclear
from tests.notifications.outgoing import AT, LINK, MAIL, mail_to, send, settings_at
from tests.notifications.standin import Answer, StandIn, standing_in

PATHS = {
    ChannelKind.WECOM_ROBOT: "/cgi-bin/webhook/send?key=wkey-0123456789",
    ChannelKind.DINGTALK: "/robot/send?access_token=dtoken0123456789",
    ChannelKind.FEISHU: "/open-apis/bot/v2/hook/ftoken-0123456789",
}
ROBOTS = list(PATHS)
LIMITS = {ChannelKind.WECOM_ROBOT: 4096, ChannelKind.DINGTALK: 20_000, ChannelKind.FEISHU: 20_000}


def there(kind: ChannelKind, stand_in: StandIn, patch: pytest.MonkeyPatch, sign: str = "") -> None:
    """Name the stand-in as the robot XZ."""
    patch.setenv("DUBAN_ROBOT_XZ", stand_in.base + PATHS[kind])
    if sign:
        patch.setenv("DUBAN_ROBOT_XZ_SIGN", sign)


def tell(
    kind: ChannelKind,
    home: Path,
    patch: pytest.MonkeyPatch,
    *answers: Answer | str,
    sign: str = "",
    **mail: Any,
) -> tuple[str, StandIn]:
    """Send one mail to the robot; what was said, and what came in."""
    with standing_in(*answers) as stand_in:
        there(kind, stand_in, patch, sign)
        return send(settings_at(home), kind, mail_to("XZ", **mail)), stand_in


def refused(
    kind: ChannelKind, home: Path, patch: pytest.MonkeyPatch, answer: Answer | str
) -> TransportError:
    """The error an answer comes to."""
    with pytest.raises(TransportError) as error:
        tell(kind, home, patch, answer)
    return error.value


def content(kind: ChannelKind, body: Any) -> str:
    """The text of a message in Markdown."""
    found: str = {
        ChannelKind.WECOM_ROBOT: lambda: body["markdown"]["content"],
        ChannelKind.DINGTALK: lambda: body["markdown"]["text"],
        ChannelKind.FEISHU: lambda: body["card"]["elements"][0]["content"],
    }[kind]()
    return found


def test_wecom_gets_markdown_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, stand_in = tell(ChannelKind.WECOM_ROBOT, tmp_path, monkeypatch)
    (posted,) = stand_in.posted
    assert said == "HTTP 200 0 ok"
    assert (posted.method, posted.path) == ("POST", "/cgi-bin/webhook/send")
    assert posted.query == {"key": "wkey-0123456789"}
    assert posted.headers["Content-Type"] == "application/json; charset=utf-8"
    assert posted.body == {"msgtype": "markdown", "markdown": {"content": MAIL.robot}}


def test_dingtalk_gets_markdown_with_a_title_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(ChannelKind.DINGTALK, tmp_path, monkeypatch, robot="第一行\n第二行")
    (posted,) = stand_in.posted
    assert (posted.path, posted.query) == ("/robot/send", {"access_token": "dtoken0123456789"})
    assert posted.body == {
        "msgtype": "markdown",
        "markdown": {"title": MAIL.subject, "text": "第一行  \n第二行"},
    }


def test_feishu_gets_a_card_with_a_title_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, stand_in = tell(ChannelKind.FEISHU, tmp_path, monkeypatch)
    (posted,) = stand_in.posted
    assert said == "HTTP 200 0 success"
    assert (posted.path, posted.query) == ("/open-apis/bot/v2/hook/ftoken-0123456789", {})
    assert posted.body == {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": MAIL.subject}},
            "elements": [{"tag": "markdown", "content": MAIL.robot}],
        },
    }


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (ChannelKind.WECOM_ROBOT, {"msgtype": "text", "text": {"content": "…"}}),
        (ChannelKind.DINGTALK, {"msgtype": "text", "text": {"content": "…"}}),
        (ChannelKind.FEISHU, {"msg_type": "text", "content": {"text": "…"}}),
    ],
)
def test_what_is_no_markdown_goes_as_text_below_its_subject(
    kind: ChannelKind, form: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(kind, tmp_path, monkeypatch, robot="")
    expected = json.dumps(form).replace('"\\u2026"', json.dumps(f"{MAIL.subject}\n{MAIL.text}"))
    assert stand_in.posted[0].body == json.loads(expected)


def test_dingtalk_is_signed_with_the_key_of_the_robot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(ChannelKind.DINGTALK, tmp_path, monkeypatch, sign="SECabc123")
    query = stand_in.posted[0].query
    signed = f"{query['timestamp']}\nSECabc123".encode()
    right = base64.b64encode(hmac.digest(b"SECabc123", signed, hashlib.sha256)).decode()
    assert query["sign"] == right
    assert len(query["timestamp"]) == 13


def test_feishu_is_signed_with_the_moment_and_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(ChannelKind.FEISHU, tmp_path, monkeypatch, sign="geheim")
    body = stand_in.posted[0].body
    assert body["timestamp"] == str(int(AT.timestamp()))
    key = f"{body['timestamp']}\ngeheim".encode()
    assert body["sign"] == base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_long_list_is_cut_between_lines_and_says_how_many_are_left_out(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{n}. 云川市第{n}中学的“整改报告”已逾期{n}天" for n in range(1, 1001)]
    _, stand_in = tell(kind, tmp_path, monkeypatch, robot="\n".join(lines))
    (posted,) = stand_in.posted
    text = content(kind, posted.body).replace("  \n", "\n")
    *kept, _, last = text.split("\n")
    assert kept == lines[: len(kept)]
    assert last.strip() == f"……另有 {1000 - len(kept)} 行，请到 {LINK} 查看"
    size = len(text.encode()) if kind is ChannelKind.WECOM_ROBOT else len(posted.content)
    assert LIMITS[kind] - 150 < size <= LIMITS[kind]


@pytest.mark.parametrize("kind", ROBOTS)
def test_one_line_too_long_for_anything_leaves_the_link(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(kind, tmp_path, monkeypatch, robot="督" * 30_000)
    assert content(kind, stand_in.posted[0].body) == f"……另有 1 行，请到 {LINK} 查看"


@pytest.mark.parametrize("kind", ROBOTS)
def test_nothing_in_a_message_calls_the_whole_group(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = "<at id=all></at><@all>< AT user_id='all'>第一中学</at>"
    _, stand_in = tell(kind, tmp_path, monkeypatch, robot=named)
    text = content(kind, stand_in.posted[0].body)
    assert "<" not in text and "第一中学" in text


@pytest.mark.parametrize("kind", ROBOTS)
def test_files_that_cannot_go_along_are_named(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (tmp_path / "通知原文.docx",)
    _, stand_in = tell(kind, tmp_path, monkeypatch, attachments=files)
    assert "通知原文.docx" in content(kind, stand_in.posted[0].body)


W, D, F = ROBOTS

MEANT: list[tuple[ChannelKind, int, str, type[TransportError], bool, str]] = [
    (W, 93000, "invalid webhook url", AddressDead, True, "移出群"),
    (W, 40001, "invalid credential", AddressDead, True, "DUBAN_ROBOT_XZ"),
    (W, 93004, "robot stopped", AddressDead, True, "停用"),
    (W, 45009, "api freq out of limit", TransportError, False, "稍后"),
    (W, 45033, "api concurrent out of limit", TransportError, False, "稍后"),
    (W, -1, "system busy", TransportError, False, "稍后"),
    (W, 40058, "markdown.content exceed max length 4096", TransportError, True, "内容"),
    (W, 987654, "what is that", TransportError, True, "what is that"),
    (D, 310000, "keywords not in content", TransportError, True, "关键词"),
    (D, 310000, "sign not match", TransportError, True, "DUBAN_ROBOT_XZ_SIGN"),
    (D, 310000, "invalid timestamp", TransportError, True, "时钟"),
    (D, 310000, "ip 1.2.3.4 not in whitelist", TransportError, True, "白名单"),
    (D, 310000, "", TransportError, True, "安全设置"),
    (D, 300001, "token is not exist", AddressDead, True, "DUBAN_ROBOT_XZ"),
    (D, 300005, "token is not exist", AddressDead, True, "DUBAN_ROBOT_XZ"),
    (D, 400013, "group disbanded", AddressDead, True, "解散"),
    (D, 130101, "send too fast, exceed 20 times per minute", TransportError, False, "稍后"),
    (D, 410100, "send too fast", TransportError, False, "稍后"),
    (D, 430102, "improper text", TransportError, True, "内容"),
    (D, 987654, "what is that", TransportError, True, "987654"),
    (F, 9499, "Bad Request", TransportError, True, "内容"),
    (F, 9499, "too many request", TransportError, False, "稍后"),
    (F, 11232, "frequency limited", TransportError, False, "稍后"),
    (F, 19001, "param invalid: incoming webhook access token invalid", AddressDead, True, "XZ"),
    (F, 19001, "param invalid", TransportError, True, "内容"),
    (F, 19007, "Bot Not Enabled", AddressDead, True, "停用"),
    (F, 19021, "sign match fail", TransportError, True, "DUBAN_ROBOT_XZ_SIGN"),
    (F, 19022, "Ip Not Allowed", TransportError, True, "白名单"),
    (F, 19024, "Key Words Not Found", TransportError, True, "关键词"),
    (F, 987654, "what is that", TransportError, True, "987654"),
]


@pytest.mark.parametrize(("kind", "code", "words", "error", "permanent", "advice"), MEANT)
def test_a_code_in_a_body_of_status_200_is_a_failure_that_says_whose(
    kind: ChannelKind,
    code: int,
    words: str,
    error: type[TransportError],
    permanent: bool,
    advice: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = ("code", "msg") if kind is ChannelKind.FEISHU else ("errcode", "errmsg")
    answer = Answer({fields[0]: code, fields[1]: words})
    found = refused(kind, tmp_path, monkeypatch, answer)
    assert type(found) is error
    assert found.permanent is permanent
    for part in (str(code), words, advice):
        assert part in str(found)
    assert "\n" not in str(found)


def test_feishu_says_its_code_with_a_status_of_400_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answer({"code": 11232, "msg": "frequency limited"}, status=400)
    assert not refused(ChannelKind.FEISHU, tmp_path, monkeypatch, answer).permanent


def test_feishus_older_answer_is_a_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer({"StatusCode": 0, "StatusMessage": "success"})
    said, _ = tell(ChannelKind.FEISHU, tmp_path, monkeypatch, answer)
    assert said == "HTTP 200 0"


@pytest.mark.parametrize("kind", ROBOTS)
@pytest.mark.parametrize("body", ["", "[]", "{}", "null", "<html>", '{"errcode":', "[" * 60_000])
def test_an_answer_that_says_nothing_leaves_it_open_whether_the_message_was_taken(
    kind: ChannelKind, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = refused(kind, tmp_path, monkeypatch, Answer(body))
    assert isinstance(found, Unclear) and "读不懂" in str(found)


@pytest.mark.parametrize(
    ("status", "error", "permanent"),
    [
        (500, TransportError, False),
        (503, TransportError, False),
        (429, TransportError, False),
        (504, Unclear, False),
        (403, TransportError, True),
        (404, TransportError, True),
        (302, TransportError, True),
    ],
)
@pytest.mark.parametrize("kind", ROBOTS)
def test_a_status_that_is_no_success_disables_no_address(
    kind: ChannelKind,
    status: int,
    error: type[TransportError],
    permanent: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = refused(kind, tmp_path, monkeypatch, Answer("", status))
    assert type(found) is error and found.permanent is permanent
    assert f"HTTP {status}" in str(found)


@pytest.mark.parametrize("kind", ROBOTS)
def test_messages_to_one_host_go_over_one_connection(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing_in() as stand_in, Channels(settings_at(tmp_path)) as channels:
        there(kind, stand_in, monkeypatch)
        for _ in range(3):
            channels[kind].send(mail_to("xz"))
        assert (len(stand_in.posted), stand_in.connections) == (3, 1)


def test_the_robot_may_lie_in_a_file_that_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, file = ChannelKind.WECOM_ROBOT, tmp_path / "robot"
    monkeypatch.setenv("DUBAN_ROBOT_XZ_FILE", str(file))
    with standing_in() as stand_in, Channels(settings_at(tmp_path)) as channels:
        for key in ("first-key", "other-key"):
            file.write_text(f"{stand_in.base}/cgi-bin/webhook/send?key={key}\n")
            channels[kind].send(mail_to("XZ"))
        assert [posted.query["key"] for posted in stand_in.posted] == ["first-key", "other-key"]


@pytest.mark.parametrize(
    ("kind", "url", "host", "path"),
    [
        (W, "wecombot://Key-1", "qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key=****"),
        (D, "dingtalk://Token1", "oapi.dingtalk.com", "/robot/send?access_token=****"),
        (F, "feishu://Token-1", "open.feishu.cn", "/open-apis/bot/v2/hook/****"),
    ],
)
def test_an_address_of_apprises_leads_to_the_vendor(
    kind: ChannelKind,
    url: str,
    host: str,
    path: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_XZ", url)
    monkeypatch.setattr("socket.getaddrinfo", _no_such_host)
    lines: list[str] = []
    with pytest.raises(ChannelDown, match=host):
        send(settings_at(tmp_path), kind, mail_to("XZ"), lines.append)
    assert lines[0] == f"> POST https://{host}{path}"


def _no_such_host(*_: object, **__: object) -> None:
    raise OSError(-2, "Name or service not known")


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_host_of_the_bureaus_own_that_is_down_stops_only_its_robot(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_XZ", f"http://localhost:1{PATHS[kind]}")
    with pytest.raises(TransportError, match="连不上 localhost") as found:
        send(settings_at(tmp_path), kind, mail_to("XZ"))
    assert type(found.value) is TransportError and not found.value.permanent


@pytest.mark.parametrize(
    ("address", "wanted"),
    [("YY", "DUBAN_ROBOT_YY"), ("校长群", "字母、数字"), ("", "字母、数字")],
)
def test_a_name_that_is_not_set_is_named_and_disables_nothing(
    address: str, wanted: str, tmp_path: Path
) -> None:
    with pytest.raises(TransportError, match=wanted) as found:
        send(settings_at(tmp_path), ChannelKind.DINGTALK, mail_to(address))
    assert found.value.permanent and not isinstance(found.value, AddressDead)


@pytest.mark.parametrize("kind", ROBOTS)
@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.example/other/path?key=abcdef123",
        "abcdef123",
        "https://oapi.dingtalk.com/robot/send?access_token=",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a b",
        "https://open.feishu.cn:99999999/open-apis/bot/v2/hook/",
    ],
)
def test_an_address_that_is_not_the_vendors_is_refused_in_one_sentence(
    kind: ChannelKind, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_XZ", url)
    with pytest.raises(TransportError, match="DUBAN_ROBOT_XZ") as found:
        send(settings_at(tmp_path), kind, mail_to("XZ"))
    assert found.value.permanent and "abcdef123" not in str(found.value)


def test_a_channel_can_where_a_robot_of_its_kind_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_XZ", "https://qyapi.weixin.qq.com" + PATHS[W])
    monkeypatch.setenv("DUBAN_ROBOT_SMS", "https://sms.example/send")
    monkeypatch.setenv("DUBAN_ROBOT_LOST_FILE", str(tmp_path / "nowhere"))
    channels = Channels(settings_at(tmp_path))
    assert {kind for kind in ChannelKind if channels.can(kind)} == {
        ChannelKind.EMAIL,
        ChannelKind.WECOM_ROBOT,
        ChannelKind.WEBHOOK,
    }
