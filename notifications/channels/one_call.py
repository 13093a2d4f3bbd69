"""Plugins of Apprise, each for one message to one recipient in one call over our own client.

Apprise knows the vendors' addresses, keys and signatures. Its own calls look at the HTTP status
alone, open a connection each, wait between calls and log what they send with the keys in it; so
every plugin here says for itself what is posted, and this base posts it and reads the answer.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from apprise import NotifyFormat, NotifyType
from apprise.plugins.base import NotifyBase

from ledger.titles import one_line
from notifications.channels.lengths import unaddressed
from notifications.channels.verdicts import Verdict, refusal, wrong_status
from notifications.channels.web import Question, Reply, Web
from notifications.mail import Mail, TransportError, Unclear

SILENT = logging.Logger("silent")
SILENT.disabled = True
"""Apprise logs keys it finds wrong; nothing of that goes anywhere."""

HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "duban"}

LONGEST_WORDS = 200
"""Characters of what a vendor said that go into the record."""

SHOWN = 2048
"""Bytes of an answer that are shown to whoever watches."""

Watch = Callable[[str], None]
"""Hears each line of an exchange, with nothing secret in it."""


def nobody(line: str) -> None:
    """Watches nothing."""


@dataclass
class Wire:
    """What a plugin needs to make its call; `who` and `variable` name the robot to people.

    Secrets are hidden wherever they stand, `words` where they are no part of another word.
    """

    web: Web
    link: str
    who: str
    variable: str
    watch: Watch = nobody
    secrets: set[str] = field(default_factory=set, repr=False)
    words: set[str] = field(default_factory=set, repr=False)

    def mask(self, text: str) -> str:
        """The text with stars where a secret stood, an answer that repeats it included."""
        for secret in sorted(filter(None, self.secrets), key=len, reverse=True):
            text = text.replace(secret, "****")
        for word in sorted(self.words, key=len, reverse=True):
            text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", "****", text)
        return text


class OneCall(NotifyBase):  # type: ignore[no-untyped-call]
    """The base, before the plugin's own class; `native` finds `base` and `key` in an address."""

    logger = SILENT
    request_rate_per_sec = 0
    title_maxlen = 250
    service_retry = 0

    kind_words: ClassVar[str]
    native: ClassVar[re.Pattern[str]]
    example: ClassVar[str]
    code_names: ClassVar[tuple[str, ...]] = ("errcode",)
    words_name: ClassVar[str] = "errmsg"
    verdicts: ClassVar[Iterable[Verdict]] = ()

    notify_url: str
    at_home = True
    wire: Wire
    mail: Mail
    said: str

    def tell(self, wire: Wire, mail: Mail) -> str:
        """Say the message; what was answered. Raises TransportError."""
        self.wire, self.mail = wire, mail
        self.notify_format = NotifyFormat.MARKDOWN if mail.robot else NotifyFormat.TEXT
        if not self.notify(body=mail.robot or mail.text, title=one_line(mail.subject)):
            raise TransportError(f"{wire.who}：消息没有内容，没有发出", permanent=True)
        return self.said

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        attach: Any = None,
        **rest: Any,
    ) -> bool:
        """What Apprise calls; raises TransportError."""
        self.said = self.say(body, title)
        return True

    def say(self, body: str, title: str) -> str:
        """Post the message in the vendor's form; what was answered. Raises TransportError."""
        raise NotImplementedError

    @property
    def markdown(self) -> bool:
        """Whether the message is given as Markdown."""
        return bool(self.mail.robot)

    def whole(self, body: str, title: str) -> str:
        """All there is to say, without anything in it that would call people to attention.

        The title, where the form has no place for it, the body, and what cannot be sent along.
        """
        text = body if self.markdown else f"{title}\n{body}"
        return unaddressed(self.noted(text))

    def noted(self, text: str) -> str:
        """The text, and the names of the files that only e-mail can carry."""
        if not self.mail.attachments:
            return text
        names = "、".join(file.name for file in self.mail.attachments)
        return f"{text.rstrip()}\n\n附件未随本消息发出，请到 {self.wire.link} 查看：{names}"

    def moved_to(self, base: str) -> None:
        """Post to this host, which may be another than the vendor's: the bureau's own."""
        parts = urlsplit(self.notify_url)
        own = f"{parts.scheme}://{parts.netloc}"
        self.at_home = base == own
        self.notify_url = self.notify_url.replace(own, base)

    def post(self, url: str, payload: Mapping[str, Any]) -> str:
        """Post it and judge the answer."""
        return self.judged(self.ask(url, payload))

    def ask(self, url: str, payload: Mapping[str, Any]) -> Reply:
        """Post it, seen by whoever watches."""
        body = encoded(payload)
        self.see(f"> POST {url}")
        self.see(f"> {body.decode()}")
        reply = self.wire.web.ask(Question(urlsplit(url), body, HEADERS))
        self.show(reply)
        return reply

    def show(self, reply: Reply) -> None:
        """Let whoever watches see the answer."""
        self.see(f"< HTTP {reply.status}")
        body = self.wire.mask(one_line(reply.body.decode("utf-8", "replace")))  # before it is cut
        self.see(f"< {body.encode()[:SHOWN].decode('utf-8', 'ignore')}")

    def see(self, line: str) -> None:
        """Let whoever watches see a line."""
        self.wire.watch(self.wire.mask(line))

    def judged(self, reply: Reply) -> str:
        """What was answered, when that is a success; raises TransportError when it is none."""
        who, variable = self.wire.who, self.wire.variable
        code, words = self.verdict(reply)
        if code:
            raise refusal(self.verdicts, who, variable, code, words)
        if not 200 <= reply.status < 300:
            raise wrong_status(who, variable, reply.status)
        if code is None:
            raise Unclear(f"{who}的回答读不懂（{reply.cut or '不是约定的 JSON'}）")
        return f"HTTP {reply.status} {code} {words}".rstrip()

    def verdict(self, reply: Reply) -> tuple[int | None, str]:
        """The code and the words in the body; no code when it cannot be read."""
        answer = answered(reply)
        codes = (_number(answer[name]) for name in self.code_names if name in answer)
        words = self.wire.mask(one_line(str(answer.get(self.words_name) or "")))
        return next(codes, None), words[:LONGEST_WORDS]


def encoded(payload: Mapping[str, Any]) -> bytes:
    r"""JSON in UTF-8: WeCom refuses characters written as \uxxxx (code 40033)."""
    return json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")


def answered(reply: Reply) -> dict[str, Any]:
    """The object in the body; empty when there is none."""
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _number(value: Any) -> int | None:
    """A code as a number: some answer "0" in quotes."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
