"""Mails to send and channels to send them by, without a ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.settings import Settings, read_settings
from ledger.addresses import ChannelKind
from notifications.channels import Channels
from notifications.channels.one_call import Watch, nobody
from notifications.channels.web import Web
from notifications.mail import Mail

AT = datetime(2017, 5, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LINK = "https://duban.yunchuan.example"

MAIL = Mail(
    id=7,
    key="digest:1:2017-05-03",
    to_name="李文静",
    to_address="li@yunchuan.example",
    subject="【读书】每周稿件已逾期3天",
    text="李文静：\n每周稿件已逾期3天。",
    html="<p>每周稿件已逾期3天。</p>",
    at=AT,
    leaves_at=AT,
    robot="**每周稿件**已逾期3天",
)

PATIENCE = 0.5
"""Seconds a question may take here."""


def mail_to(address: str, **more: Any) -> Mail:
    """A mail to an address."""
    return replace(MAIL, to_address=address, **more)


def settings_at(home: Path, **more: Any) -> Settings:
    """Settings of a home of their own."""
    return read_settings(home=home, base_url=LINK, **more)


def send(
    settings: Settings, kind: ChannelKind, mail: Mail, watch: Watch = nobody, wait: float = 10.0
) -> str:
    """Send one mail; what was said to it."""
    with Channels(settings, watch, Web(settings.ca_file, wait)) as channels:
        return channels[kind].send(mail)
