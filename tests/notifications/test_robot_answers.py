"""What the answers of group robots come to: whose fault it is, and whether to try again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.addresses import ChannelKind
from notifications.mail import AddressDead, TransportError, Unclear, WayClosed
from tests.notifications.robot_calls import (
    ROBOTS,
    D,
    F,
    W,
    refused,
    tell,
)
from tests.notifications.standin import Answer

pytestmark = pytest.mark.no_ledger

ECHO = {name: "not\x00 \x1b[31mnow\ud800" for name in ("errmsg", "msg")}

MEANT: list[tuple[ChannelKind, int, str, type[TransportError], bool, str]] = [
    (W, 93000, "invalid webhook url", AddressDead, True, "移出群"),
    (W, 40001, "invalid credential", WayClosed, True, "DUBAN_ROBOT_XZ"),
    (W, 93004, "robot stopped", AddressDead, True, "停用"),
    (W, 45009, "api freq out of limit", TransportError, False, "稍后"),
    (W, 45033, "api concurrent out of limit", TransportError, False, "稍后"),
    (W, -1, "system busy", TransportError, False, "稍后"),
    (W, 40058, "markdown.content exceed max length 4096", TransportError, True, "内容"),
    (W, 987654, "what is that", WayClosed, True, "what is that"),
    (D, 310000, "keywords not in content", WayClosed, True, "关键词"),
    (D, 310000, "sign not match", WayClosed, True, "DUBAN_ROBOT_XZ_SIGN"),
    (D, 310000, "invalid timestamp", WayClosed, True, "时钟"),
    (D, 310000, "ip 1.2.3.4 not in whitelist", WayClosed, True, "白名单"),
    (D, 310000, "", WayClosed, True, "安全设置"),
    (D, 300001, "token is not exist", AddressDead, True, "DUBAN_ROBOT_XZ"),
    (D, 300005, "token is not exist", AddressDead, True, "DUBAN_ROBOT_XZ"),
    (D, 400013, "group disbanded", AddressDead, True, "解散"),
    (D, 130101, "send too fast, exceed 20 times per minute", TransportError, False, "稍后"),
    (D, 410100, "send too fast", TransportError, False, "稍后"),
    (D, 430102, "improper text", TransportError, True, "内容"),
    (D, 987654, "what is that", WayClosed, True, "987654"),
    (F, 9499, "Bad Request", TransportError, True, "内容"),
    (F, 9499, "too many request", TransportError, False, "稍后"),
    (F, 11232, "frequency limited", TransportError, False, "稍后"),
    (F, 19001, "param invalid: incoming webhook access token invalid", AddressDead, True, "XZ"),
    (F, 19001, "param invalid", TransportError, True, "内容"),
    (F, 19007, "Bot Not Enabled", AddressDead, True, "停用"),
    (F, 19021, "sign match fail", WayClosed, True, "DUBAN_ROBOT_XZ_SIGN"),
    (F, 19022, "Ip Not Allowed", WayClosed, True, "白名单"),
    (F, 19024, "Key Words Not Found", WayClosed, True, "关键词"),
    (F, 987654, "what is that", WayClosed, True, "987654"),
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


@pytest.mark.parametrize("kind", ROBOTS)
def test_nothing_that_cannot_be_stored_comes_in_with_an_answer(
    kind: ChannelKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answer({name: 93999 for name in ("errcode", "code")} | ECHO)
    assert "93999 not [31mnow" in str(refused(kind, tmp_path, monkeypatch, answer))
    said, _ = tell(kind, tmp_path, monkeypatch, Answer({"errcode": 0, "code": 0} | ECHO))
    assert said == "HTTP 200 0 not [31mnow"


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
        (403, WayClosed, True),
        (401, WayClosed, True),
        (404, WayClosed, True),
        (410, WayClosed, True),
        (400, WayClosed, True),
        (413, TransportError, True),
        (302, WayClosed, True),
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
