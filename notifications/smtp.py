"""One connection to the SMTP server, kept for as many mails as the server allows."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from config.settings import Settings, SettingsError
from notifications.hosts import is_host
from notifications.mail import ChannelDown, TransportError, Unclear
from notifications.smtp_dialogue import Talking
from notifications.smtp_replies import (
    CLOSING,
    Reply,
    mail_refused,
    over_size,
    recipient_refused,
    sender_refused,
)
from notifications.tls import trouble, trusting

DEADLINE = 120.0
"""Seconds one mail may take, from connecting to the last answer: well below those after which what
is being sent counts as interrupted."""

GOODBYE = 5.0
"""Seconds the end of a conversation may take."""

BROKEN = (OSError, smtplib.SMTPException)

Watch = Callable[[str], None]


class HungUp(ChannelDown):
    """The server hung up, or said it was closing, on hearing the recipient: once is chance."""


class SmtpConnection:
    """Opened when first needed, reused, opened anew when the server has closed it.

    `watch` hears the dialogue line by line, without what proves who we are.
    """

    def __init__(
        self, settings: Settings, watch: Watch | None = None, deadline: float = DEADLINE
    ) -> None:
        self._settings, self._watch, self._deadline = settings, watch, deadline
        self._until = 0.0
        self._open: Talking | None = None

    def hand_over(self, sender: str, recipient: str, content: bytes) -> str:
        """Hand one mail to the server; what it answered.

        Raises ChannelDown when the server is out of reach, refuses the log-in or the sender;
        AddressDead when there is no such mailbox; WayClosed when it refuses this recipient;
        TransportError when it refuses this mail or puts it off; Unclear when the whole mail had
        been handed over and the server did not answer.
        """
        reused = self._open is not None
        self._finish_within(self._deadline)
        try:
            self._address(sender, recipient, len(content))
        except ChannelDown as error:
            if not reused and not isinstance(error, HungUp):
                raise
            self._address(sender, recipient, len(content))  # on a new connection
        return self._transmit(_dotted(content))

    def close(self) -> None:
        """Say goodbye, if connected."""
        self._finish_within(GOODBYE)
        if self._open is not None:
            with suppress(*BROKEN):
                self._open.quit()
        self._open = None

    def _finish_within(self, seconds: float) -> None:
        self._until = monotonic() + seconds
        if self._open is not None:
            self._open.finish_by(self._until)

    def _address(self, sender: str, recipient: str, size: int) -> None:
        failure = ChannelDown
        try:
            smtp = self._connected()
            smtp.ehlo_or_helo_if_needed()
            limit = smtp.esmtp_features.get("size", "")
            if limit.isdecimal() and 0 < int(limit) < size:
                raise over_size(size, int(limit))
            declared = f" SIZE={size}" if limit else ""
            mail, rcpt = Reply.of(smtp.docmd(f"MAIL FROM:<{sender}>{declared}")), None
            if mail.code == 250:
                failure = HungUp
                rcpt = Reply.of(smtp.docmd(f"RCPT TO:<{recipient}>"))
        except (*BROKEN, UnicodeError) as error:
            self._drop()
            raise failure(f"连不上发信服务器：{_words(error)}") from error
        if rcpt is None:
            self._refused(mail, sender_refused(mail, sender))
        elif rcpt.code == CLOSING:
            self._refused(rcpt, HungUp(str(recipient_refused(rcpt, recipient))))
        elif rcpt.code not in (250, 251):
            self._refused(rcpt, recipient_refused(rcpt, recipient))

    def _transmit(self, content: bytes) -> str:
        smtp = self._connected()
        handed_over = False
        try:
            reply = Reply.of(smtp.docmd("DATA"))
            if reply.code == 354:
                smtp.send(content)
                handed_over = True
                self._say(f"> （邮件，{len(content)} 字节）")
                reply = Reply.of(smtp.getreply())
        except BROKEN as error:
            self._drop()
            if handed_over:
                raise Unclear(f"邮件已交出，发信服务器没有回答：{_words(error)}") from error
            raise TransportError(f"发送时断线：{_words(error)}") from error
        if handed_over and reply.unreadable:
            self._drop()
            raise Unclear("邮件已交出，发信服务器的回答读不懂")
        if not handed_over or reply.code >= 400:
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
        if not is_host(host):
            raise ChannelDown("DUBAN_SMTP_HOST 写的不是主机名，请改正")
        user, password = settings.smtp_user, self._password()
        secure = settings.smtp_security != "none"
        context = trusting(settings.ca_file) if secure else None
        at_once = context if settings.smtp_security == "tls" else None
        smtp = Talking(self._say, host, port, self._until, at_once)
        try:
            if context is not None and at_once is None:
                smtp.encrypt(context)
            if user:
                smtp.log_in(user, password)
        except (*BROKEN, ChannelDown):
            smtp.close()
            raise
        return smtp

    def _password(self) -> str:
        """What the user proves itself with; nothing where nobody logs in."""
        user = self._settings.smtp_user
        if not user:
            return ""
        try:
            password = self._settings.password() or ""
        except SettingsError as error:
            raise ChannelDown(str(error).rstrip("。")) from error
        for what, text in (("账号", user), ("密码", password)):
            if not (text.isascii() and text.isprintable()):
                raise ChannelDown(
                    f"发信{what}里有发信服务器不认的字符，只能是英文字母、数字和符号，请改正"
                )
        return password

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
        case smtplib.SMTPServerDisconnected(__context__=TimeoutError()):
            return "等了太久没有应答"
        case smtplib.SMTPServerDisconnected():
            return "它断开了连接"
        case UnicodeError():
            return "本机的名字里有它不认的字符，请改主机名"
        case OSError():
            return trouble(error)
    return str(error) or type(error).__name__
