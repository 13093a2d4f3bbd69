"""Markdown for group robots and accounts: what WeCom, DingTalk and Feishu all show alike.

None of them takes the same escapes, so what people typed is said with signs that mark nothing up.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

SIGNS = r"\`*_[]<>#|~!@&"

AS_TYPED = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in SIGNS})
"""Each sign that could mark something up, as its full-width sister."""

IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", " ": "%20"})


def plain(value: Any) -> Any:
    """A value put into Markdown: text is shown as it is and marks nothing up."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return Markup(value.translate(AS_TYPED).replace("://", "：//"))
    return value


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
