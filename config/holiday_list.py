"""Reading a year's list of holidays (放假安排): the State Council's notice as text, or a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from config.holiday_notice import (
    HolidayListError,
    ListedDay,
    Written,
    check_made_up,
    read_notice,
    said,
)
from config.tables import OLE, ZIP, decoded, read_table

OFF, WORK = "放假", "上班"
COLUMNS = ("日期", "类型")
IS_TABLE = re.compile(r"\s*([^\n]*[,，\t])?[\s\"]*(日期|类型)[\s\"]*([,，\t]|$)", re.MULTILINE)
"""The first line has a column of that very name; a notice only speaks of dates."""

DAY = (
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:\s*[(（]?(?:周|星期)([一二三四五六日天])[)）]?|[ T]\d{1,2}:\d{2}\S*)?"
)
DAYS = re.compile(rf"{DAY}(?:\s*[至到~～—–]+\s*{DAY})?")


def read_holiday_list(path: Path, year: int) -> list[ListedDay]:
    """Every day the list of the year names, each once, in order.

    A table has the columns 日期 (a day, or one 至 another), 类型 (放假 or 上班) and may have
    名称. Days of the December before may be named too. Raises HolidayListError or
    TableError: one Chinese sentence.
    """
    content = path.read_bytes()
    if content.startswith((ZIP, OLE)):
        days = list(_table(path, year))
    else:
        text = decoded(path, content)
        days = list(_table(path, year)) if IS_TABLE.match(text) else read_notice(text, year)
    if not days:
        raise HolidayListError(
            f"{path.name}里没有读到任何放假或上班的日子；请核对是不是国务院办公厅的放假通知，"
            f"或者改用有“日期、类型、名称”三列的表格。"
        )
    _check_year(days, year)
    _check_once(days)
    return sorted(days, key=lambda listed: listed.day)


def _table(path: Path, year: int) -> Iterator[ListedDay]:
    rows = read_table(path)
    for row in rows:
        if any(name not in row.cells for name in COLUMNS):
            raise HolidayListError(f"{path.name}的表头里缺“日期”或“类型”；请补上后再导入。")
        kind, name = row.cells["类型"], row.cells.get("名称", "")
        if kind not in (OFF, WORK):
            raise HolidayListError(
                f"{path.name}第{row.line}行的类型是“{kind}”；只能写“放假”或“上班”，请改正。"
            )
        try:
            days = _days(row.cells["日期"])
            if kind == WORK:
                check_made_up(days)
        except HolidayListError as wrong:
            raise HolidayListError(f"{path.name}第{row.line}行：{wrong}") from None
        yield from (ListedDay(day, kind == WORK, name) for day in days)


def _days(text: str) -> list[date]:
    """The day of a cell, or every day from one to another."""
    match = DAYS.fullmatch(text)
    if match is None:
        raise HolidayListError(
            f"“{text}”不是日期；请写成 2027-01-01，或 2027-01-01至2027-01-03 这样。"
        )
    first = _written(match.groups()[:4])
    written = _written(match.groups()[4:], first) if match[5] else first
    return written.dates()


def _written(found: tuple[str | Any, ...], from_: Written | None = None) -> Written:
    year, month, day, weekday = found
    return Written(int(year), int(month), int(day), weekday, from_)


def _check_year(days: Sequence[ListedDay], year: int) -> None:
    """All of the year, or of the December before."""
    foreign = [
        listed.day
        for listed in days
        if listed.day.year != year and (listed.day.year, listed.day.month) != (year - 1, 12)
    ]
    if foreign or all(listed.day.year != year for listed in days):
        wrong = foreign[0] if foreign else days[0].day
        raise HolidayListError(
            f"这份安排里有{said(wrong)}，不是{year}年的放假安排；"
            "请核对年份或换一份文件（只可以另有上一年12月的日子）。"
        )


def _check_once(days: Sequence[ListedDay]) -> None:
    """No day twice, and none both off and worked."""
    works: dict[date, bool] = {}
    for listed in days:
        if listed.day in works:
            both = works[listed.day] != listed.works
            what = "既放假又上班" if both else f"写了两次{WORK if listed.works else OFF}"
            raise HolidayListError(f"{said(listed.day)}{what}；请对照通知，只留一处。")
        works[listed.day] = listed.works
