"""The State Council's notice of a year's holidays (放假通知), read from its text.

Its wording has changed little since 2005: dates, then 放假 or 上班. A word speaks of the dates
before it, back to the last comma or word, so that clauses that only explain (为法定节假日,
公休日调至…) name no day. A date without a month is of the month last named, one without a year of
the list's year; a December day at 元旦 is of the year before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = "一二三四五六日"
LONGEST = 31
"""Days off in a row beyond which a range is a slip of the pen."""


class HolidayListError(Exception):
    """The list cannot be taken; str() is one Chinese sentence that says what to do."""


@dataclass(frozen=True)
class ListedDay:
    """A day a list names: worked, or off; `name` is the festival's, if written."""

    day: date
    works: bool
    name: str = ""


TOKEN = re.compile(
    r"(?P<to>[至到~—–-]+)?(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日"
    r"(?:\([^()]*?(?:(?:周|星期)(?P<weekday>[一二三四五六日天]))?\))?"
    r"|(?P<off>放假|补休)(?:(?:调休|公休)?,?共?(?P<count>\d+)天)?"
    r"|(?P<work>上班)"
    r"|[,;。]|公休|法定"
)
HEADING = re.compile(r"(?:\(?[一二三四五六七八九十]{1,2}[、)])?(?!其中)([^、。:;,()\d]{2,12}):")
OF_YEAR = re.compile(r"(\d{4})年(?:部分)?(?:节假日|元旦|放假)")


def read_notice(text: str, year: int) -> list[ListedDay]:
    """The days in the order of the text; none when it is no such notice.

    Raises HolidayListError for another year's notice, a day that does not exist, a weekday or a
    number of days that does not fit, a day called 上班 that is worked anyway.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    meant = [int(found) for found in OF_YEAR.findall(plain)]
    if meant and year not in meant:
        raise HolidayListError(
            f"这是{meant[0]}年的放假安排，不是{year}年的；请核对年份，或换一份文件。"
        )
    _, *parts = HEADING.split(f":{plain}")
    items = zip(parts[::2], parts[1::2], strict=True) if parts else [("", plain)]
    return [listed for name, words in items for listed in Item(name, year).days(words)]


def said(day: date) -> str:
    """A date with its weekday."""
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


@dataclass(frozen=True)
class Written:
    """A date as written, not yet known to exist; `from_` begins the range that it ends."""

    year: int
    month: int
    day: int
    weekday: str | None
    from_: Written | None = None

    def dates(self) -> list[date]:
        """The day, or every day of the range."""
        last = self._date()
        first = self.from_._date() if self.from_ else last
        length = (last - first).days + 1
        if not 0 < length <= LONGEST:
            raise HolidayListError(f"{said(first)}至{said(last)}，起止不对；请对照通知改正。")
        return [first + timedelta(days=n) for n in range(length)]

    def _date(self) -> date:
        try:
            day = date(self.year, self.month, self.day)
        except ValueError:
            raise HolidayListError(
                f"{self.year}年{self.month}月{self.day}日这一天不存在；请对照通知改正。"
            ) from None
        weekday = (self.weekday or "").replace("天", "日")
        if weekday and WEEKDAYS[day.weekday()] != weekday:
            raise HolidayListError(
                f"{said(day)}在文件里写成周{weekday}，日期与星期对不上；"
                "请核对年份是否正确，或对照通知改正。"
            )
        return day


class Item:
    """What the notice says of one festival."""

    def __init__(self, name: str, year: int) -> None:
        self._name, self._year = name, year
        self._last: Written | None = None

    def days(self, words: str) -> Iterator[ListedDay]:
        """The days these words call 放假 or 上班."""
        pending: list[Written] = []
        for match in TOKEN.finditer(words):
            if match["day"]:
                self._take(match, pending)
                continue
            if match["off"] or match["work"]:
                days = [day for written in pending for day in written.dates()]
                _check(match, days)
                yield from (ListedDay(day, bool(match["work"]), self._name) for day in days)
            pending.clear()

    def _take(self, match: re.Match[str], pending: list[Written]) -> None:
        month = int(match["month"] or (self._last.month if self._last else 0))
        if match["year"]:
            year = int(match["year"])
        elif self._last and not match["month"]:
            year = self._last.year
        else:
            year = self._year - (month == 12 and "元旦" in self._name)
        begun = pending.pop() if match["to"] and pending else None
        self._last = Written(year, month, int(match["day"]), match["weekday"], begun)
        pending.append(self._last)


def _check(match: re.Match[str], days: list[date]) -> None:
    count = int(match["count"] or 0)
    if match["off"] == "放假" and days and count and count != len(days):
        raise HolidayListError(
            f"{said(days[0])}起写明放假{count}天，按起止日期却是{len(days)}天；请对照通知改正。"
        )
    if match["work"]:
        check_made_up(days)


def check_made_up(days: list[date]) -> None:
    """Days called 上班 are Saturdays and Sundays: others are worked anyway."""
    for day in days:
        if day.weekday() < 5:
            raise HolidayListError(f"{said(day)}本来就上班，不必写成上班；请对照通知改正。")
