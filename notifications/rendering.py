"""Rendering: a letter becomes subject, text and HTML by the templates of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ledger.letters import Letter
from ledger.lines import Section
from ledger.messages import MessageKind
from notifications.notice import Notice

WEEKDAYS = "一二三四五六日"

SECTIONS = {
    Section.OWN: "由您本人办理",
    Section.OVERDUE: "已逾期",
    Section.AHEAD: "将到期",
    Section.NEWS: "情况通知",
    Section.MISSING: "未报名单",
    Section.UNDATED: "尚未定期",
}


@dataclass(frozen=True)
class Rendered:
    """A letter in words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Place:
    """What every letter says alike: the local zone, and the address where people act."""

    tz: ZoneInfo
    link: str


def render(letter: Letter, at: datetime, place: Place, notice: Notice | None = None) -> Rendered:
    """The letter in words, as of `at`; a launch needs its notice."""
    context = {
        "letter": letter,
        "link": place.link,
        "today": at.astimezone(place.tz).date(),
        "notice": notice,
        "moment": _moment_in(place.tz),
    }
    subject, text, html = (template.render(context) for template in _templates(letter.kind))
    return Rendered(" ".join(subject.split()), text, html)


def day(value: date, provisional: bool = False) -> str:
    """A date as people read it: 2017年4月30日（星期日）; one of an unpublished year says so."""
    mark = "，暂定" if provisional else ""
    return f"{value.year}年{value.month}月{value.day}日（星期{WEEKDAYS[value.weekday()]}{mark}）"


def _moment_in(tz: ZoneInfo) -> Callable[[datetime], str]:
    def moment(value: datetime) -> str:
        local = value.astimezone(tz)
        return f"{day(local.date())}{local:%H:%M}"

    return moment


@cache
def _templates(kind: MessageKind) -> tuple[Template, Template, Template]:
    folder = kind.value
    subject, text, html = (
        _environment().get_template(f"{folder}/{name}")
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return subject, text, html


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["day"] = day
    environment.globals["section_names"] = SECTIONS
    return environment
