"""What an answer means: who is to blame, and whether the same would happen again.

The vendors answer HTTP 200 to what they refuse and put a code into the body. One table a vendor
says what its codes mean; a code nobody has listed closes this way for this message, so that no
address is lost to a code we do not know, and the message still reaches somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from notifications.mail import AddressDead, ChannelDown, TransportError, Unclear, WayClosed


def _refused(sentence: str) -> TransportError:
    return TransportError(sentence, permanent=True)


class Fate(Enum):
    """What becomes of the message and its address."""

    DEAD = "nobody is reached there any more"
    CLOSED = "nothing goes there as things are; another way may take it"
    REFUSED = "this message is not taken for what it is, and would be nowhere"
    PASSING = "later it may be taken"
    DOWN = "nothing is taken from anybody as things are"

    def error(self, sentence: str) -> TransportError:
        """The error that says so."""
        return ERRORS[self](sentence)


ERRORS: dict[Fate, Callable[[str], TransportError]] = {
    Fate.DEAD: AddressDead,
    Fate.CLOSED: WayClosed,
    Fate.REFUSED: _refused,
    Fate.PASSING: TransportError,
    Fate.DOWN: ChannelDown,
}


@dataclass(frozen=True)
class Verdict:
    """What a code means; with `says`, only where the vendor's words contain that, in lower case.

    In the advice, {variable} stands for the setting the robot's address is in.
    """

    code: int
    fate: Fate
    advice: str = ""
    says: str = ""


def verdicts(fate: Fate, advice: str, *codes: int) -> list[Verdict]:
    """The same of several codes."""
    return [Verdict(code, fate, advice) for code in codes]


def refusal(
    table: Iterable[Verdict], who: str, variable: str, code: int, words: str
) -> TransportError:
    """The error for a code; the vendor's code and words stand in it."""
    known = (v for v in table if v.code == code and v.says in words.lower())
    verdict = next(known, Verdict(code, Fate.CLOSED))
    advice = verdict.advice.format(variable=variable)
    sentence = f"{who}没有收下：{code} {words}".rstrip()
    return verdict.fate.error(f"{sentence}（{advice}）" if advice else sentence)


PASSING = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}
"""Statuses that pass: too much at once, or a fault of the other side."""

TOO_LARGE = 413
"""The one status that blames the message."""

UNANSWERED = 504
"""A gateway that forwarded the message and heard nothing."""


def wrong_status(who: str, variable: str, status: int) -> TransportError:
    """The error for an answer that is no success by its status alone."""
    said = f"{who}没有收下：HTTP {status}"
    if status == UNANSWERED:
        return Unclear(f"{who}的网关没有等到回答：HTTP {status}")
    if status in PASSING:
        return TransportError(f"{said}（对方忙或出错，稍后会再试）")
    if status == TOO_LARGE:
        return _refused(f"{said}（消息超过它的大小上限）")
    if 300 <= status < 400:
        return WayClosed(f"{said}（对方要转到别处，这里不跟随；请把 {variable} 改成最终的网址）")
    return WayClosed(f"{said}（请核对 {variable}）")
