"""Trying again what has failed, once the cause is mended: by the office's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ledger.audit import Act, Actor, record
from ledger.errors import Refused
from ledger.messages import MESSAGE_MOVES, Message, MessageState
from ledger.states import move
from ledger.workdays import WorkCalendar


def failed_for_good(session: Session) -> list[Message]:
    """The messages that failed and were carried on to nobody."""
    carried = aliased(Message)
    alone = ~select(carried.id).where(carried.origin_id == Message.id).exists()
    rows = select(Message).where(Message.state == MessageState.FAILED, alone)
    return list(session.scalars(rows.order_by(Message.id)))


def retry(session: Session, message: Message, by: Actor, now: datetime, cal: WorkCalendar) -> None:
    """The message is ready once more; a daily one of an earlier day goes with the next round.

    Raises IllegalMove when it has not failed, Refused when another heard instead.
    """
    message.state = move(f"消息 {message.id} ", message.state, MessageState.READY, MESSAGE_MOVES)
    other = session.scalar(select(Message).where(Message.origin_id == message.id).limit(1))
    if other is not None:
        raise Refused(
            f"消息 {message.id} 已改发给{other.person.name}（消息 {other.id}），不必再发。"
        )
    message.attempts, message.leaves_at = 0, cal.leaves_at(now)
    note = f"消息 {message.id}（{message.person.name}）：{message.reason or ''}"
    record(session, by, Act.RETRIED, now, campaign_id=message.campaign_id, note=note)
