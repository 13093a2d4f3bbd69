"""The WeCom group robot (企业微信群机器人).

Form and limits: developer.work.weixin.qq.com/document/path/91770 (text at most 2,048 bytes,
markdown 4,096, 20 messages a minute). Codes: the same site's list of global codes, path 90313;
what 93000, 40058 and 45009 look like was read in reports of users. Whether 40001 is ever given to
a robot was not seen; it means a wrong secret, so the address stays.
"""

from __future__ import annotations

import re

from apprise.plugins.wecombot import NotifyWeComBot

from notifications.channels.lengths import fitted, within
from notifications.channels.one_call import OneCall
from notifications.channels.verdicts import Fate, verdicts

MARKDOWN, TEXT = 4096, 2048
"""Bytes."""

BUSY = verdicts(Fate.PASSING, "发得太多或对方忙，稍后会再试", -1, 45009, 45033)
CONTENT = verdicts(Fate.REFUSED, "消息的内容不合要求", 40008, 40033, 40058, 44004, 45002)


class WecomRobot(OneCall, NotifyWeComBot):  # type: ignore[no-untyped-call]
    """One message to one group."""

    kind_words = "企业微信群机器人"
    native = re.compile(r"(?P<base>https?://[^/?#@\s]+)/cgi-bin/webhook/send\?key=(?P<key>[\w-]+)")
    example = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…"
    verdicts = (
        *verdicts(Fate.DEAD, "机器人已移出群或 {variable} 不对", 93000, 93008),
        *verdicts(Fate.DEAD, "机器人已停用", 93004),
        *verdicts(Fate.CLOSED, "请核对 {variable}", 40001),
        *BUSY,
        *CONTENT,
    )

    def say(self, body: str, title: str) -> str:
        """Post it; what was answered. Raises TransportError."""
        kind, limit = ("markdown", MARKDOWN) if self.markdown else ("text", TEXT)
        content = fitted(self.whole(body, title), within(limit), self.wire.link)
        url = self.notify_url.format(key=self.key)
        return self.post(url, {"msgtype": kind, kind: {"content": content}})
