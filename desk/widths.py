"""How wide text is on a terminal, where a Chinese sign takes two cells; wrapping and padding."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import combining, east_asian_width

CLOSING = "，。；：、！？）》”】…"
"""Signs that may not begin a line."""


def width(text: str) -> int:
    """The cells a text takes."""
    return sum(_cells(sign) for sign in text)


def pad(text: str, cells: int) -> str:
    """The text with spaces behind it, up to that many cells."""
    return text + " " * max(0, cells - width(text))


def wrap(text: str, cells: int) -> list[str]:
    """The text in lines of at most `cells`: Chinese breaks anywhere, other words at spaces."""
    lines = [""]
    for piece in _pieces(text):
        if width(lines[-1]) + width(piece.rstrip()) > cells and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _cells(sign: str) -> int:
    if combining(sign):
        return 0
    return 2 if east_asian_width(sign) in "WF" else 1


def _pieces(text: str) -> Iterator[str]:
    """What may not be torn: a word with the space behind it, or a sign with what closes it."""
    piece = ""
    for sign in " ".join(text.split()):
        torn = piece and (piece.endswith(" ") or _cells(sign) == 2 or _cells(piece[-1]) == 2)
        if torn and sign != " " and sign not in CLOSING:
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece
