"""The words of an announcement: one line of title, a text, the files sent along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.announcements import LONGEST_TITLE
from ledger.errors import Refused
from ledger.intake import HandedFile

LONGEST_TEXT = 20_000
"""Characters of an announcement's text."""

UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
ENDS_A_LINE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Wording:
    """What is said, and the files sent along."""

    title: str
    text: str
    files: Sequence[HandedFile] = ()


def title_of(said: Wording) -> str:
    """The title. Raises Refused when there is none, or it is too long or of several lines."""
    title = said.title.strip()
    if not title:
        raise Refused("标题是空的；请写上标题。")
    if ENDS_A_LINE.search(title):
        raise Refused("标题里有换行或看不见的字符；请写成一行。")
    if len(title) > LONGEST_TITLE:
        raise Refused(f"标题有 {len(title)} 个字，最多 {LONGEST_TITLE} 个；请缩短，细节写进正文。")
    return title


def text_of(said: Wording) -> str:
    """The text, its lines ended alike. Raises Refused when there is none or it is no text."""
    text = said.text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Refused("正文是空的；请写上要说的话。")
    if UNSEEN.search(text):
        raise Refused("正文里有看不见的控制字符，也许不是文本文件；请另存为纯文本后重试。")
    if len(text) > LONGEST_TEXT:
        raise Refused(f"正文有 {len(text)} 个字，最多 {LONGEST_TEXT} 个；请改用附件。")
    return text


def reason_of(reason: str) -> str:
    """Why, in one line. Raises Refused when nothing is said."""
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("没有写理由；请用一句话说明为什么。")
    return reason
