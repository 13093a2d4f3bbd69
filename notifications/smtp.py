"""One connection to the SMTP server, kept for as many mails as the server allows."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import suppress

from config.settings import Settings, SettingsError
from notifications.mail import ChannelDown, TransportError, Unclear
from notifications.smtp_dialogue import Talking, TalkingTls
from notifications.smtp_replies import (
    CLOSING,
    Reply,
    mail_refused,
    over_size,
    recipient_refused,
    sender_refused,
)
from notifications.tls import trouble, trusting

TIMEOUT = 30
"""Seconds to wait for the server's answer."""

BROKEN = (OSError, smtplib.SMTPException)

Watch = Callable[[str], None]


class SmtpConnection:
    """Opened when first needed, reused, opened anew when the server has closed it.

    `watch` hears the dialogue line by line, without what proves who we are.
    """

    def __init__(self, settings: Settings, watch: Watch | None = None) -> None:
        self._settings, self._watch = settings, watch
        self._open: Talking | None = None

    def hand_over(self, sender: str, recipient: str, content: bytes) -> str:
        """Hand one mail to the server; what it answered.

        Raises ChannelDown when the server is out of reach, refuses the log-in or the sender;
        AddressDead when there is no such mailbox; TransportError when it refuses this recipient or
        this mail; Unclear when the line broke after the whole mail had been handed over and before
        the server answered.
        """
        reused = self._open is not None
        try:
            self._address(sender, recipient, len(content))
        except ChannelDown:
            if not reused:
                raise
            self._address(sender, recipient, len(content))  # the idle connection had been closed
        return self._transmit(content)

    def close(self) -> None:
        """Say goodbye, if connected."""
        if self._open is not None:
            with suppress(*BROKEN):
                self._open.quit()
        self._open = None

    def _address(self, sender: str, recipient: str, size: int) -> None:
        try:
            smtp = self._connected()
            smtp.ehlo_or_helo_if_needed()
            limit = smtp.esmtp_features.get("size", "")
            if limit.isdecimal() and 0 < int(limit) < size:
                raise over_size(size, int(limit))
            declared = f" SIZE={size}" if limit else ""
            mail, rcpt = Reply.of(smtp.docmd(f"MAIL FROM:<{sender}>{declared}")), None
            if mail.code == 250:
                rcpt = Reply.of(smtp.docmd(f"RCPT TO:<{recipient}>"))
        except BROKEN as error:
            self._drop()
            raise ChannelDown(f"连不上发信服务器：{_words(error)}") from error
        if rcpt is None:
            self._refused(mail, sender_refused(mail, sender))
        elif rcpt.code not in (250, 251):
            self._refused(rcpt, recipient_refused(rcpt, recipient))

    def _transmit(self, content: bytes) -> str:
        smtp = self._connected()
        handed_over = False
        try:
            reply = Reply.of(smtp.docmd("DATA"))
            if reply.code == 354:
                smtp.send(_dotted(content))
                handed_over = True
                self._say(f"> （邮件，{len(content)} 字节）")
                reply = Reply.of(smtp.getreply())
        except BROKEN as error:
            self._drop()
            if handed_over:
                raise Unclear("邮件已交出，发信服务器没有回答就断开了") from error
            raise TransportError(f"发送时断线：{_words(error)}") from error
        if reply.code != 250:
            self._refused(reply, mail_refused(reply))
        return str(reply)

    def _refused(self, reply: Reply, error: TransportError) -> None:
        """Leave the connection clean for the next mail, and say what was refused."""
        if reply.code == CLOSING or isinstance(error, ChannelDown):
            self._drop()
        else:
            with suppress(*BROKEN):
                self._connected().rset()
        raise error

    def _connected(self) -> Talking:
        if self._open is None:
            self._open = self._connect()
        return self._open

    def _connect(self) -> Talking:
        settings = self._settings
        host, port = settings.smtp_host or "", settings.smtp_port
        if settings.smtp_security == "tls":
            context = trusting(settings.ca_file)
            smtp: Talking = TalkingTls(self._say, host, port, timeout=TIMEOUT, context=context)
        else:
            smtp = Talking(self._say, host, port, timeout=TIMEOUT)
        try:
            if settings.smtp_security == "starttls":
                smtp.starttls(context=trusting(settings.ca_file))
            if settings.smtp_user:
                smtp.log_in(settings.smtp_user, self._password())
        except (*BROKEN, ChannelDown):
            smtp.close()
            raise
        return smtp

    def _password(self) -> str:
        try:
            return self._settings.password() or ""
        except SettingsError as error:
            raise ChannelDown(str(error).rstrip("。")) from error

    def _say(self, line: str) -> None:
        if self._watch is not None:
            self._watch(line)

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None


def _dotted(content: bytes) -> bytes:
    """The mail as DATA wants it: a leading dot doubled, a line with one dot at the end."""
    lines = content.replace(b"\r\n.", b"\r\n..")
    return lines.removesuffix(b"\r\n") + b"\r\n.\r\n"


def _words(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            return str(Reply.raised(error))
        case smtplib.SMTPNotSupportedError():
            return "它不提供 STARTTLS，请核对 DUBAN_SMTP_SECURITY 和端口"
        case smtplib.SMTPServerDisconnected():
            return "它断开了连接"
        case OSError():
            return trouble(error)
    return str(error) or type(error).__name__
