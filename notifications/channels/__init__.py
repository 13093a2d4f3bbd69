"""The ways out: e-mail (SMTP or a folder), the WeCom app, group robots, services that take JSON.

Apprise is the transport: one plugin, one recipient, one call; nothing is tried again here. Each way
is made when it is first asked for and kept, with its connections and what it has learned.
"""

from __future__ import annotations

from functools import cached_property
from typing import Self

from config.settings import Settings
from ledger.addresses import ChannelKind
from notifications.channels.one_call import Watch, nobody
from notifications.channels.one_mail import UNSET_SENDER
from notifications.channels.outbox import OutboxChannel
from notifications.channels.robots import RobotChannel, robots_of
from notifications.channels.smtp import SmtpChannel
from notifications.channels.web import Web
from notifications.channels.wecom import WecomChannel
from notifications.mail import Channel

__all__ = ["UNSET_SENDER", "Channels", "OutboxChannel", "SmtpChannel"]


class Channels:
    """Every way out of this process. Not for several threads at once: each makes its own.

    `watch` hears the exchanges line by line, with stars where a secret stood.
    """

    def __init__(self, settings: Settings, watch: Watch = nobody, web: Web | None = None) -> None:
        self._settings, self._watch = settings, watch
        self._web = web or Web(settings.ca_file)
        self._open: dict[ChannelKind, Channel] = {}

    def can(self, kind: ChannelKind) -> bool:
        """Whether messages can leave that way here: e-mail always, at least into its folder."""
        match kind:
            case ChannelKind.EMAIL:
                return True
            case ChannelKind.WECOM:
                return self._settings.wecom_corp_id is not None
        return bool(robots_of(kind))

    @cached_property
    def kinds(self) -> frozenset[ChannelKind]:
        """Those that can be used here."""
        return frozenset(kind for kind in ChannelKind if self.can(kind))

    def __getitem__(self, kind: ChannelKind) -> Channel:
        """The way out; one that is not configured says so of every message."""
        if kind not in self._open:
            self._open[kind] = self._made(kind)
        return self._open[kind]

    def close(self) -> None:
        """Give back what all of them hold; they may be used again."""
        for channel in self._open.values():
            channel.close()
        self._web.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _made(self, kind: ChannelKind) -> Channel:
        match kind:
            case ChannelKind.EMAIL:
                return _email(self._settings, self._watch)
            case ChannelKind.WECOM:
                return WecomChannel(self._settings, self._web, self._watch)
        return RobotChannel(kind, self._web, self._settings.base_url, self._watch)


def _email(settings: Settings, watch: Watch) -> Channel:
    """The SMTP server where one is configured, else the folder outbox/ in the home."""
    if settings.smtp_host:
        return SmtpChannel(settings, watch)
    sender = settings.mail_from or UNSET_SENDER
    return OutboxChannel(settings.home / "outbox", sender, settings.timezone)
