"""duban submission missing: the day's list of the missing (未报名单), to be pasted into a chat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from desk.speech import Answer, Voice
from desk.workplace import Desk
from ledger.finding import find_campaign
from ledger.owing import Owing, owing

AHEAD = 3
"""Working days before the due date from which a matter is listed, as the reminders begin."""


def list_missing(desk: Desk, campaign: str | None, until: date | None) -> Answer:
    """Who has not handed in what is overdue or due soon, campaign by campaign."""
    upto = until or desk.calendar.shift(desk.today, AHEAD)
    which = find_campaign(desk.session, campaign) if campaign else None
    found = owing(desk.session, upto, desk.now, desk.calendar, which)
    if not found:
        return Answer([], [f"截至 {upto} 到期的都已报齐，今天没有未报名单。"])
    return Answer(found, list(_said(found, desk)))


def _said(found: Sequence[Owing], desk: Desk) -> Iterator[str]:
    voice = Voice(desk.calendar)
    for number, (short, group) in enumerate(groupby(found, key=lambda row: row.campaign)):
        if number:
            yield ""
        yield f"【{short}】未报名单（{voice.words(desk.today)}）"
        for at, row in enumerate(group, start=1):
            when = f"期限 {voice.words(row.due)}，{_how_late(row, desk.today)}"
            counts = f"应报 {row.owed}，已报 {row.received}，"
            counts += f"{'退回待改' if row.returned else '未报'} {len(row.names)}："
            yield f"{at}. {row.title}：{when}；{counts}"
            yield "、".join(row.names)


def _how_late(row: Owing, today: date) -> str:
    if row.days_late:
        return f"已逾期 {row.days_late} 天"
    days = (row.due - today).days
    return f"还有 {days} 天" if days else "今天截止"
