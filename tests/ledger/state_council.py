"""What the State Council's notices say, typed from the notices and from nothing else.

Per year: the spans off (weekends inside them included) and the make-up working days. A notice may
move December days of the year before; those stand with the year they fall in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

Span = tuple[str, str]


@dataclass(frozen=True)
class Year:
    """The published days of one calendar year, written MM-DD."""

    year: int
    notices: tuple[str, ...]
    off: tuple[Span, ...]
    work: tuple[str, ...]

    def rests(self) -> set[date]:
        """Every day inside a span off."""
        return {day for first, last in self.off for day in _days(self._on(first), self._on(last))}

    def works(self) -> set[date]:
        """Every make-up working day."""
        return {self._on(text) for text in self.work}

    def days(self) -> list[date]:
        """Every day of the year."""
        return _days(self._on("01-01"), self._on("12-31"))

    def is_workday(self, day: date) -> bool:
        """What the notices say of the day; where they are silent, Monday to Friday."""
        return day in self.works() or (day.weekday() < 5 and day not in self.rests())

    def _on(self, text: str) -> date:
        return date.fromisoformat(f"{self.year}-{text}")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


YEARS = (
    Year(
        2006,
        ("国办发明电〔2005〕35号", "国办发明电〔2006〕49号"),
        off=(
            ("01-01", "01-03"),  # 元旦
            ("01-29", "02-04"),  # 春节
            ("05-01", "05-07"),  # 五一
            ("10-01", "10-07"),  # 十一
        ),
        work=(
            *("01-28", "02-05", "04-29", "04-30", "09-30", "10-08"),
            *("12-30", "12-31"),  # for New Year 2007
        ),
    ),
    Year(
        2011,
        ("国办发明电〔2010〕40号", "国办发明电〔2011〕45号"),
        off=(
            ("01-01", "01-03"),  # 元旦
            ("02-02", "02-08"),  # 春节
            ("04-03", "04-05"),  # 清明节
            ("04-30", "05-02"),  # 劳动节
            ("06-04", "06-06"),  # 端午节
            ("09-10", "09-12"),  # 中秋节
            ("10-01", "10-07"),  # 国庆节
        ),
        work=(
            *("01-30", "02-12", "04-02", "10-08", "10-09"),
            "12-31",  # for New Year 2012
        ),
    ),
    Year(
        2017,
        ("国办发明电〔2016〕17号", "国办发明电〔2017〕12号"),  # the latter moves no December day
        off=(
            ("01-01", "01-02"),  # 元旦
            ("01-27", "02-02"),  # 春节
            ("04-02", "04-04"),  # 清明节
            ("05-01", "05-01"),  # 劳动节
            ("05-28", "05-30"),  # 端午节
            ("10-01", "10-08"),  # 中秋节、国庆节
        ),
        work=("01-22", "02-04", "04-01", "05-27", "09-30"),
    ),
    Year(
        2025,
        ("国办发明电〔2024〕12号", "2025年11月4日通知"),  # the latter moves no December day
        off=(
            ("01-01", "01-01"),  # 元旦
            ("01-28", "02-04"),  # 春节
            ("04-04", "04-06"),  # 清明节
            ("05-01", "05-05"),  # 劳动节
            ("05-31", "06-02"),  # 端午节
            ("10-01", "10-08"),  # 国庆节、中秋节
        ),
        work=("01-26", "02-08", "04-27", "09-28", "10-11"),
    ),
    Year(
        2026,
        ("2025年11月4日通知",),
        off=(
            ("01-01", "01-03"),  # 元旦
            ("02-15", "02-23"),  # 春节
            ("04-04", "04-06"),  # 清明节
            ("05-01", "05-05"),  # 劳动节
            ("06-19", "06-21"),  # 端午节
            ("09-25", "09-27"),  # 中秋节
            ("10-01", "10-07"),  # 国庆节
        ),
        work=("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ),
)
