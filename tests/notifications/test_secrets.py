"""Secrets: read from the environment or a file, and in nothing that anybody reads."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.secrets import Robot, robots
from config.settings import SettingsError
from ledger.addresses import ChannelKind
from notifications.channels import Channels
from notifications.channels.web import Web
from notifications.mail import TransportError
from tests.notifications.outgoing import mail_to, settings_at
from tests.notifications.standin import (
    DROP,
    GIANT,
    HALF,
    HANG,
    LOOP,
    NONSENSE,
    SLOW_BODY,
    TRICKLE,
    Answer,
    standing_in,
)

pytestmark = pytest.mark.no_ledger

KEY, SIGN, TOKEN = "geheim0123456789", "SECgeheim987654", "tokgeheim5555"
HIDDEN = (KEY, SIGN, TOKEN, "geheim")

PLACES: dict[ChannelKind, Callable[[str], str]] = {
    ChannelKind.WECOM_ROBOT: lambda base: f"{base}/cgi-bin/webhook/send?key={KEY}",
    ChannelKind.DINGTALK: lambda base: f"{base}/robot/send?access_token={KEY}",
    ChannelKind.FEISHU: lambda base: f"{base}/open-apis/bot/v2/hook/{KEY}",
    ChannelKind.WEBHOOK: lambda base: f"{base}/{KEY}/send?token={TOKEN}",
}

ECHO = {name: f"you sent {KEY} and {SIGN}" for name in ("errmsg", "msg")}

ANSWERS: list[Answer | str] = [
    Answer({"errcode": 0, "code": 0, **ECHO}),
    Answer({"errcode": 93000, "code": 19001, **ECHO}),
    Answer({"errcode": 310000, "code": 19021, **ECHO}),
    Answer({"errcode": 987654, "code": 987654, **ECHO}),
    Answer(f"<html>{KEY} {SIGN}"),
    Answer(f"{KEY}", 500),
    Answer("x" * 2040 + KEY, 500),
    Answer("", 404),
    *(HANG, DROP, TRICKLE, SLOW_BODY, GIANT, LOOP, HALF, NONSENSE),
]


class Ears:
    """Everything that could be read by somebody."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self.heard: list[str] = []
        self._log = log
        log.set_level(logging.DEBUG)
        for name in ("apprise", "urllib3", "requests", "httpx", "http.client"):
            logging.getLogger(name).setLevel(logging.DEBUG)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to what is raised."""
        try:
            yield
        except TransportError as error:
            self.heard += [str(error), repr(error), *traceback.format_exception(error)]
            self.heard += [repr(vars(error)), repr(error.args)]

    def everything(self) -> str:
        return "\n".join([*self.heard, self._log.text])


@pytest.fixture
def ears(caplog: pytest.LogCaptureFixture) -> Ears:
    return Ears(caplog)


def set_up(patch: pytest.MonkeyPatch, url: str) -> None:
    patch.setenv("DUBAN_ROBOT_XZ", url)
    patch.setenv("DUBAN_ROBOT_XZ_SIGN", SIGN)


def try_out(ears: Ears, home: Path, kind: ChannelKind, address: str = "XZ", **more: Any) -> None:
    settings = settings_at(home, **more)
    with ears.listening(), Channels(settings, ears.heard.append, Web(None, 0.2)) as channels:
        ears.heard.append(channels[kind].send(mail_to(address)))
        ears.heard += [repr(channels), repr(vars(channels)), repr(settings)]


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_no_answer_of_a_robot_brings_a_secret_out(
    kind: ChannelKind,
    answer: Answer | str,
    ears: Ears,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with standing_in(answer) as stand_in:
        set_up(monkeypatch, PLACES[kind](stand_in.base))
        try_out(ears, tmp_path, kind)
    told = ears.everything()
    assert "****" in told
    assert [secret for secret in HIDDEN if secret in told] == []


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "url",
    [
        f"http://localhost:1/cgi-bin/webhook/send?key={KEY}",
        f"http://nobody.invalid/robot/send?access_token={KEY}",
        f"https://localhost:1/open-apis/bot/v2/hook/{KEY}",
        f"https://user:{KEY}@localhost:1/x",
        f"http://localhost:{KEY}/x",
        f"http://localhost:99999/{KEY}",
        f"https://[{KEY}/x",
        f"wecombot://{KEY}!",
        f"dingtalk://{KEY}!/",
        f"feishu://{KEY}!/",
        f"json://user:{KEY}@localhost:1/{TOKEN}?+X={SIGN}",
        f"json://localhost:1/?+X={SIGN}%0d%0aY:1",
        f"json://?{KEY}",
        f"{KEY}",
        f"http://localhost:1/{KEY}\x01",
    ],
)
def test_no_wrong_address_brings_a_secret_out(
    kind: ChannelKind, url: str, ears: Ears, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(monkeypatch, url)
    try_out(ears, tmp_path, kind)
    assert ears.heard
    assert [secret for secret in HIDDEN if secret in ears.everything()] == []


def token(**more: Any) -> Answer:
    return Answer({"errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200} | more)


@pytest.mark.parametrize(
    "answers",
    [
        [token()],
        [Answer({"errcode": 40001, "errmsg": f"invalid {KEY}"})],
        [HANG],
        [Answer("", 302)],
        [token(), Answer({"errcode": 42001, "errmsg": TOKEN})],
        [token(), Answer({"errcode": 987654, "errmsg": f"{TOKEN} {KEY}"})],
        [token(), HANG],
    ],
    ids=str,
)
def test_the_app_brings_no_secret_out(
    answers: list[Answer | str], ears: Ears, tmp_path: Path
) -> None:
    with standing_in(*answers) as stand_in:
        app = {"wecom_corp_id": "ww1", "wecom_agent_id": 1, "wecom_secret": KEY}
        try_out(ears, tmp_path, ChannelKind.WECOM, "LiWenJing", wecom_url=stand_in.base, **app)
    told = ears.everything()
    assert "corpsecret=****" in told
    assert [secret for secret in HIDDEN if secret in told] == []


def test_robots_are_named_by_their_variables() -> None:
    found = robots(
        {
            "DUBAN_ROBOT_A": "https://a.example",
            "DUBAN_ROBOT_A_SIGN": "s",
            "DUBAN_ROBOT_B_2_FILE": "/run/b",
            "DUBAN_ROBOT_C_SIGN_FILE": "/run/c",
            "DUBAN_ROBOT_EMPTY": " ",
            "DUBAN_HOME": "/srv",
        }
    )
    assert list(found) == ["A", "B_2", "C"]
    assert (found["A"].url(), found["A"].sign()) == ("https://a.example", "s")


def test_a_robot_without_an_address_or_with_two_is_refused_in_one_sentence() -> None:
    lonely = Robot("C", {"DUBAN_ROBOT_C_SIGN": "s"})
    twice = Robot("D", {"DUBAN_ROBOT_D": "https://d.example", "DUBAN_ROBOT_D_FILE": "/d"})
    with pytest.raises(SettingsError, match="没有设 DUBAN_ROBOT_C："):
        lonely.url()
    with pytest.raises(SettingsError, match="只能设一个"):
        twice.url()


def test_a_robots_file_that_is_missing_is_named(tmp_path: Path) -> None:
    robot = Robot("A", {"DUBAN_ROBOT_A_FILE": str(tmp_path / "nowhere")})
    with pytest.raises(SettingsError, match=r"DUBAN_ROBOT_A_FILE.*nowhere"):
        robot.url()


def test_a_robots_secrets_do_not_show() -> None:
    assert KEY not in repr(Robot("A", {"DUBAN_ROBOT_A": KEY}))
