"""Markdown for group robots and accounts: what WeCom, DingTalk and Feishu all show alike.

None of them takes the same escapes, so what people typed is said with signs that mark nothing up.
"""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

SIGNS = r"\`*_[]<>#|~!@&"

WIDER = 0xFEE0
"""From a sign to its full-width sister."""

AS_TYPED = str.maketrans({sign: chr(ord(sign) + WIDER) for sign in SIGNS})
"""Each sign that could mark something up anywhere."""

AT_THE_START = re.compile(r"[-+=]|\d+[.)](?=\s|$)")
"""What begins a list or a heading where it begins a line."""

IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", " ": "%20"})


def plain(value: Any) -> Any:
    """A value put into Markdown: text is shown as it is and marks nothing up."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = value.translate(AS_TYPED).replace("://", "：//")
    if found := AT_THE_START.match(text):
        last = found.end() - 1
        text = text[:last] + chr(ord(text[last]) + WIDER) + text[last + 1 :]
    return Markup(text)


def address(link: str) -> Markup:
    """A link between the brackets of one."""
    return Markup(link.translate(IN_ADDRESS))


def laid_out(text: str) -> str:
    """Blocks set apart by one empty line; within a block each line ends as a line on all three."""
    blocks: list[list[str]] = [[]]
    for line in map(str.rstrip, text.splitlines()):
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return "\n\n".join("  \n".join(block) for block in blocks if block) + "\n"
