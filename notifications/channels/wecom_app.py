"""The WeCom app (企业微信应用): to one member, by the account the bureau's address book has.

Form: developer.work.weixin.qq.com/document/path/90236 (text and markdown at most 2,048 bytes; 30
messages a minute to one member, what is more is dropped unsaid), the access token: path 91039
(valid two hours, to be kept). Codes: path 90313. A member who is not there, or whom the app may not
see, is named in `invaliduser`, with code 0 too; one without a licence in `unlicenseduser`.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from apprise.plugins.wechat import NotifyWeChat

from notifications.channels.lengths import fitted, within
from notifications.channels.one_call import HEADERS, OneCall, answered
from notifications.channels.verdicts import Fate, verdicts
from notifications.channels.web import Question
from notifications.channels.wecom_robot import BUSY, CONTENT
from notifications.mail import AddressDead, ChannelDown, TransportError, Unclear, WayClosed

LONGEST = 2048
"""Bytes."""

STALE = frozenset({40001, 40014, 41001, 42001})
"""Codes that ask for another access token."""

MARGIN = 300.0
"""Seconds before its end from which on a token is not used any more."""

SETTINGS = "DUBAN_WECOM_CORP_ID、DUBAN_WECOM_AGENT_ID 和 DUBAN_WECOM_SECRET"


class Token:
    """The access token of the app, kept from one message to the next."""

    def __init__(self) -> None:
        self._value, self._until = "", 0.0

    def value(self) -> str:
        """The token; empty when there is none that holds."""
        return self._value if monotonic() < self._until else ""

    def keep(self, value: str, seconds: float) -> str:
        """Keep a new one."""
        self._value, self._until = value, monotonic() + max(seconds - MARGIN, 0)
        return value

    def forget(self) -> None:
        """It holds no longer."""
        self._until = 0.0


class WecomApp(OneCall, NotifyWeChat):  # type: ignore[no-untyped-call]
    """One message to one member."""

    kind_words = "企业微信应用"
    verdicts = (
        *verdicts(Fate.DEAD, "企业微信里没有这个账号，或应用看不到他", 60111, 81013, 40003, 40031),
        *verdicts(Fate.DOWN, "请核对 {variable}", *STALE, 40013, 40056, 40091, 41002, 41004),
        *verdicts(Fate.DOWN, "应用不在这个企业里，或已停用；请核对 {variable}", 301002),
        *verdicts(Fate.DOWN, "请在应用的“企业可信IP”里加上本机的出口 IP", 60020),
        *verdicts(Fate.DOWN, "应用没有发消息的权限", 48001, 48002),
        *BUSY,
        *CONTENT,
    )
    token: Token
    missing: ClassVar[dict[str, str]] = {
        "invaliduser": "企业微信里没有账号“{}”，或应用看不到他",
        "unlicenseduser": "账号“{}”没有企业微信的接口许可",
    }

    def say(self, body: str, title: str) -> str:
        """Post it; what was answered. Raises TransportError."""
        kind = "markdown" if self.markdown else "text"
        whole = self.whole(body, title)
        payload = {
            "touser": self.users[0],
            "agentid": int(self.agentid),
            "msgtype": kind,
            kind: {"content": fitted(whole, within(LONGEST), self.wire.link)},
        }
        reply = self.ask(self._url(), payload)
        if self.verdict(reply)[0] in STALE:
            self.token.forget()
            reply = self.ask(self._url(), payload)
        said = self.judged(reply)
        self._arrived(answered(reply))
        return said

    def moved_to(self, base: str) -> None:
        """Ask another host than the vendor's own, for the token too."""
        super().moved_to(base)
        self.token_url = f"{base}{urlsplit(self.token_url).path}"

    def _arrived(self, answer: dict[str, Any]) -> None:
        """Code 0 is also given when the one recipient is none."""
        for name, sentence in self.missing.items():
            if answer.get(name):
                said = sentence.format(self.users[0])
                dead = name == "invaliduser"
                raise AddressDead(said) if dead else WayClosed(said)

    def _url(self) -> str:
        token = self.token.value() or self._fetched()
        self.wire.secrets.add(token)
        return f"{self.notify_url}?{urlencode({'access_token': token})}"

    def _fetched(self) -> str:
        """A new access token; raises TransportError.

        Never Unclear: no message has left yet. Never WayClosed: it is asked for on behalf of all.
        """
        try:
            return self._asked_for()
        except (Unclear, WayClosed) as error:
            raise ChannelDown(str(error)) from error

    def _asked_for(self) -> str:
        asked = urlencode({"corpid": self.corpid, "corpsecret": self.corpsecret})
        url = f"{self.token_url}?{asked}"
        self.see(f"> GET {url}")
        reply = self.wire.web.ask(Question(urlsplit(url), headers=HEADERS, method="GET"))
        answer = answered(reply)
        token = str(answer.get("access_token") or "")
        self.wire.secrets.add(token)
        self.show(reply)
        self.judged(reply)
        if not token:
            raise TransportError(f"{self.wire.who}没有给出访问令牌")
        lasts = answer.get("expires_in")
        return self.token.keep(token, lasts if isinstance(lasts, int | float) else 7200)
