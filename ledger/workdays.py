"""Working days as China's law has them: holidays, make-up working days (调休上班日), office hours.

The State Council publishes each year's list in the November or December before. A year without a
list is *provisional*: Monday to Friday, and whoever shows such a date says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS = time(8, 30)
CLOSES = time(18, 0)
DAILY_AT = time(9, 0)

MISSING_FROM_PACKAGE = frozenset({date(2005, 12, 31)})
"""Make-up working days the package does not know (国办发明电〔2005〕35号)."""


class YearStatus(StrEnum):
    """Whether the State Council has published a year."""

    PUBLISHED = "published"
    PROVISIONAL = "provisional"


@dataclass(frozen=True)
class YearList:
    """The list of one year, as imported: weekdays off and rest days worked.

    It may also move days of the December before. What it does not name stays as it was.
    Raises ValueError with a Chinese sentence when it contradicts itself or names a foreign date.
    """

    year: int
    status: YearStatus
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if both := self.off & self.work:
            raise ValueError(
                f"{self.year}年的放假安排里，{min(both)}既放假又上班；请对照国务院通知改正。"
            )
        foreign = [day for day in self.off | self.work if not self._covers(day)]
        if foreign:
            raise ValueError(
                f"{self.year}年的放假安排里有{min(foreign)}；只能写当年和上一年12月的日期，请改正。"
            )

    def _covers(self, day: date) -> bool:
        return day.year == self.year or (day.year, day.month) == (self.year - 1, 12)


class WorkCalendar:
    """Answers every question about working days and office hours; never reads the clock.

    `years` are imported lists; a date named there beats the package, and where two lists name
    the same date the later year's, which was published later, holds. On a day of `closed` nobody
    works, whatever a list says.
    """

    def __init__(
        self,
        tz: ZoneInfo = SHANGHAI,
        opens: time = OPENS,
        closes: time = CLOSES,
        daily_at: time = DAILY_AT,
        years: Mapping[int, YearList] | None = None,
        closed: Collection[date] = (),
    ) -> None:
        if opens >= closes:
            raise ValueError(f"办公时间从{opens:%H:%M}到{closes:%H:%M}不成立；请让开始早于结束。")
        self.tz = tz
        self.opens = opens
        self.closes = closes
        self.daily_at = daily_at
        self._lists = dict(sorted((years or {}).items()))
        self._closed = frozenset(closed)
        self._named = {**_named_days(self._lists), **dict.fromkeys(self._closed, False)}
        self._years: dict[int, tuple[date, ...]] = {}

    def knowing(self, years: Mapping[int, YearList], closed: Collection[date]) -> WorkCalendar:
        """The same zone and hours, with these lists and closed days beside those it has."""
        return WorkCalendar(
            tz=self.tz,
            opens=self.opens,
            closes=self.closes,
            daily_at=self.daily_at,
            years={**self._lists, **years},
            closed=self._closed.union(closed),
        )

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day."""
        days = self._workdays(day.year)
        at = bisect_left(days, day)
        return at < len(days) and days[at] == day

    def provisional(self, day: date) -> bool:
        """Whether the day's year has no published list yet."""
        if day.year in self._lists:
            return self._lists[day.year].status is YearStatus.PROVISIONAL
        return _package_workdays(day.year) is None

    def written(self, day: date) -> str:
        """The day inside a sentence; one of an unpublished year says 暂定."""
        return f"{day}（暂定）" if self.provisional(day) else f"{day}"

    def shift(self, day: date, n: int) -> date:
        """The n-th working day strictly after `day`, or strictly before when n < 0; 0: `day`."""
        if n == 0:
            return day
        year, days = day.year, self._workdays(day.year)
        at = bisect_right(days, day) + n - 1 if n > 0 else bisect_left(days, day) + n
        while at >= len(days):
            at -= len(days)
            year += 1
            days = self._workdays(year)
        while at < 0:
            year -= 1
            days = self._workdays(year)
            at += len(days)
        return days[at]

    def count(self, after: date, upto: date) -> int:
        """How many working days d there are with after < d <= upto; 0 when upto <= after."""
        if upto <= after:
            return 0
        whole = sum(len(self._workdays(year)) for year in range(after.year, upto.year))
        done = bisect_right(self._workdays(after.year), after)
        return whole + bisect_right(self._workdays(upto.year), upto) - done

    def week_opens(self, day: date) -> date | None:
        """The first working day of the day's ISO week; None when the whole week rests."""
        monday = _monday(day)
        first = self._first_from(monday)
        return first if first < monday + timedelta(weeks=1) else None

    def next_list(self, day: date) -> date:
        """The first working day of the next ISO week after the day's that has one."""
        return self._first_from(_monday(day) + timedelta(weeks=1))

    def local_day(self, moment: datetime) -> date:
        """The calendar date on which the moment falls here."""
        return self._local(moment).date()

    def start_of(self, day: date) -> datetime:
        """00:00 of the day."""
        return datetime.combine(day, time.min, self.tz)

    def end_of(self, day: date) -> datetime:
        """24:00 of the day, which is 00:00 of the next: the first moment that is too late."""
        return self.start_of(day + timedelta(days=1))

    def daily_moment(self, day: date) -> datetime:
        """The moment of the day from which the daily round may run."""
        return datetime.combine(day, self.daily_at, self.tz)

    def leaves_at(self, moment: datetime) -> datetime:
        """The moment itself within office hours [opens, closes) of a working day.

        Otherwise the next opening.
        """
        local = self._local(moment)
        day = local.date()
        if not self.is_workday(day) or local.time() >= self.closes:
            day = self.shift(day, 1)
        elif local.time() >= self.opens:
            return moment
        return datetime.combine(day, self.opens, self.tz)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {moment.isoformat()}")
        return moment.astimezone(self.tz)

    def _first_from(self, day: date) -> date:
        return self.shift(day - timedelta(days=1), 1)

    def _workdays(self, year: int) -> tuple[date, ...]:
        """All working days of the year in order, worked out once."""
        if year not in self._years:
            published = _package_workdays(year)
            self._years[year] = tuple(
                day
                for day in _days_of(year)
                if self._named.get(day, _is_weekday(day) if published is None else day in published)
            )
        return self._years[year]


def _named_days(lists: Mapping[int, YearList]) -> dict[date, bool]:
    """Every date the lists name: True works, False rests. `lists` go from old to new."""
    named: dict[date, bool] = {}
    for listed in lists.values():
        named.update(dict.fromkeys(listed.off, False))
        named.update(dict.fromkeys(listed.work, True))
    return named


@cache
def _package_workdays(year: int) -> frozenset[date] | None:
    """The working days of a year the package knows; None when it does not."""
    try:
        known = frozenset(day for day in _days_of(year) if chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
    return known | {day for day in MISSING_FROM_PACKAGE if day.year == year}


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    length = (date(year, 12, 31) - first).days + 1
    return (first + timedelta(days=n) for n in range(length))


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
