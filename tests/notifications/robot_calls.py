"""Calls to a stand-in for each vendor's robot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.addresses import ChannelKind
from notifications.mail import TransportError
from tests.notifications.outgoing import mail_to, send, settings_at
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


W, D, F = ROBOTS
