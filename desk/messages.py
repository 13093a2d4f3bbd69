"""duban messages list, show: what was sent to whom, why, and whether it left."""

from __future__ import annotations

from datetime import date

from desk.fates import fate
from desk.lives import history, line_cells
from desk.speech import Answer, Table
from desk.vocabulary import MESSAGE_KINDS, MESSAGE_STATES
from desk.which_messages import conditions
from desk.workplace import Desk
from ledger.correspondence import MessageRow, count_messages, last_messages, message_rows
from ledger.finding import find_message
from ledger.message_life import life_of

HEADINGS = ("编号", "种类", "发给", "状态", "应发", "发出", "次数", "条数", "结果", "标题")
LINE_HEADINGS = ("种类", "岗位", "单位", "内容", "期限", "为什么发给他", "没有写入的原因")
STEP_HEADINGS = ("时间", "经过")


def show_all(
    desk: Desk,
    unit: str | None,
    person: str | None,
    campaign: str | None,
    kind: str | None,
    state: str | None,
    first: date | None,
    last: date | None,
    newest: int,
) -> Answer:
    """The newest messages of those that meet the conditions, and how many these are."""
    where = conditions(desk, unit, person, campaign, kind, state, first, last)
    rows = message_rows(desk.session, last_messages(desk.session, where, newest))
    # Who sees them all need not have them counted.
    there = count_messages(desk.session, where) if len(rows) == newest else len(rows)
    said = f"共 {there} 条。"
    if there > len(rows):
        said = (
            f"共 {there} 条，只列出最近的 {len(rows)} 条；要看更多，请加 --last 条数，或缩小范围。"
        )
    return Answer(rows, [Table(HEADINGS, [_cells(row) for row in rows]), said])


def show_one(desk: Desk, number: int) -> Answer:
    """The whole life of one message."""
    life = life_of(desk.session, find_message(desk.session, number))
    message = life.message
    title = f"第 {message.id} 号消息（{MESSAGE_KINDS[message.kind]}），发给 {message.to}："
    lines = Table(LINE_HEADINGS, [line_cells(line) for line in life.items], "写了哪些事：")
    said: list[str | Table] = [Table(STEP_HEADINGS, history(life, desk.calendar), title)]
    # Where what it said was taken into another message, no line is left.
    said += [f"现在：{fate(message)}。", *([lines] if life.items else [])]
    if life.body:
        said.append(f"\n标题：{message.subject}\n\n{life.body}")
    return Answer(life, said)


def _cells(row: MessageRow) -> tuple[object, ...]:
    return (
        *(row.id, MESSAGE_KINDS[row.kind], row.to, MESSAGE_STATES[row.state], row.leaves_at),
        *(row.sent_at, row.attempts, row.lines, fate(row), row.subject),
    )
