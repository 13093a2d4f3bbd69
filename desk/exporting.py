"""duban messages export: the messages in a workbook or a table of text, row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import click
from openpyxl import Workbook

from desk.books import LAST_ROW, new_sheet, plain
from desk.fates import fate
from desk.lives import content
from desk.speech import Answer
from desk.vocabulary import CHANNELS, ITEM_KINDS, MESSAGE_KINDS, MESSAGE_STATES
from desk.which_messages import conditions
from desk.whole_files import written_whole
from desk.workplace import Desk
from ledger.correspondence import MessageRow, batches, message_rows
from ledger.queries import Where
from ledger.record_lines import RecordLine, record_lines

Cells = Sequence[object]

AT_ONCE = 500
OF_MESSAGE = (
    *("消息编号", "种类", "发给", "状态", "写下", "应发", "发出", "方式", "地址", "结果"),
    *("应签收", "签收", "签收人", "标题"),
)
OF_LINE = ("事", "活动", "内容", "期限", "岗位", "岗位所在单位", "为什么发给他", "没有写入的原因")
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula when it opens a table of text."""


def export(
    desk: Desk,
    to: Path,
    unit: str | None,
    person: str | None,
    campaign: str | None,
    kind: str | None,
    state: str | None,
    first: date | None,
    last: date | None,
    only_messages: bool,
) -> Answer:
    """Write a row for each line of each message, or for each message."""
    write = WRITERS.get(to.suffix.lower())
    if write is None:
        raise click.ClickException(f"“{to.name}”的结尾应是 .xlsx 或 .csv；请改文件名。")
    where = conditions(desk, unit, person, campaign, kind, state, first, last)
    headings = OF_MESSAGE if only_messages else (*OF_MESSAGE, *OF_LINE)
    rows = _rows(desk, where, only_messages)
    number = written_whole(to, lambda file: write(file, headings, rows))
    what = "条消息" if only_messages else "行（每条消息的每件事一行）"
    return Answer({"file": str(to), "rows": number}, [f"已导出 {number} {what}：{to}"])


def _rows(desk: Desk, where: Where, only_messages: bool) -> Iterator[Cells]:
    for ids in batches(desk.session, where, AT_ONCE):
        lines = {} if only_messages else record_lines(desk.session, ids)
        for row in message_rows(desk.session, ids):
            cells = _of_message(desk, row)
            if only_messages:
                yield cells
                continue
            for line in lines[row.id]:
                yield (*cells, *_of_line(line))
            if not lines[row.id]:
                yield (*cells, *("",) * len(OF_LINE))


def _of_message(desk: Desk, row: MessageRow) -> Cells:
    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(desk.calendar.tz).replace(tzinfo=None) if moment else None

    return (
        *(row.id, MESSAGE_KINDS[row.kind], row.to, MESSAGE_STATES[row.state]),
        *(local(row.created_at), local(row.leaves_at), local(row.sent_at)),
        *(CHANNELS[row.channel] if row.channel else "", row.address, fate(row)),
        *(row.sign_by, local(row.signed_at), row.signer, row.subject),
    )


def _of_line(line: RecordLine) -> Cells:
    return (
        *(ITEM_KINDS[line.kind], line.campaign, content(line), line.due),
        *(line.role.value, line.unit, line.because, line.dropped),
    )


def _write_book(to: Path, headings: Sequence[str], rows: Iterable[Cells]) -> int:
    """A workbook; what one sheet cannot hold goes on in another."""
    book, number = Workbook(write_only=True), 0
    for cells in rows:
        page, line = divmod(number, LAST_ROW - 1)
        if line == 0:
            sheet = new_sheet(book, f"消息（{page + 1}）" if page else "消息", headings)
        sheet.append([plain(sheet, value) for value in cells])
        number += 1
    if number == 0:
        new_sheet(book, "消息", headings)
    book.save(to)
    return number


def _write_text(to: Path, headings: Sequence[str], rows: Iterable[Cells]) -> int:
    """A table of text that Excel opens as UTF-8."""
    number = 0
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(headings)
        for cells in rows:
            table.writerow([_plain(value) for value in cells])
            number += 1
    return number


def _plain(value: object) -> object:
    """Dates as people write them; a text that looks like a formula is marked as text."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


WRITERS = {".xlsx": _write_book, ".csv": _write_text}
