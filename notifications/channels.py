"""The channels messages leave by: Apprise is the transport, one recipient and one call at a time.

Apprise's own e-mail plugin builds a TLS context for each mail, waits between mails, writes its own
headers and a Message-ID that changes. Here it checks the address and takes the call; the bytes are
ours, and they go to the SMTP server or into the outbox folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from email.utils import parseaddr
from pathlib import Path
from threading import get_ident
from typing import Any

from apprise import NotifyFormat, NotifyType
from apprise.plugins.email import NotifyEmail

from config.settings import Settings
from ledger.addresses import ChannelKind
from notifications.mail import Channel, ChannelDown, Mail, TransportError, mail_bytes
from notifications.smtp import SmtpConnection

UNSET_SENDER = "督办 <duban@localhost>"
"""The sender of .eml files where no address is set."""

Carrier = Callable[[bytes], None]


class OneMail(NotifyEmail):  # type: ignore[no-untyped-call]
    """Apprise's e-mail plugin for exactly one recipient, with our headers and our carrier."""

    def __init__(self, mail: Mail, sender: str, carry: Carrier) -> None:
        address = parseaddr(sender)[1]
        try:
            super().__init__(  # type: ignore[no-untyped-call]
                host=address.rpartition("@")[2],
                smtp_host="ours",
                from_addr=address,
                targets=[mail.to_address],
                secure_mode="insecure",
            )
        except TypeError as error:
            raise ChannelDown(f"发件人地址“{address}”不对，请改正 DUBAN_MAIL_FROM") from error
        if self.targets != [(False, mail.to_address)]:
            raise TransportError(f"收件地址“{mail.to_address}”不对，请更正", permanent=True)
        self._mail, self._sender, self._carry = mail, sender, carry

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: Any = None,
        **rest: Any,
    ) -> bool:
        """Carry the mail; raises TransportError."""
        self._carry(mail_bytes(self._mail, self._sender))
        return True


def _call(mail: Mail, sender: str, carry: Carrier) -> None:
    """One URL, one recipient, one call."""
    plugin = OneMail(mail, sender, carry)
    if not plugin.notify(body=mail.html, title=mail.subject, body_format=NotifyFormat.HTML):
        raise TransportError("Apprise 没有发出这封邮件")


class SmtpChannel:
    """Mails to the configured SMTP server, over one connection."""

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.mail_from or UNSET_SENDER
        self._connection = SmtpConnection(settings)

    def send(self, mail: Mail) -> str:
        """Hand the mail to the server; raises TransportError."""
        envelope_from = parseaddr(self._sender)[1]

        def carry(content: bytes) -> None:
            self._connection.hand_over(envelope_from, mail.to_address, content)

        _call(mail, self._sender, carry)
        return ""

    def close(self) -> None:
        """Say goodbye to the server."""
        self._connection.close()


class OutboxChannel:
    """Mails as .eml files that any mail program opens; their names sort by time.

    A file written again has the same name and the same content.
    """

    def __init__(self, folder: Path, sender: str = UNSET_SENDER, tz: tzinfo | None = None) -> None:
        self._folder, self._sender, self._tz = folder, sender, tz

    def send(self, mail: Mail) -> str:
        """Write the file, whole or not at all; raises TransportError."""
        moment = mail.leaves_at.astimezone(self._tz)
        file = self._folder / f"{moment:%Y%m%dT%H%M%S}-{mail.id:07}.eml"
        _call(mail, self._sender, lambda content: _write(file, content))
        return file.name

    def close(self) -> None:
        """Nothing is held."""


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}-{get_ident()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise ChannelDown(f"发件箱 {file.parent} 写不进去：{error.strerror}") from error


class Ways:
    """The e-mail channel: the SMTP server where one is configured, else the folder outbox/."""

    kinds = frozenset({ChannelKind.EMAIL})

    def __init__(self, settings: Settings) -> None:
        self._email: Channel
        if settings.smtp_host:
            self._email = SmtpChannel(settings)
        else:
            sender = settings.mail_from or UNSET_SENDER
            self._email = OutboxChannel(settings.home / "outbox", sender, settings.timezone)

    def __getitem__(self, kind: ChannelKind) -> Channel:
        """The channel."""
        return self._email

    def close(self) -> None:
        """Give back what it holds."""
        self._email.close()


def channels_for(settings: Settings) -> Ways:
    """The ways out set up here."""
    return Ways(settings)
