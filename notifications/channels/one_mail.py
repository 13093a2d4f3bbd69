"""Apprise's e-mail plugin, for one recipient a call, with our headers and our carrier.

The plugin's own way builds a TLS context for each mail, waits between mails, writes its own headers
and a Message-ID that changes. Here it checks the addresses and takes the call; the bytes are ours.
One plugin is kept for all mails of a channel: to make one takes as long as to make a mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from apprise import NotifyFormat, NotifyType
from apprise.plugins.email import NotifyEmail
from apprise.utils.parse import is_email

from ledger.titles import one_line
from notifications.channels.one_call import SILENT
from notifications.mail import AddressDead, ChannelDown, Mail, TransportError, mail_bytes

UNSET_SENDER = "督办 <duban@localhost>"
"""The sender of .eml files where no address is set."""

SPACE = re.compile(r"[\s\x00-\x1f\x7f<>]")

Carrier = Callable[[bytes], str]
"""Takes the bytes of a mail; what was said to it. Raises TransportError."""


class OneMail(NotifyEmail):  # type: ignore[no-untyped-call]
    """One mail to one recipient at a time."""

    logger = SILENT
    request_rate_per_sec = 0
    notify_format = NotifyFormat.HTML

    def __init__(self, sender: str) -> None:
        """Raises ChannelDown when the sender's address is none."""
        address = parseaddr(sender)[1]
        if sender != UNSET_SENDER and not _is_address(address):
            raise ChannelDown(f"发件人地址“{address}”不对，请改正 DUBAN_MAIL_FROM")
        super().__init__(  # type: ignore[no-untyped-call]
            host=address.rpartition("@")[2],
            smtp_host="ours",
            from_addr=address,
            targets=[address],
            secure_mode="insecure",
        )
        self._sender = sender
        self._mail: Mail | None = None
        self._carrier: Carrier | None = None
        self._said = ""

    def carry(self, mail: Mail, carrier: Carrier) -> str:
        """Send one mail; what was said to it. Raises TransportError."""
        if not _is_address(mail.to_address):
            raise AddressDead(f"收件地址“{one_line(mail.to_address)}”不对，请更正")
        self.targets = [(False, mail.to_address)]
        self._mail, self._carrier = mail, carrier
        if not self.notify(body=mail.html or mail.text, title=mail.subject):
            raise TransportError("这封邮件没有内容，没有发出", permanent=True)
        return self._said

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: Any = None,
        **rest: Any,
    ) -> bool:
        """Hand the mail to the carrier."""
        assert self._mail is not None and self._carrier is not None
        self._said = self._carrier(mail_bytes(self._mail, self._sender))
        return True


def _is_address(text: str) -> bool:
    """Apprise finds an address in more than an address, and takes a line break for part of one."""
    if not text.isascii() or SPACE.search(text):
        return False
    found = is_email(text)  # type: ignore[no-untyped-call]
    return bool(found) and found["full_email"] == text
