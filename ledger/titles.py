"""What people read where the ledger keeps keys: the names of periods, obligations and problems."""

from __future__ import annotations

import re

from ledger.periods import Cycle

TEN_DAYS = ("上旬", "中旬", "下旬")
HALVES = ("上半年", "下半年")


def period_name(period: str) -> str:
    """A period's key as people say it: 2017-W16 is 2017年第16周; empty for a one-off."""
    if period == Cycle.ONCE.value:
        return ""
    if event := re.fullmatch(r"event-(\d+)", period):
        return f"第{event[1]}次"
    year, *parts = period.split("-")
    return f"{year}年" + "".join(_part_name(part) for part in parts)


def _part_name(part: str) -> str:
    letter, number = part[0], part[1:]
    match letter:
        case "W":
            return f"第{int(number)}周"
        case "Q":
            return f"第{int(number)}季度"
        case "H":
            return HALVES[int(number) - 1]
        case "T":
            return TEN_DAYS[int(number) - 1]
    return f"{int(part)}月"


def one_line(text: str) -> str:
    """What a person typed, on one line and with nothing in it that cannot be seen."""
    if text.isprintable():
        return text
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def obligation_title(respondent: str, what: str, period: str) -> str:
    """Respondent, matter and period."""
    name = period_name(period)
    return f"{respondent}·{what}" + (f"（{name}）" if name else "")


def problem_title(number: int, unit: str, matter: str) -> str:
    """Number, unit and matter."""
    return f"第{number}号 {unit}·{matter}"
