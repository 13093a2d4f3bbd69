"""duban messages: what was sent to whom, why, and whether it left."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from desk.speech import Answer, Table
from desk.vocabulary import ITEM_KINDS, MESSAGE_KINDS, MESSAGE_STATES
from desk.workplace import Desk
from ledger.correspondence import (
    ItemRow,
    Life,
    MessageRow,
    about_campaign,
    life_of,
    message_rows,
    to_unit,
)
from ledger.finding import find_campaign, find_message, find_unit
from ledger.messages import Message, MessageKind, MessageState
from ledger.units import Person

HEADINGS = ("编号", "种类", "发给", "状态", "应发", "发出", "次数", "条数", "原因", "标题")
ITEM_HEADINGS = ("种类", "层级", "岗位", "单位", "内容", "期限", "因为", "未写入的原因")


def show_all(
    desk: Desk,
    campaign: str | None,
    unit: str | None,
    person: str | None,
    state: str | None,
    kind: str | None,
) -> Answer:
    """The messages, narrowed down."""
    where: list[ColumnElement[bool]] = []
    if campaign:
        where.append(about_campaign(find_campaign(desk.session, campaign)))
    if unit:
        where.append(to_unit(find_unit(desk.session, unit)))
    if person:
        where.append(Person.name == person)
    if state:
        where.append(Message.state == MessageState(state))
    if kind:
        where.append(Message.kind == MessageKind(kind))
    rows = message_rows(desk.session, where)
    return Answer(rows, [Table(HEADINGS, [_cells(row) for row in rows]), f"共 {len(rows)} 条。"])


def show_one(desk: Desk, number: int) -> Answer:
    """The whole life of one message."""
    life = life_of(desk.session, find_message(desk.session, number))
    items = Table(ITEM_HEADINGS, [_item_cells(item) for item in life.items], "写了哪些事：")
    said: list[str | Table] = [_history(life), items]
    if life.body:
        said.append(f"\n标题：{life.message.subject}\n\n{life.body}")
    return Answer(life, said)


def _cells(row: MessageRow) -> tuple[object, ...]:
    return (
        *(row.id, MESSAGE_KINDS[row.kind], row.to, MESSAGE_STATES[row.state], row.leaves_at),
        *(row.sent_at, row.attempts, row.lines, row.reason, row.subject),
    )


def _history(life: Life) -> Table:
    message = life.message
    steps = [
        ("发给", f"{message.to} {life.email or '（没有邮箱）'}"),
        ("种类", MESSAGE_KINDS[message.kind]),
        ("去重键", life.key),
        ("写下", message.created_at),
        ("日程轮", life.round_day),
        ("应发", message.leaves_at),
        ("发送中，自", life.sending_since),
        ("尝试次数", message.attempts),
        ("发出", message.sent_at),
        ("状态", MESSAGE_STATES[message.state]),
        ("原因", message.reason),
    ]
    return Table(("消息", str(message.id)), [step for step in steps if step[1] is not None])


def _item_cells(item: ItemRow) -> tuple[object, ...]:
    rung = f"{item.ladder} {item.rung}" if item.rung is not None else ""
    repeat = f"（第 {item.repeat + 1} 次）" if item.repeat else ""
    return (
        *(ITEM_KINDS[item.kind], rung + repeat, item.role, item.unit),
        *(item.what, item.due, item.why, item.dropped),
    )
