"""The storm brake: a round that would tell far more people than usual waits for the office's word.

What is usual is the largest of the last rounds that told anybody, so that the day of the weekly
lists and a day of many due dates set the measure. A ledger with little history is not braked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, null, select, update
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.errors import Refused
from ledger.keys import key
from ledger.messages import (
    Item,
    ItemKind,
    Message,
    MessageKind,
    MessageState,
    Round,
)
from ledger.recipients import office
from ledger.sql import changed
from ledger.telling import News, tell_one_at_once
from ledger.workdays import WorkCalendar

LOOKED_BACK = 20
"""Rounds that say what is usual."""

ENOUGH = 3
"""Rounds that must have told somebody before anything can be unusual."""


@dataclass(frozen=True)
class Brake:
    """Held is a round of more than `times` the usual messages, if they are at least `least`.

    0 times: nothing is ever held.
    """

    times: int
    least: int


@dataclass(frozen=True)
class Storm:
    """What a round was about to send: how many messages, and how many the largest before had."""

    messages: int
    usual: int

    @property
    def why(self) -> str:
        """Why it is held."""
        return f"这一轮要发 {self.messages} 条消息，以往最多的一轮是 {self.usual} 条"


def storm_in(session: Session, current: Round, brake: Brake) -> Storm | None:
    """What is unusual about the messages this round has drafted; None when nothing is."""
    drafted = session.scalar(
        select(func.count(Message.id)).where(
            Message.round_id == current.id, Message.state == MessageState.DRAFT
        )
    )
    if not drafted or drafted < brake.least or brake.times == 0:
        return None
    earlier = _sizes(session, current)
    if len(earlier) < ENOUGH or drafted <= brake.times * max(earlier):
        return None
    return Storm(drafted, max(earlier))


def _sizes(session: Session, current: Round) -> list[int]:
    """How many messages the last rounds sent that sent any and were not held."""
    rounds = (
        select(Message.round_id, func.count(Message.id).label("messages"))
        .join(Round, Round.id == Message.round_id)
        .where(
            Round.id < current.id,
            Round.held_why.is_(null()),
            Message.origin_id.is_(null()),
        )
        .group_by(Message.round_id)
        .order_by(Message.round_id.desc())
        .limit(LOOKED_BACK)
    )
    return [messages for _, messages in session.execute(rounds)]


def hold(session: Session, current: Round, storm: Storm, cal: WorkCalendar) -> None:
    """The drafts of the round are held, and the office is asked at once."""
    current.held_why = storm.why
    _turn(session, current, MessageState.DRAFT, MessageState.HELD, None)
    why = (
        f"{storm.why}，已暂停。请先看 duban messages held；"
        "无误则 duban messages release 放行，有误则 duban messages drop --reason 理由 作废。"
    )
    news = News(ItemKind.HELD, key("held", current.id), why, {})
    asked = {post.person_id: post for post in office(session, current.day)}
    for post in asked.values():
        tell_one_at_once(session, MessageKind.HELD, news, post, current.at, cal)


def held_round(session: Session) -> Round:
    """The round whose messages wait for a word; raises Refused when there is none."""
    waiting = select(Message.round_id).where(Message.state == MessageState.HELD).limit(1)
    id = session.scalar(waiting)
    if id is None:
        raise Refused("没有被暂停的消息。")
    return session.get_one(Round, id)


def release(session: Session, by: Actor, now: datetime) -> tuple[Round, int]:
    """The held messages may leave; the round and how many. Raises Refused when none is held."""
    current = held_round(session)
    number = _turn(session, current, MessageState.HELD, MessageState.READY, None)
    current.released_at = now
    record(session, by, Act.RELEASED, now, note=f"{current.day} 的 {number} 条消息放行")
    return current, number


def drop(session: Session, by: Actor, reason: str, now: datetime) -> tuple[Round, int]:
    """The held messages never leave. Raises Refused without a reason, or when none is held."""
    if not reason.strip():
        raise Refused("作废要写明理由。")
    current = held_round(session)
    why = f"活动办作废：{reason.strip()}"
    number = _turn(session, current, MessageState.HELD, MessageState.SKIPPED, why)
    note = f"{current.day} 的 {number} 条消息作废：{reason.strip()}"
    record(session, by, Act.DROPPED, now, note=note)
    return current, number


def _turn(
    session: Session, current: Round, was: MessageState, to: MessageState, why: str | None
) -> int:
    turned = (
        update(Message)
        .where(Message.round_id == current.id, Message.state == was)
        .values(state=to, reason=why)
        .execution_options(synchronize_session=False)
    )
    return changed(session, turned)


def held_lines(session: Session, current: Round) -> list[tuple[ItemKind, int, int]]:
    """What the held messages say: per kind of line how many lines, to how many people."""
    rows = session.execute(
        select(Item.kind, func.count(Item.id), func.count(func.distinct(Item.person_id)))
        .join(Message, Message.id == Item.message_id)
        .where(Message.round_id == current.id, Message.state == MessageState.HELD)
        .group_by(Item.kind)
        .order_by(func.count(Item.id).desc())
    )
    return [(kind, lines, persons) for kind, lines, persons in rows]
