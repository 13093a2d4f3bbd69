"""Any service that takes JSON by POST: SMS gateways, and what a bureau has built itself.

It gets {"to", "subject", "text", "link", "id"} and says by a status of 2xx that it has taken the
message; `id` is the message's own and the same each time it is sent. A body that is an object with
`success` or `ok` false, or `errcode` other than 0, says that it has not. The address is a plain
one, or one of Apprise's (json://, jsons://) where headers or a password are asked for.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Self
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from apprise.plugins.custom_json import NotifyJSON

from ledger.titles import one_line
from notifications.channels.one_call import (
    HEADERS,
    LONGEST_WORDS,
    OneCall,
    answered,
    encoded,
)
from notifications.channels.verdicts import wrong_status
from notifications.channels.web import Question, Reply
from notifications.mail import Unclear, WayClosed

SHORT, LONG = 3, 6
"""Characters: a part of an address shorter than the one is no secret, from the other on it is one
wherever it stands."""


class Webhook(OneCall, NotifyJSON):  # type: ignore[no-untyped-call]
    """One message to one service."""

    kind_words = "通用接口"
    native = re.compile(r"(?P<base>https?://[^/?#@\s]+)(?P<key>[/?][!-~]*)?")
    example = "https://…，或 Apprise 的 jsons://…"

    address: SplitResult
    own_headers: dict[str, str]
    to = ""
    at_home = False

    @classmethod
    def at(cls, url: str) -> Self:
        """For a plain address; raises TypeError when Apprise takes it for none."""
        parts = urlsplit(url)
        hook = cls(host=parts.hostname, port=parts.port, secure=parts.scheme == "https")
        hook.address, hook.own_headers = parts, {}
        return hook

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> Self:
        """For an address of Apprise's, already taken apart."""
        hook = cls(**arguments)
        place = f"{hook.host}:{hook.port}" if hook.port else str(hook.host)
        scheme = "https" if hook.secure else "http"
        query = urlencode(hook.params)
        hook.address = SplitResult(scheme, place, quote(hook.fullpath), query, "")
        hook.own_headers = dict(hook.headers)
        if hook.user:
            pair = f"{hook.user}:{hook.password or ''}".encode()
            hook.own_headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return hook

    def secrets(self) -> set[str]:
        """What nobody may see: the path, the query, the headers' values, who logs in and how."""
        address = self.address
        whole = {f"{address.path}?{address.query}", address.path, address.query} - {"/", "?", "/?"}
        parts = {part for part in self._parts() if len(part) >= LONG}
        return _in_each_form({*whole, *parts, *self._proofs()})

    def words(self) -> set[str]:
        """Of that what is so short that it is hidden only where it stands alone."""
        parts = {part for part in self._parts() if SHORT <= len(part) < LONG}
        return _in_each_form({*parts, self.user or ""}) - self.secrets()

    def _parts(self) -> set[str]:
        """The parts of the path, the values in the query, the user."""
        pairs = self.address.query.split("&")
        values = {value or name for name, _, value in (pair.partition("=") for pair in pairs)}
        return {*self.address.path.split("/"), *values, self.user or ""}

    def _proofs(self) -> set[str]:
        """The password, and the headers with the pair in base64 that stands in one of them."""
        given = set(self.own_headers.values())
        bare = {value.removeprefix("Basic ") for value in given}
        return {self.password or "", *given, *bare, *(value.rstrip("=") for value in bare)}

    def say(self, body: str, title: str) -> str:
        """Post it; what was answered. Raises TransportError."""
        mail = self.mail
        content = encoded(
            {
                "to": self.to or mail.to_name,
                "subject": title,
                "text": self.noted(mail.text),  # no Markdown: it may become a short message
                "link": self.wire.link,
                "id": mail.key,
            }
        )
        self.see(f"> POST {self.address.geturl()}")
        self.see(f"> {content.decode()}")
        question = Question(self.address, content, {**HEADERS, **self.own_headers})
        reply = self.wire.web.ask(question)
        self.show(reply)
        return self.judged(reply)

    def judged(self, reply: Reply) -> str:
        """What was answered, when that is a success; raises TransportError when it is none."""
        who = self.wire.who
        if not 200 <= reply.status < 300:
            raise wrong_status(who, self.wire.variable, reply.status)
        words = self.wire.mask(one_line(reply.body.decode("utf-8", "replace")))[:LONGEST_WORDS]
        if reply.cut:
            raise Unclear(f"{who}的回答没有读完（{reply.cut}）")
        answer = answered(reply)
        if answer.get("success") is False or answer.get("ok") is False or _code(answer):
            raise WayClosed(f"{who}没有收下：{words}")
        return f"HTTP {reply.status} {words}".rstrip()


def _code(answer: dict[str, Any]) -> bool:
    """Whether there is a code that is not 0."""
    return str(answer.get("errcode", 0)) != "0"


def _in_each_form(secrets: set[str]) -> set[str]:
    """As they stand in an address, and as they are meant."""
    return {form for text in secrets for form in (text, unquote(text), quote(text, safe=""))} - {""}
