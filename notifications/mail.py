"""A mail on its way out: its content, its bytes, and the ways in which sending can fail."""

from __future__ import annotations

import hashlib
import mimetypes
from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.charset import BASE64, Charset
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from ledger.addresses import ChannelKind
from ledger.titles import one_line


class SmtpLines(Compat32):
    """CRLF at the end of each line, since servers refuse bare line feeds; headers as given.

    Ours are encoded and folded already: to fold each again takes half the time a mail costs.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header's line or lines."""
        return f"{name}: {value}\r\n".encode("ascii")


SMTP_LINES = SmtpLines(linesep="\r\n")

UTF_8 = Charset("utf-8")
UTF_8.header_encoding = UTF_8.body_encoding = BASE64
"""Chinese in base64; Apprise changes the default of the whole process to quoted-printable."""


LONGEST_LINE = 76
"""Characters of a line with encoded words in it."""


@dataclass(frozen=True)
class Enclosure:
    """A file sent along, and the name it bears."""

    path: Path
    name: str


@dataclass(frozen=True)
class Mail:
    """One message to one address. `key` is the message's own and never changes between attempts.

    `robot` is what a group robot or an account says instead of text and HTML, as Markdown. With
    `answers` it stands in the thread of the message of that key.
    """

    id: int
    key: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    at: datetime
    leaves_at: datetime
    attachments: tuple[Enclosure, ...] = ()
    robot: str = ""
    answers: str | None = None

    def message_id(self, sender: str) -> str:
        """The Message-ID: the same at each attempt, so that a mail sent twice shows once."""
        return message_id_of(self.key, sender)


def message_id_of(key: str, sender: str) -> str:
    """The Message-ID of the message of that key, at the sender's domain."""
    return f"<{quote(key.replace(':', '.'), safe='')}@{_sender(sender)[1]}>"


@cache
def _sender(sender: str) -> tuple[str, str]:
    """The sender as its header has it, and its domain: worked out once, it is always the same."""
    name, address = parseaddr(sender)
    return _address("From", name, address), address.rpartition("@")[2] or "localhost"


class TransportError(Exception):
    """The mail did not leave; str() says why. Permanent: the same would happen again."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class AddressDead(TransportError):
    """Nobody can be reached there any more: no such mailbox, a robot revoked. Permanent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class WayClosed(TransportError):
    """Nothing goes to this address as things are, though it may be right. Permanent.

    A mailbox that is full, a robot whose key is wrong: another way may take the message.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class ChannelDown(TransportError):
    """The channel takes nothing from anybody now; the mail at hand is not to blame."""


class Unclear(TransportError):
    """Nobody can say whether the mail left: the line broke while the server's answer was due."""


class Channel(Protocol):
    """A way out."""

    def send(self, mail: Mail) -> str:
        """Send one mail; what was said to it. Raises TransportError when it did not leave."""

    def close(self) -> None:
        """Give back what the channel holds; it may be used again."""


class Channels(Protocol):
    """The ways out that are set up here, by kind."""

    @property
    def kinds(self) -> frozenset[ChannelKind]:
        """Those that can be used."""

    def __getitem__(self, kind: ChannelKind) -> Channel:
        """The channel of this kind, made when first asked for and kept."""

    def close(self) -> None:
        """Give back what they hold."""


def mail_bytes(mail: Mail, sender: str) -> bytes:
    """The mail as MIME: text and HTML, then the attachments. The same mail gives the same bytes.

    Raises TransportError when an attachment cannot be read.
    """
    root = _content(mail)
    root["From"] = _sender(sender)[0]
    root["To"] = _address("To", mail.to_name, mail.to_address)
    root["Subject"] = _words("Subject", one_line(mail.subject))
    root["Date"] = format_datetime(mail.at)
    root["Message-ID"] = mail.message_id(sender)
    root["Auto-Submitted"] = "auto-generated"
    if mail.answers:
        root["In-Reply-To"] = root["References"] = message_id_of(mail.answers, sender)
    return root.as_bytes(policy=SMTP_LINES)


def _address(header: str, name: str, address: str) -> str:
    """A name and its address; folded where one line would be too long for encoded words."""
    name, address = one_line(name), one_line(address)
    whole = formataddr((name, address), UTF_8)
    if not name or len(f"{header}: {whole}") <= LONGEST_LINE:
        return whole
    words = _words(header, name)
    last = f"{header}: {words}".rpartition("\n")[2]
    fits = len(f"{last} <{address}>") <= LONGEST_LINE
    return f"{words} <{address}>" if fits else f"{words}\r\n <{address}>"


def _words(header: str, text: str) -> str:
    """Text as encoded words, each of at most 75 characters, one a line (RFC 2047)."""
    return Header(text, UTF_8, LONGEST_LINE, header).encode(linesep="\r\n")


def _content(mail: Mail) -> Message:
    mark = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    both = MIMEMultipart("alternative", boundary=f"=_a{mark}", policy=SMTP_LINES)
    both.attach(_text(mail.text, "plain"))
    both.attach(_text(mail.html, "html"))
    if not mail.attachments:
        return both
    mixed = MIMEMultipart("mixed", boundary=f"=_m{mark}", policy=SMTP_LINES)
    mixed.attach(both)
    for part in _attached(mail.attachments):
        mixed.attach(part)
    return mixed


def _text(text: str, kind: str) -> Message:
    """A part with text in it; MIMEText makes the same and takes twice as long."""
    part = Message(policy=SMTP_LINES)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(text.encode("utf-8", "replace")).decode("ascii"))
    return part


def _attached(files: tuple[Enclosure, ...]) -> Iterator[MIMEBase]:
    for file in files:
        name = one_line(file.name)
        guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
        part = MIMEBase(*guessed.split("/", 1), policy=SMTP_LINES)
        part.set_payload(_content_of(file))
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
        yield part


def _content_of(file: Enclosure) -> bytes:
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise TransportError(
            f"附件“{file.name}”读不出来：{error.strerror}；请核对文件", permanent=True
        ) from error
