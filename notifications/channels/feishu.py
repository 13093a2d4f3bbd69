"""The Feishu group robot (飞书自定义机器人), with or without signing.

Form, limits and codes: open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (a request at most
20 KB; 100 a minute and 5 a second; 9499, 11232, 19021, 19022, 19024). What 19001 and 19007 mean and
that 9499 is also given for too many requests was read in others' programs. Cards are of the form
before 2.0, since clients of installations of one's own may be old.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any

from apprise.plugins.feishu import NotifyFeishu

from notifications.channels.lengths import fitted
from notifications.channels.one_call import OneCall, encoded
from notifications.channels.verdicts import Fate, Verdict, verdicts

LONGEST = 20_000
"""Bytes of a request."""


class FeishuRobot(OneCall, NotifyFeishu):  # type: ignore[no-untyped-call]
    """One message to one group."""

    kind_words = "飞书机器人"
    native = re.compile(r"(?P<base>https?://[^/?#@\s]+)/open-apis/bot/v2/hook/(?P<key>[\w-]+)/?")
    example = "https://open.feishu.cn/open-apis/bot/v2/hook/…"
    notify_url = "https://open.feishu.cn/open-apis/bot/v2/hook/{token}"
    body_maxlen = LONGEST
    code_names = ("code", "StatusCode")
    words_name = "msg"
    verdicts = (
        Verdict(19001, Fate.DEAD, "机器人不存在，请核对 {variable}", "token"),
        *verdicts(Fate.DEAD, "机器人已停用", 19007),
        *verdicts(Fate.PASSING, "发得太多，稍后会再试", 11232),
        Verdict(9499, Fate.PASSING, "发得太多，稍后会再试", "too many"),
        *verdicts(Fate.REFUSED, "消息的内容不合要求", 9499, 19001, 19002),
        *verdicts(Fate.CLOSED, "请核对签名密钥 {variable}_SIGN，并校准本机时钟", 19021),
        *verdicts(Fate.CLOSED, "请把本机的出口 IP 加进机器人的白名单", 19022),
        *verdicts(Fate.CLOSED, "机器人设了关键词而消息里没有，请改用签名校验", 19024),
    )

    secret: str | None = None

    def say(self, body: str, title: str) -> str:
        """Post it; what was answered. Raises TransportError."""
        signed = self._signed()

        def payload(text: str) -> dict[str, Any]:
            if self.markdown:
                return {**signed, "msg_type": "interactive", "card": card(title, text)}
            return {**signed, "msg_type": "text", "content": {"text": text}}

        whole = self.whole(body, title)
        text = fitted(whole, lambda part: len(encoded(payload(part))) <= LONGEST, self.wire.link)
        return self.post(self.notify_url.format(token=self.token), payload(text))

    def _signed(self) -> dict[str, str]:
        """Moment and signature: the key signs nothing, together with the moment it is the key."""
        if not self.secret:
            return {}
        timestamp = str(int(self.mail.at.timestamp()))
        key = f"{timestamp}\n{self.secret}".encode()
        sign = base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()
        self.wire.secrets.add(sign)
        return {"timestamp": timestamp, "sign": sign}


def card(title: str, text: str) -> dict[str, Any]:
    """A card with a title and one part in Markdown."""
    return {
        "config": {"wide_screen_mode": True},
        "header": {"title": {"tag": "plain_text", "content": title}},
        "elements": [{"tag": "markdown", "content": text}],
    }
