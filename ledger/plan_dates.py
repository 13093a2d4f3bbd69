"""Dates as notices write them: a day, a month, 上旬, 月底, 年底, 七一前; and dates that depend."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ledger.horizon import FIRST_DAY, LAST_DAY, MOST_WORKDAYS, RIGHT, is_within
from ledger.plan_faults import misfit

FESTIVALS = {
    "元旦": (1, 1),
    "三八": (3, 8),
    "植树节": (3, 12),
    "五一": (5, 1),
    "五四": (5, 4),
    "六一": (6, 1),
    "七一": (7, 1),
    "八一": (8, 1),
    "教师节": (9, 10),
    "国庆": (10, 1),
}
FORMS = (
    "应当写成 2017-04-28、2017-04、2017、2017-04上旬（中旬、下旬）、"
    "2017-04月底、2017年底或 2017七一前"
)

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})(上旬|中旬|下旬|月底)?")
_YEAR = re.compile(r"(\d{4})(年底)?")
_EVE = re.compile(r"(\d{4})(\D+)前")
_OPENED = re.compile(r"opened\s*\+\s*(\d+)")

_FORM = "|".join(
    [
        *(form.pattern for form in (_DAY, _MONTH, _YEAR)),
        rf"\d{{4}}\s*({'|'.join(FESTIVALS)})前",
    ]
)
_Year = Annotated[int, Field(ge=FIRST_DAY.year, le=LAST_DAY.year)]
Written = Annotated[str, Field(pattern=rf"^(?=20)({_FORM})$")] | _Year
"""A date as it stands in a plan's text; a bare year is a number there."""

OpenedText = Annotated[str, Field(pattern=rf"^opened\s*\+\s*\d{{1,{len(str(MOST_WORKDAYS))}}}$")]


class Relative(StrEnum):
    """A date that moves with what it is written relative to."""

    STAGE_END = "stage_end"
    CAMPAIGN_END = "campaign_end"


STAGE_END = Relative.STAGE_END
CAMPAIGN_END = Relative.CAMPAIGN_END


@dataclass(frozen=True)
class OpenedPlus:
    """So many working days after the item's stage opens."""

    workdays: int


DueRule = date | Relative | OpenedPlus | None


@dataclass(frozen=True)
class Span:
    """The first and the last day that a written date can mean."""

    first: date
    last: date


def reckoned(day: date) -> date:
    """The day as it stands; a misfit when it lies beyond the horizon."""
    if not is_within(day):
        raise misfit(f"{day} 超出范围", f"{RIGHT}，请核对年份")
    return day


def read_span(value: object) -> Span:
    """The days a written date covers.

    A fault for a form not known, a day that does not exist, or one beyond the horizon.
    """
    text = str(value).strip()
    if match := _DAY.fullmatch(text):
        return _one(_day(text, *map(int, match.groups())))
    if match := _MONTH.fullmatch(text):
        return _part_of_month(text, int(match[1]), int(match[2]), match[3])
    if match := _YEAR.fullmatch(text):
        last = _day(text, int(match[1]), 12, 31)
        return _one(last) if match[2] else Span(last.replace(month=1, day=1), last)
    if match := _EVE.fullmatch(text):
        return _one(_eve(text, int(match[1]), match[2].strip()))
    raise misfit(f"“{text}”不是认得的日期", FORMS)


def read_first(value: object) -> date | None:
    """The day a written date begins: a month means its first day; None where nothing is written."""
    return None if value is None else read_span(value).first


def read_last(value: object) -> date | None:
    """The day a written date ends: a month means its last day; None where nothing is written."""
    return None if value is None else read_span(value).last


def read_until(value: object) -> date | Relative | None:
    """The last day of a window; `campaign_end` stands for 至活动结束."""
    return CAMPAIGN_END if value == CAMPAIGN_END else read_last(value)


def read_due(value: object) -> DueRule:
    """A due date: written out, or `stage_end`, `campaign_end`, `opened+5` (working days)."""
    if value in (STAGE_END, CAMPAIGN_END):
        return Relative(str(value))
    if match := _OPENED.fullmatch(str(value).strip()):
        return OpenedPlus(_workdays(match[1]))
    return read_last(value)


FirstDay = Annotated[date | None, BeforeValidator(read_first, Written | None)]
LastDay = Annotated[date | None, BeforeValidator(read_last, Written | None)]
Until = Annotated[
    date | Relative | None,
    BeforeValidator(read_until, Written | Literal[Relative.CAMPAIGN_END] | None),
]
Due = Annotated[DueRule, BeforeValidator(read_due, Written | Relative | OpenedText | None)]


def _workdays(digits: str) -> int:
    if len(digits) > len(str(MOST_WORKDAYS)):
        raise misfit(f"“opened+{digits}”太多", f"应当不多于 {MOST_WORKDAYS} 个工作日")
    return int(digits)


def _one(day: date) -> Span:
    return Span(day, day)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise misfit(f"“{text}”这个日期不存在", "应当是日历上有的日期，请对照通知原文") from None
    return reckoned(found)


def _part_of_month(text: str, year: int, month: int, part: str | None) -> Span:
    first = _day(text, year, month, 1)
    last = first.replace(day=calendar.monthrange(year, month)[1])
    match part:
        case "上旬":
            return Span(first, first.replace(day=10))
        case "中旬":
            return Span(first.replace(day=11), first.replace(day=20))
        case "下旬":
            return Span(first.replace(day=21), last)
        case "月底":
            return _one(last)
    return Span(first, last)


def _eve(text: str, year: int, festival: str) -> date:
    if festival not in FESTIVALS:
        right = f"应当写具体日期，或用：{'、'.join(FESTIVALS)}"
        raise misfit(f"“{text}”里的“{festival}”不是日期固定的节日", right)
    month, day = FESTIVALS[festival]
    return reckoned(_day(text, year, month, day) - timedelta(days=1))
