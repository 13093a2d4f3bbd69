"""The DingTalk group robot (钉钉机器人), with or without signing (加签).

Form and codes: open.dingtalk.com/document/orgapp/custom-robots-send-group-messages (the codes from
copies of its table: 310000 says by its words which of the robot's safety settings was not met;
410100, in an older table 130101: sent too fast). That a token that does not exist is answered with
300001 or 300005 was read in reports of users. Of the length, 20,000 bytes are the older documents'
word for a message; kept to here for the whole request, which is stricter.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlencode

from apprise.plugins.dingtalk import NotifyDingTalk

from notifications.channels.lengths import fitted
from notifications.channels.one_call import OneCall, encoded
from notifications.channels.verdicts import Fate, Verdict, verdicts

LONGEST = 20_000
"""Bytes of a request."""

SAFETY = 310000


class DingTalkRobot(OneCall, NotifyDingTalk):  # type: ignore[no-untyped-call]
    """One message to one group."""

    kind_words = "钉钉机器人"
    native = re.compile(r"(?P<base>https?://[^/?#@\s]+)/robot/send\?access_token=(?P<key>\w+)")
    example = "https://oapi.dingtalk.com/robot/send?access_token=…"
    title_maxlen = 250
    verdicts = (
        *verdicts(Fate.DEAD, "机器人不存在，请核对 {variable}", 300001, 300005, 400101, 400106),
        *verdicts(Fate.DEAD, "机器人已停用", 400102),
        *verdicts(Fate.DEAD, "群已解散", 400013),
        *verdicts(Fate.PASSING, "发得太多或对方忙，稍后会再试", -1, 130101, 410100, 90018, 90030),
        *verdicts(Fate.REFUSED, "消息的内容不合要求", 400105, 430101, 430102, 430103, 430104),
        Verdict(SAFETY, Fate.CLOSED, "请核对加签密钥 {variable}_SIGN", "sign"),
        Verdict(SAFETY, Fate.CLOSED, "机器人设了关键词而消息里没有，请改用加签", "keyword"),
        Verdict(SAFETY, Fate.CLOSED, "本机时钟不准，请校准", "timestamp"),
        Verdict(SAFETY, Fate.CLOSED, "请把本机的出口 IP 加进机器人的白名单", "whitelist"),
        Verdict(SAFETY, Fate.CLOSED, "请核对机器人的安全设置"),
    )

    def say(self, body: str, title: str) -> str:
        """Post it; what was answered. Raises TransportError."""

        def payload(text: str) -> dict[str, Any]:
            if self.markdown:  # a single line feed is no line break to DingTalk
                lines = text.replace("\n", "  \n")
                return {"msgtype": "markdown", "markdown": {"title": title, "text": lines}}
            return {"msgtype": "text", "text": {"content": text}}

        whole = self.whole(body, title)
        text = fitted(whole, lambda part: len(encoded(payload(part))) <= LONGEST, self.wire.link)
        return self.post(self._url(), payload(text))

    def _url(self) -> str:
        """The address, signed where the robot asks for it."""
        url: str = self.notify_url.format(token=self.token)
        if not self.secret:
            return url
        timestamp, quoted = self.get_signature()  # type: ignore[no-untyped-call]
        sign = unquote(quoted)  # Apprise quotes it, and then once more when it sends
        signed = urlencode({"timestamp": timestamp, "sign": sign})
        self.wire.secrets.add(signed.partition("sign=")[2])
        return f"{url}&{signed}"
