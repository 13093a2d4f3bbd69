"""What templates say dates, moments, sections and long texts with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ledger.letters import Letter
from ledger.lines import Section
from ledger.titles import one_line

WEEKDAYS = "一二三四五六日"

SECTIONS = {
    Section.OWN: "由您本人办理",
    Section.OVERDUE: "已逾期",
    Section.AHEAD: "将到期",
    Section.NEWS: "情况通知",
    Section.MISSING: "未报名单",
    Section.UNDATED: "尚未定期",
}

LONGEST = 8_000
"""Characters of a text shown in HTML: two of them, however escaped, are not clipped by Gmail."""

THE_REST = "……正文较长，其余部分见本邮件的纯文本部分，或向活动办索取。"


def day(value: date, provisional: bool = False) -> str:
    """A date as people read it: 2017年4月30日（星期日）; one of an unpublished year says so."""
    mark = "，暂定" if provisional else ""
    return f"{value.year}年{value.month}月{value.day}日（星期{WEEKDAYS[value.weekday()]}{mark}）"


@dataclass(frozen=True)
class LocalTime:
    """Says moments as they are there."""

    tz: ZoneInfo

    def __call__(self, moment: datetime) -> str:
        """2017年4月30日（星期日）09:00."""
        local = moment.astimezone(self.tz)
        return f"{day(local.date())}{local:%H:%M}"


def paragraphs(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line for line in map(one_line, text.splitlines()) if line]


def excerpt(text: str) -> list[str]:
    """Its paragraphs as far as there is room, and a word on the rest."""
    found: list[str] = []
    room = LONGEST
    for paragraph in paragraphs(text):
        found.append(paragraph[:room])
        room -= len(paragraph)
        if room < 0:
            return [*found, THE_REST]
    return found


def campaigns(letter: Letter) -> str:
    """The campaigns a letter is about, in a word."""
    shorts = list(dict.fromkeys(line.campaign for line in letter.lines if line.campaign))
    if len(shorts) > 1:
        return f"{shorts[0]}等{len(shorts)}个活动"
    return shorts[0] if shorts else "督办"


def notes(letter: Letter) -> tuple[str, ...]:
    """What the reader must know before reading on."""
    return tuple(_notes(letter))


def _notes(letter: Letter) -> Iterator[str]:
    if letter.again:
        yield "这条消息可能已经发过一次，如已收到请忽略。"
    if letter.instead_of:
        yield f"本消息原发给{letter.instead_of}，因其地址不能用，转发给您。"
    if letter.stands_in:
        yield f"{'、'.join(letter.stands_in)}外出期间由您代收。"
