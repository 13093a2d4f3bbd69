"""How a command answers: JSON for programs; tables and sentences for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import click

from desk.widths import pad, width
from ledger.workdays import WorkCalendar

WEEKDAYS = "一二三四五六日"

UNWRITTEN = "没有写入；确认后加 --yes 再来一次。"
"""Said below what was only shown."""


@dataclass(frozen=True)
class Table:
    """Rows of plain values below headings."""

    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""


@dataclass(frozen=True)
class Answer:
    """`data` goes to programs; `said`, sentences and tables, to people; `code` to the shell.

    `complains`: what is said are faults, and goes to stderr. `line_by_line`: `data` is a sequence
    and goes out as one JSON object a line.
    """

    data: Any
    said: Sequence[str | Table] = field(default_factory=tuple)
    code: int = 0
    complains: bool = False
    line_by_line: bool = False


def table(rows: Iterable[object], headings: Mapping[str, str], title: str = "") -> Table:
    """A table of some fields of equal rows; `headings` maps each field to its heading."""
    cells = [[getattr(row, name) for name in headings] for row in rows]
    return Table(tuple(headings.values()), cells, title)


class Voice:
    """Speaks to whoever asked, in local time, on one output."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar

    def answer(self, answer: Answer, *, as_json: bool) -> None:
        """Print the answer."""
        if as_json:
            for value in answer.data if answer.line_by_line else [answer.data]:
                click.echo(json.dumps(value, ensure_ascii=False, default=self._plain))
            return
        self.say(answer.said, complains=answer.complains)

    def say(self, said: Sequence[str | Table], *, complains: bool = False) -> None:
        """Print sentences and tables; complaints go to stderr."""
        for part in said:
            if isinstance(part, Table):
                self._table(part)
            else:
                click.echo(part, err=complains)

    def _plain(self, value: object) -> object:
        """What JSON can hold: dates and moments in ISO form, moments in local time."""
        if isinstance(value, datetime):
            return value.astimezone(self.calendar.tz).isoformat()
        return value.isoformat() if isinstance(value, date) else vars(value)

    def words(self, value: object) -> str:
        """A value as people read it: dates with their weekday, and 暂定 in an unpublished year."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, datetime):
            return f"{value.astimezone(self.calendar.tz):%Y-%m-%d %H:%M}"
        if isinstance(value, date):
            mark = "暂定" if self.calendar.provisional(value) else ""
            return f"{value} 周{WEEKDAYS[value.weekday()]}{mark}"
        if isinstance(value, timedelta):
            return f"{value.days} 天"
        return str(value)

    def _table(self, part: Table) -> None:
        if part.title:
            click.echo(f"\n{part.title}")
        rows = [[self.words(value) for value in row] for row in part.rows]
        if not rows:
            click.echo("（没有）")
        elif sys.stdout.isatty():
            _draw(part.headings, rows)
        else:
            _write([list(part.headings), *rows])


def _write(lines: Sequence[Sequence[str]]) -> None:
    """Columns padded with spaces, nothing cut off: for files and pipes."""
    widths = [max(width(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (pad(cell, cells) for cell, cells in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _draw(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table that fits the terminal."""
    # Rich costs a tenth of a second, which only a terminal needs to pay.
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(*headings, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)
