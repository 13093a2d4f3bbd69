"""One connection to the SMTP server, kept for as many mails as the server allows."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from functools import cached_property

from config.settings import Settings
from notifications.mail import ChannelDown, TransportError, Unclear

TIMEOUT = 30
"""Seconds to wait for the server's answer."""

GOODBYE = 421
"""The reply of a server that closes the connection."""

BROKEN = (OSError, smtplib.SMTPException)


class SmtpConnection:
    """Opened when first needed, reused, opened anew when the server has closed it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: smtplib.SMTP | None = None

    def hand_over(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand one mail to the server.

        Raises ChannelDown when the server is out of reach, refuses the log-in or the sender;
        TransportError when it refuses this recipient or this mail; Unclear when the line broke
        after the whole mail had been handed over and before the server answered.
        """
        reused = self._open is not None
        try:
            self._address(sender, recipient)
        except ChannelDown:
            if not reused:
                raise
            self._address(sender, recipient)  # the server had closed the idle connection
        self._transmit(content)

    def close(self) -> None:
        """Say goodbye, if connected."""
        if self._open is not None:
            with suppress(*BROKEN):
                self._open.quit()
        self._open = None

    def _address(self, sender: str, recipient: str) -> None:
        try:
            smtp = self._connected()
            smtp.ehlo_or_helo_if_needed()
            mail, rcpt = smtp.mail(sender), None
            if mail[0] == 250:
                rcpt = smtp.rcpt(recipient)
        except BROKEN as error:
            self._drop()
            raise ChannelDown(f"连不上发信服务器：{_words(error)}") from error
        if rcpt is None:
            self._drop()
            raise ChannelDown(f"发信服务器不接受发件人 {sender}：{_said(mail)}")
        if rcpt[0] not in (250, 251):
            self._refused(rcpt, f"发信服务器不接受收件人 {recipient}")

    def _transmit(self, content: bytes) -> None:
        smtp = self._connected()
        handed_over = False
        try:
            reply = smtp.docmd("DATA")
            if reply[0] == 354:
                smtp.send(_dotted(content))
                handed_over = True
                reply = smtp.getreply()
        except BROKEN as error:
            self._drop()
            if handed_over:
                raise Unclear("邮件已交出，发信服务器没有回答就断开了") from error
            raise TransportError(f"发送时断线：{_words(error)}") from error
        if reply[0] != 250:
            self._refused(reply, "发信服务器不接受这封邮件")

    def _refused(self, reply: tuple[int, bytes], what: str) -> None:
        """Leave the connection clean for the next mail, and say what was refused."""
        if reply[0] == GOODBYE:
            self._drop()
            raise ChannelDown(f"发信服务器要求稍后再来：{_said(reply)}")
        with suppress(*BROKEN):
            self._connected().rset()
        raise TransportError(f"{what}：{_said(reply)}", permanent=reply[0] >= 500)

    def _connected(self) -> smtplib.SMTP:
        if self._open is None:
            self._open = self._connect()
        return self._open

    def _connect(self) -> smtplib.SMTP:
        host, port = self._settings.smtp_host or "", self._settings.smtp_port
        if self._settings.smtp_security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=TIMEOUT, context=self._context
            )
        else:
            smtp = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            if self._settings.smtp_security == "starttls":
                smtp.starttls(context=self._context)
            if self._settings.smtp_user:
                smtp.login(self._settings.smtp_user, self._settings.password() or "")
        except BROKEN:
            smtp.close()
            raise
        return smtp

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Built once: it costs as much as a dozen mails."""
        return ssl.create_default_context()

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None


def _dotted(content: bytes) -> bytes:
    """The mail as DATA wants it: a leading dot doubled, a line with one dot at the end."""
    lines = content.replace(b"\r\n.", b"\r\n..")
    return lines.removesuffix(b"\r\n") + b"\r\n.\r\n"


def _said(reply: tuple[int, bytes]) -> str:
    return f"{reply[0]} {reply[1].decode('utf-8', 'replace')}"


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return f"{error.smtp_code} {said}"
    return str(error) or type(error).__name__
