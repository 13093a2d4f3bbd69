"""duban calendar: import a year's list, close a day, look. Shown first, written when confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from config.holiday_list import read_holiday_list
from desk.confirming import Done, confirmed
from desk.speech import Answer, Table, Voice, table
from desk.workplace import Desk
from ledger.calendar_changes import CalendarChange, close_day, import_list
from ledger.calendars import year_row
from ledger.workdays import YearList, YearStatus


def take_in(desk: Desk, year: int, file: Path, yes: bool) -> Answer:
    """Import a year's list; what it moves is shown before anything is written."""
    days = read_holiday_list(file, year)
    listed = YearList(
        year,
        YearStatus.PUBLISHED,
        off=frozenset(listed.day for listed in days if not listed.works),
        work=frozenset(listed.day for listed in days if listed.works),
    )

    title = f"{year}年放假安排：放假 {len(listed.off)} 天，调休上班 {len(listed.work)} 天。"

    def write() -> Done:
        change = import_list(desk.session, listed, file.name, desk.actor, desk.now, desk.calendar)
        return _done(title, change)

    return confirmed(desk, write, yes)


def close(desk: Desk, day: date, reason: str, yes: bool) -> Answer:
    """Close a working day; what it moves is shown before anything is written."""

    def write() -> Done:
        change = close_day(desk.session, day, reason, desk.actor, desk.now, desk.calendar)
        return _done(f"{day} 停止办公：{reason}", change)

    return confirmed(desk, write, yes)


def _done(title: str, change: CalendarChange) -> Done:
    data = {"rests": change.rests, "works": change.works, "moves": change.moves}
    return Done(data, [title, *_said(change)])


def _said(change: CalendarChange) -> Iterator[str | Table]:
    voice = Voice(change.calendar)
    for words, days in (("改为放假", change.rests), ("改为上班", change.works)):
        if days:
            yield f"{words} {len(days)} 天：{'、'.join(map(voice.words, days))}。"
    if not change.rests and not change.works:
        yield "没有一天的上班或休息因此改变。"
    if not change.moves:
        yield "没有未了的期限、提醒和锁定因此移动。"
        return
    rows = [
        (
            row.campaign,
            row.what,
            row.period_name,
            row.count,
            row.moved,
            *map(voice.words, row.dates),
        )
        for row in change.moves
    ]
    yield Table(("活动", "内容", "期", "件数", "日期", "原为", "改为"), rows, "重新推算的日期：")


def show(desk: Desk, year: int) -> Answer:
    """The year as the ledger has it: published or not, days off, make-up days, closed days."""
    row = year_row(desk.session, year, desk.calendar)
    source = f"，来自 {row.source}" if row.source else ""
    said: list[str | Table] = [
        f"{year}年：{'已公布' if row.published else '尚未公布，暂按周一至周五'}{source}。",
        Table(
            ("起", "止", "天数"),
            [(first, last, _length(first, last)) for first, last in row.off],
            "放假",
        ),
        Table(("日期",), [(day,) for day in row.work], "调休上班"),
        table(row.closed, {"day": "日期", "reason": "理由"}, "本局停止办公"),
    ]
    return Answer(row, said)


def _length(first: date, last: date) -> int:
    return (last - first).days + 1
