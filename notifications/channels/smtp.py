"""Mails to the configured SMTP server."""

from __future__ import annotations

from email.utils import parseaddr

from config.settings import Settings
from notifications.channels.one_call import Watch, nobody
from notifications.channels.one_mail import UNSET_SENDER, OneMail
from notifications.mail import Mail
from notifications.smtp import SmtpConnection


class SmtpChannel:
    """Mails over one connection, kept open."""

    batch = 1

    def __init__(self, settings: Settings, watch: Watch = nobody) -> None:
        self._sender = settings.mail_from or UNSET_SENDER
        self._envelope_from = parseaddr(self._sender)[1]
        self._connection = SmtpConnection(settings, watch)
        self._post: OneMail | None = None

    def send(self, mail: Mail) -> str:
        """Hand the mail to the server; its answer. Raises TransportError."""
        self._post = self._post or OneMail(self._sender)

        def hand_over(content: bytes) -> str:
            return self._connection.hand_over(self._envelope_from, mail.to_address, content)

        return self._post.carry(mail, hand_over)

    def close(self) -> None:
        """Say goodbye to the server."""
        self._connection.close()
