"""Keeping within what a vendor takes: whole lines from the top, then how many are left out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

MENTION = re.compile(r"<(?=\s*/?\s*at\b|@)", re.IGNORECASE)


def unaddressed(text: str) -> str:
    """The text with nothing in it that would call somebody of the group, or all, to attention.

    WeCom reads <@userid> and Feishu <at id=all> wherever they stand, in a unit's name too.
    """
    return MENTION.sub("＜", text)


def fitted(text: str, fits: Callable[[str], bool], link: str) -> str:
    """As many whole lines as fit; where not all do, a last line counts the rest and says where.

    Nothing is cut inside a line. May return that last line alone, even if it does not fit.
    """
    if fits(text):
        return text
    lines = text.splitlines()

    def first(count: int) -> str:
        rest = sum(bool(line.strip()) for line in lines[count:])
        head = "\n".join(lines[:count]).rstrip()
        return f"{head}\n\n……另有 {rest} 行，请到 {link} 查看".lstrip("\n")

    too_many = bisect_left(range(1, len(lines)), True, key=lambda n: not fits(first(n))) + 1
    return first(too_many - 1)


def within(limit: int) -> Callable[[str], bool]:
    """Whether a text is at most so many bytes of UTF-8."""
    return lambda text: len(text.encode()) <= limit
