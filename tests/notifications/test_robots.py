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
from notifications.mail import ChannelDown, Enclosure, TransportError, WayClosed
from tests.notifications.outgoing import AT, LINK, MAIL, mail_to, send, settings_at
from tests.notifications.robot_calls import (
    LIMITS,
    PATHS,
    ROBOTS,
    D,
    F,
    W,
    content,
    tell,
    there,
)
from tests.notifications.standin import standing_in

pytestmark = pytest.mark.no_ledger


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
    files = (Enclosure(tmp_path / "sha256", "通知原文.docx"),)
    _, stand_in = tell(kind, tmp_path, monkeypatch, attachments=files)
    assert "通知原文.docx" in content(kind, stand_in.posted[0].body)


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
    with pytest.raises(WayClosed, match=wanted):
        send(settings_at(tmp_path), ChannelKind.DINGTALK, mail_to(address))


@pytest.mark.parametrize("kind", ROBOTS)
@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.example/other/path?key=abcdef123",
        "abcdef123",
        "https://oapi.dingtalk.com/robot/send?access_token=",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a b",
        "https://open.feishu.cn:99999999/open-apis/bot/v2/hook/",
        *(f"https://云川..example{path}" for path in PATHS.values()),
        *(f"https://[abc{path}" for path in PATHS.values()),
        *(f"https://oapi.example:99999999{path}" for path in PATHS.values()),
    ],
)
def test_an_address_that_is_not_the_vendors_is_refused_in_one_sentence(
    kind: ChannelKind, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_XZ", url)
    with pytest.raises(WayClosed, match="DUBAN_ROBOT_XZ") as found:
        send(settings_at(tmp_path), kind, mail_to("XZ"))
    assert "abcdef123" not in str(found.value)


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_signing_key_no_robot_has_is_said_so(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing_in() as stand_in:
        there(kind, stand_in, monkeypatch, "SEC\udcff密钥")
        with pytest.raises(WayClosed, match="DUBAN_ROBOT_XZ_SIGN"):
            send(settings_at(tmp_path), kind, mail_to("XZ"))
    assert stand_in.posted == []


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
