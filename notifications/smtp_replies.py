"""What an SMTP server's refusal means: its code (RFC 5321), and its enhanced one (RFC 3463)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from smtplib import SMTPResponseException

from ledger.titles import one_line
from notifications.mail import AddressDead, ChannelDown, TransportError, WayClosed

ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")

CLOSING = 421
"""The reply of a server that closes the connection."""

NOBODY_THERE = (550, 551, 553)
"""Replies to a recipient that mean the mailbox, if no enhanced code says otherwise."""

OF_THE_SENDER = ("5.1.7", "5.1.8")
"""Of addresses, but not of the recipient's."""

POLICY = re.compile(
    r"relay|polic|spam|block|black|denied|reject(ed)? (by|due)|frequen|limit|quota|auth|sender"
    r"|\b[A-Z]{2}:[A-Z]{3}\b",  # NetEase's short words for its rules, such as DT:SPM
    re.IGNORECASE,
)
"""What servers without enhanced codes say of their rules, with the codes of missing mailboxes."""

FULL = re.compile(
    r"quota|(mailbox|inbox|account|user)\b.*\bfull\b|storage|allocation|mailbox (size|limit)",
    re.IGNORECASE,
)
"""What servers without enhanced codes say of a mailbox that takes no more."""

OVER = re.compile(r"size|big|large|long\b|length|\bdata\b", re.IGNORECASE)
"""What they say of a mail that is too big for anybody, where the mailbox is not meant."""

EXCEEDED = 552
"""A reply for both: RFC 5321 means the mailbox, RFC 1870 the mail."""

LONGEST_SAID = 300
"""Characters of a reply that go into the record."""


@dataclass(frozen=True)
class Reply:
    """A server's answer to one command."""

    code: int
    text: str

    @classmethod
    def of(cls, answer: tuple[int, bytes]) -> Reply:
        """Of smtplib's pair; many lines become one, with nothing in it that cannot be stored."""
        words = " ".join(answer[1].decode("utf-8", "replace").split())
        return cls(answer[0], one_line(words))

    @classmethod
    def raised(cls, error: SMTPResponseException) -> Reply:
        """Of what smtplib raised."""
        text = error.smtp_error
        return cls.of((error.smtp_code, text.encode() if isinstance(text, str) else text))

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:LONGEST_SAID]

    @property
    def unreadable(self) -> bool:
        """Whether it is none: neither taken, nor put off, nor refused."""
        return self.code // 100 not in (2, 4, 5)

    @property
    def enhanced(self) -> str:
        """The enhanced code; empty where there is none."""
        found = ENHANCED.match(self.text)
        return found[1] if found else ""

    @property
    def nobody_there(self) -> bool:
        """Whether it says, of a recipient, that there is no such mailbox (any more)."""
        if self.enhanced:
            of_address = self.enhanced.startswith("5.1.") and self.enhanced not in OF_THE_SENDER
            return self.code >= 500 and (of_address or self.enhanced == "5.2.1")
        rules = POLICY.search(self.text) or FULL.search(self.text)
        return self.code in NOBODY_THERE and not rules

    @property
    def full(self) -> bool:
        """Whether it says that this mailbox takes no more, or not this one."""
        if self.enhanced:
            return self.enhanced.startswith("5.2.")
        return self.code >= 500 and FULL.search(self.text) is not None

    @property
    def too_big(self) -> bool:
        """Whether it says that the mail is bigger than the server takes."""
        exceeded = self.code == EXCEEDED and not self.enhanced and not self.full
        return self.enhanced == "5.3.4" or exceeded


def sender_refused(reply: Reply, sender: str) -> TransportError:
    """The error when the sender is not taken: nobody's mail would be."""
    if reply.too_big:
        return mail_refused(reply)
    return ChannelDown(f"发信服务器不接受发件人 {sender}：{reply}")


def recipient_refused(reply: Reply, recipient: str) -> TransportError:
    """The error when the recipient is not taken; only a missing mailbox costs the address.

    Of the mail nothing is known yet but its size, so that all else closes this way alone.
    """
    said = f"发信服务器不接受收件人 {recipient}：{reply}"
    if reply.code == CLOSING:
        return ChannelDown(f"发信服务器要求稍后再来：{reply}")
    if reply.code < 500:
        return TransportError(said)
    if reply.nobody_there:
        return AddressDead(said)
    if reply.too_big and (reply.enhanced or OVER.search(reply.text)):
        return mail_refused(reply)
    if reply.enhanced in OF_THE_SENDER:
        return _unknown_sender(reply)
    if reply.full or reply.code == EXCEEDED:
        return WayClosed(f"{said}（信箱满了或收不下）")
    return WayClosed(f"{said}（按它的规定不收，请系统管理员处理）")


def mail_refused(reply: Reply) -> TransportError:
    """The error when the mail is not taken; no address is lost to it.

    It is refused for what it is, unless the server says only now that the recipient is to blame.
    """
    if reply.code == CLOSING:
        return ChannelDown(f"发信服务器要求稍后再来：{reply}")
    said = f"发信服务器不接受这封邮件：{reply}"
    if reply.too_big:
        return TransportError(f"{said}（超过它的大小上限，请减少附件）", permanent=True)
    if reply.enhanced in OF_THE_SENDER:
        return _unknown_sender(reply)
    if reply.code >= 500 and (reply.full or reply.enhanced.startswith("5.1.")):
        return WayClosed(f"{said}（没有这个信箱，或它满了、收不下）")
    return TransportError(said, permanent=reply.code >= 500)


def _unknown_sender(reply: Reply) -> ChannelDown:
    return ChannelDown(f"发信服务器不接受发件人：{reply}，请核对 DUBAN_MAIL_FROM")


def over_size(size: int, limit: int) -> TransportError:
    """The error when the mail is bigger than the server has announced it takes; sizes in bytes."""
    return TransportError(
        f"邮件有 {_megabytes(size)} MB，超过发信服务器 {_megabytes(limit)} MB 的上限，请减少附件",
        permanent=True,
    )


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.2f}".rstrip("0").rstrip(".")
